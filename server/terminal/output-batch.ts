/** So much output within {@link WINDOW_MS} goes out at once: the echo of a key must not wait. */
const PROMPT_BYTES = 1024;
const WINDOW_MS = 4;
/** More is a flood, and waits for so long or for so much: fewer, larger frames. */
const BATCH_MS = 2;
const BATCH_BYTES = 32 * 1024;

/** Joins the pieces, 4 KiB at most, in which a pty gives its output. */
export class OutputBatch {
  readonly #deliver: (data: Uint8Array) => void;
  readonly #now: () => number;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | null = null;
  #windowStart = -Infinity;
  #windowBytes = 0;

  /** @param now milliseconds that never run backwards. */
  constructor(deliver: (data: Uint8Array) => void, now: () => number = () => performance.now()) {
    this.#deliver = deliver;
    this.#now = now;
  }

  push(piece: Uint8Array): void {
    const now = this.#now();
    const isFirst = now - this.#windowStart >= WINDOW_MS;
    if (isFirst) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += piece.length;
    const isPrompt = this.#pieces.length === 0 && (isFirst || this.#windowBytes <= PROMPT_BYTES);
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (isPrompt || this.#length >= BATCH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pieces.length === 0) return;
    const data = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    this.#deliver(data);
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pieces = [];
    this.#length = 0;
  }
}
