/** Looks again at each turn until `state` is true. @throws Error after 10 s, naming what was waited for */
export async function pollFor(what: string, state: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!state()) {
    if (Date.now() > deadline) throw new Error(`waited 10 s for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
