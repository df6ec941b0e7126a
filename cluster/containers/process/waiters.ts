/** Promises that resolve together at the next `wake`. */
export class Waiters {
  #promise: Promise<void> | null = null;
  #resolve: (() => void) | null = null;

  wait(): Promise<void> {
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#promise;
  }

  wake(): void {
    const resolve = this.#resolve;
    this.#promise = null;
    this.#resolve = null;
    resolve?.();
  }
}
