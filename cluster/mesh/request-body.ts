import type { ClientRequest, IncomingMessage } from 'node:http';

/** Envoy keeps a body for retries up to its buffer's limit (1 MiB). */
const REPLAY_BYTES = 1024 * 1024;

/** The body of a request on its way to one upstream after the other. */
export class RequestBody {
  readonly #incoming: IncomingMessage;
  readonly #isEmpty: boolean;
  #kept: Buffer[] = [];
  #bytes = 0;
  #target: ClientRequest | null = null;
  #started = false;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    const { headers } = incoming;
    this.#isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
  }

  /** Bytes that the client has sent so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get canReplay(): boolean {
    return this.#bytes <= REPLAY_BYTES;
  }

  /** Sends what came so far and what is to come; an earlier target gets no more. */
  sendTo(target: ClientRequest): void {
    if (this.#isEmpty) {
      if (!this.#started) this.#incoming.resume();
      this.#started = true;
      target.end();
      return;
    }
    if (this.#target !== null) this.#incoming.unpipe(this.#target);
    this.#target = target;
    if (!this.#started) {
      this.#started = true;
      this.#incoming.on('data', (chunk: Buffer) => {
        this.#bytes += chunk.length;
        if (this.canReplay) this.#kept.push(chunk);
        else this.#kept = [];
      });
    }
    for (const chunk of this.#kept) target.write(chunk);
    if (this.#incoming.readableEnded) target.end();
    else this.#incoming.pipe(target);
  }
}
