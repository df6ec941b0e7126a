import { Duplex } from 'node:stream';

export interface Endpoint {
  ip: string;
  port: number;
}

/** Bytes on their way before a writer waits, as Linux' initial window of 64 KiB. */
const WINDOW_BYTES = 65_536;

/**
 * Prompt deliveries before one waits for the next turn of the event loop: two programs of one process that answer each
 * other without end must leave time for the world.
 */
const PROMPT_DELIVERIES = 32;
let promptDeliveries = 0;

/** An error with the code that the kernel would give: `ECONNRESET`, `ECONNREFUSED`, `ETIMEDOUT`. */
export class NetworkError extends Error {
  override name = 'NetworkError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * One end of a TCP connection inside the process. It closes as the kernel closes: `end()` sends FIN,
 * `resetAndDestroy()` sends RST, and `destroy()` sends FIN, or RST when bytes of the peer were left unread. That last
 * rule is why a sidecar that refuses what it only peeked at looks like "Connection reset by peer" to its client.
 *
 * Everything arrives one turn of the event loop after it was sent, in order: node:tls drops the alert of a failed
 * handshake when the peer answers before its own write has returned. {@link hurry} takes that turn away.
 *
 * Not `stream.duplexPair`: there the peer never hears of `destroy()` and waits for ever.
 */
export class Connection extends Duplex {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  #peer: Connection | null = null;
  /** Completes the peer's write once this end reads again. */
  #resumePeer: (() => void) | null = null;
  /** Bytes of the peer on their way here. */
  #incoming = 0;
  /** Pieces of them that wait for the next turn; those behind wait as well. */
  #late = 0;
  #isPrompt = false;
  #resetting = false;
  #peerEnded = false;

  constructor(local: Endpoint, remote: Endpoint) {
    super({ allowHalfOpen: true, highWaterMark: WINDOW_BYTES });
    this.local = local;
    this.remote = remote;
  }

  /**
   * The two ends of a new connection; the first is the client's.
   * @param dialled where the client thinks it is, when that is a cluster IP and not the server's own address
   */
  static pair(client: Endpoint, server: Endpoint, dialled: Endpoint = server): [Connection, Connection] {
    const near = new Connection(client, dialled);
    const far = new Connection(server, client);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  // What node:http and node:tls read from a net.Socket.
  get remoteAddress(): string {
    return this.remote.ip;
  }
  get remotePort(): number {
    return this.remote.port;
  }
  get localAddress(): string {
    return this.local.ip;
  }
  get localPort(): number {
    return this.local.port;
  }

  // node:http asks for these of any socket; there is nothing to keep alive or to delay here.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  /**
   * From now on bytes arrive, in both directions, as soon as whoever sent them has returned. For connections that carry
   * no handshake, or none any more: a turn of the event loop costs as much as a request's routing.
   */
  hurry(): void {
    this.#isPrompt = true;
    if (this.#peer !== null) this.#peer.#isPrompt = true;
  }

  /** Sends RST: the peer's reads and writes fail with ECONNRESET. */
  resetAndDestroy(): this {
    this.#resetting = true;
    return this.destroy();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const peer = this.#peer;
    if (peer === null || peer.destroyed || peer.#peerEnded) {
      // The kernel takes bytes for a closed peer; the answer to them is a RST, seen once FIN was read.
      callback(this.readableEnded ? new NetworkError('EPIPE', 'write EPIPE') : null);
      return;
    }
    const hasRoom = peer.readableLength + peer.#incoming < peer.readableHighWaterMark;
    peer.#incoming += chunk.length;
    if (this.#isPrompt && peer.#late === 0 && promptDeliveries < PROMPT_DELIVERIES) {
      promptDeliveries += 1;
      process.nextTick(Connection.#deliver, peer, chunk);
    } else {
      peer.#late += 1;
      setImmediate(Connection.#deliverLate, peer, chunk);
    }
    if (hasRoom) callback();
    else peer.#resumePeer = callback;
  }

  static #deliver(peer: Connection, chunk: Buffer): void {
    peer.#incoming -= chunk.length;
    if (!peer.destroyed && !peer.#peerEnded) peer.push(chunk);
  }

  static #deliverLate(peer: Connection, chunk: Buffer): void {
    promptDeliveries = 0;
    peer.#late -= 1;
    Connection.#deliver(peer, chunk);
  }

  override _read(): void {
    const resume = this.#resumePeer;
    this.#resumePeer = null;
    resume?.();
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#sendEnd();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const peer = this.#peer;
    const resumePeer = this.#resumePeer;
    this.#resumePeer = null;
    // Bytes of the peer that nobody read: in this buffer, or still on their way.
    const unread = this.readableLength > 0 || this.#incoming > 0 || resumePeer !== null;
    if (peer !== null && !peer.destroyed) {
      if (this.#resetting || unread) sendReset(peer);
      else this.#sendEnd();
    }
    resumePeer?.();
    callback(error);
  }

  #sendEnd(): void {
    const peer = this.#peer;
    setImmediate(() => {
      if (peer === null || peer.destroyed || peer.#peerEnded) return;
      peer.#peerEnded = true;
      peer.push(null);
    });
  }
}

function sendReset(peer: Connection): void {
  setImmediate(() => peer.destroy(new NetworkError('ECONNRESET', 'read ECONNRESET')));
}
