export const CTRL_C = '\x03';
/**
 * A Ctrl-C can miss: a program that bash has not put into the foreground yet, or readline while it handles a key
 * (8.2 then waits for the next). A person would press it again as well.
 */
const AGAIN_MS = 500;

/** Presses Ctrl-C, and again until it is told to stop. */
export class CtrlC {
  readonly #send: (keys: string) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(send: (keys: string) => void) {
    this.#send = send;
  }

  press(): void {
    this.#send(CTRL_C);
    this.#timer ??= setInterval(() => this.#send(CTRL_C), AGAIN_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
