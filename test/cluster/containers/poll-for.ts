/** Looks again at each turn until `state` is true. @throws Error after 30 s, naming what was waited for */
export async function pollFor(what: string, state: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!state()) {
    if (Date.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
