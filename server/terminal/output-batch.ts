/** Output after this much silence goes out at once, so that an echoed key does not wait. */
const IDLE_MS = 4;
/** Output in a flood waits this long for more, at most {@link BATCH_BYTES} of it: fewer, larger frames. */
const BATCH_MS = 2;
const BATCH_BYTES = 32 * 1024;

/** Joins the pieces, 4 KiB at most, in which a pty gives its output. */
export class OutputBatch {
  readonly #deliver: (data: Uint8Array) => void;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | null = null;
  #lastPiece = -Infinity;

  constructor(deliver: (data: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  push(piece: Uint8Array): void {
    const now = performance.now();
    const idle = now - this.#lastPiece >= IDLE_MS;
    this.#lastPiece = now;
    this.#pieces.push(piece);
    this.#length += piece.length;
    if ((idle && this.#pieces.length === 1) || this.#length >= BATCH_BYTES) this.flush();
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
