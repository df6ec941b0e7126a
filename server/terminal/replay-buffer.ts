const FIRST_CAPACITY = 4 * 1024;

/** The last bytes of a stream, addressed by their offset in it. Takes memory as it fills, up to `limit` bytes. */
export class ReplayBuffer {
  readonly #limit: number;
  readonly #onDrop: (bytes: Uint8Array) => void;
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  /**
   * @param limit bytes that are kept, the oldest dropped first; 0 keeps none.
   * @param onDrop is given what is dropped, in order, as a view that does not stay.
   */
  constructor(limit: number, onDrop: (bytes: Uint8Array) => void = () => {}) {
    this.#limit = limit;
    this.#onDrop = onDrop;
  }

  /** Offset of the oldest byte that is kept. */
  get start(): number {
    return this.#start;
  }

  /** Offset behind the last byte: how many bytes the stream had so far. */
  get end(): number {
    return this.#end;
  }

  append(data: Uint8Array): void {
    this.#reserve(Math.min(this.#limit, this.#end - this.#start + data.length));
    const kept = data.length > this.#limit ? data.subarray(data.length - this.#limit) : data;
    this.#drop(data);
    this.#end += data.length;
    this.#start = Math.max(this.#start, this.#end - this.#limit);
    if (kept.length === 0) return;
    // A byte lies at its offset modulo the capacity, so nothing moves when old bytes are overwritten.
    const at = (this.#end - kept.length) % this.#bytes.length;
    const first = Math.min(kept.length, this.#bytes.length - at);
    this.#bytes.set(kept.subarray(0, first), at);
    this.#bytes.set(kept.subarray(first), 0);
  }

  /** A copy of everything from `offset` on; null when that is not kept any more, or not written yet. */
  since(offset: number): Buffer | null {
    if (!(offset >= this.#start && offset <= this.#end)) return null;
    const result = Buffer.allocUnsafe(this.#end - offset);
    if (result.length === 0) return result;
    const at = offset % this.#bytes.length;
    const first = Math.min(result.length, this.#bytes.length - at);
    this.#bytes.copy(result, 0, at, at + first);
    this.#bytes.copy(result, first, 0, result.length - first);
    return result;
  }

  /** Reports what `data` pushes out: the oldest of what is here, then the beginning of `data` itself. */
  #drop(data: Uint8Array): void {
    const excess = this.#end - this.#start + data.length - this.#limit;
    if (excess <= 0) return;
    const old = Math.min(excess, this.#end - this.#start);
    const at = old === 0 ? 0 : this.#start % this.#bytes.length;
    const first = Math.min(old, this.#bytes.length - at);
    if (first > 0) this.#onDrop(this.#bytes.subarray(at, at + first));
    if (old > first) this.#onDrop(this.#bytes.subarray(0, old - first));
    if (excess > old) this.#onDrop(data.subarray(0, excess - old));
  }

  #reserve(wanted: number): void {
    if (wanted <= this.#bytes.length) return;
    const old = this.since(this.#start)!;
    const capacity = Math.min(this.#limit, Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(wanted))));
    this.#bytes = Buffer.allocUnsafe(capacity);
    const at = this.#start % capacity;
    const first = Math.min(old.length, capacity - at);
    old.copy(this.#bytes, at, 0, first);
    old.copy(this.#bytes, 0, first);
  }
}
