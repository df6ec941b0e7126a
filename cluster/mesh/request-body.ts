import type { Framing } from './http-message.ts';

/** Envoy keeps a body for retries up to its buffer's limit (1 MiB). */
const REPLAY_BYTES = 1024 * 1024;

/** Where a body goes. */
export interface BodyTarget {
  data(chunk: Buffer): void;
  end(): void;
  /** Whether it wants no more for the moment; `BodySource.flow` is called when it does again. */
  readonly isFull: boolean;
}

/** Lets the client send, or makes it wait. */
export interface BodySource {
  pause(): void;
  resume(): void;
}

/** The body of a request on its way to one upstream after the other, and to mirrors beside. */
export class RequestBody {
  readonly framing: Framing;
  readonly #source: BodySource;
  #kept: Buffer[] = [];
  #keepsAll = true;
  #bytes = 0;
  #isComplete: boolean;
  #target: BodyTarget | null = null;
  readonly #copies = new Set<BodyTarget>();

  constructor(framing: Framing, source: BodySource) {
    this.framing = framing;
    this.#source = source;
    this.#isComplete = framing.kind === 'none';
  }

  /** Bytes that the client has sent so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the client has sent all of it. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether another upstream could still get all of it. */
  get canReplay(): boolean {
    return this.#keepsAll;
  }

  /** A piece from the client. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#keepsAll && (this.#target === null || this.#bytes <= REPLAY_BYTES)) this.#kept.push(chunk);
    else this.#forget();
    this.#target?.data(chunk);
    for (const copy of this.#copies) copy.data(chunk);
    this.flow();
  }

  /** The client has sent all. */
  finish(): void {
    this.#isComplete = true;
    this.#target?.end();
    for (const copy of this.#copies) copy.end();
    this.#copies.clear();
  }

  /** Sends what came so far and what is to come; an earlier target gets no more. */
  sendTo(target: BodyTarget): void {
    this.#target = target;
    this.#replay(target);
    if (this.#bytes > REPLAY_BYTES) this.#forget();
    this.flow();
  }

  /** Sends a copy, which nobody waits for. */
  copyTo(target: BodyTarget): void {
    this.#replay(target);
    if (!this.#isComplete) this.#copies.add(target);
  }

  /** An answer has begun: nobody asks again. */
  settle(): void {
    if (this.#target !== null) this.#forget();
  }

  /** Lets the client send, or not, by what the target takes. */
  flow(): void {
    if (this.#isComplete) return;
    const mustWait = this.#target === null ? this.#bytes > REPLAY_BYTES : this.#target.isFull;
    if (mustWait) this.#source.pause();
    else this.#source.resume();
  }

  #replay(target: BodyTarget): void {
    for (const chunk of this.#kept) target.data(chunk);
    if (this.#isComplete) target.end();
  }

  #forget(): void {
    this.#keepsAll = false;
    this.#kept = [];
  }
}
