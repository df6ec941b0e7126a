import type { Duplex } from 'node:stream';
import type { HeaderChange } from './header-operations.ts';
import type { SentRequest } from './sent-request.ts';
import type { HttpExchange } from './http-front.ts';
import { HttpHeaders } from './http-headers.ts';
import type { Framing, RequestHead, ResponseHead } from './http-message.ts';

/** Headers that belong to one connection and are never passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
  'http2-settings',
]);

/** The headers of a request to an upstream, before its proxy's own are set. */
export function passedOn(request: RequestHead): HttpHeaders {
  return request.headers.without(dropsOf(request.headers));
}

/** The head of a request to an upstream. `headers` as {@link passedOn} gave them, with what was changed since. */
export function requestText(request: RequestHead, path: string, headers: HttpHeaders): string {
  let last = '';
  if (request.headers.has('transfer-encoding')) last = 'transfer-encoding: chunked\r\n';
  const upgrade = upgradeOf(request);
  if (upgrade !== null) last += `connection: Upgrade\r\nupgrade: ${upgrade}\r\n`;
  return `${request.method} ${path} HTTP/1.1\r\n${headers.toString()}${last}\r\n`;
}

/** The headers of an answer to a client, before its proxy's own are set. */
export function passedBack({ headers }: ResponseHead, now: number): HttpHeaders {
  const result = headers.without(dropsOf(headers));
  if (!result.has('date')) result.append('date', dateText(now));
  return result;
}

/** Changes headers as a route wants it. */
export function applyChanges(changes: readonly HeaderChange[], headers: HttpHeaders): void {
  for (const { name, value, append } of changes) {
    if (value === null) headers.remove(name);
    else if (append) headers.append(name, value);
    else headers.set(name, value);
  }
}

/** An answer on its way from an upstream to the client. */
export class Relay {
  /** Of the body. */
  bytes = 0;
  readonly #exchange: HttpExchange;
  readonly #sent: SentRequest;
  readonly #done: (relay: Relay, cut: 'upstream' | 'client' | null) => void;
  #isOver = false;

  /**
   * @param headers as {@link passedBack} gave them, with what was changed since
   * @param done told once, when the answer is sent or cut off: by the upstream, or because the client has gone
   */
  constructor(
    exchange: HttpExchange,
    sent: SentRequest,
    { status, headers, framing }: { status: number; headers: HttpHeaders; framing: Framing },
    done: (relay: Relay, cut: 'upstream' | 'client' | null) => void,
  ) {
    this.#exchange = exchange;
    this.#sent = sent;
    this.#done = done;
    exchange.onAbandoned = () => this.#finish('client');
    exchange.onDrain = () => sent.resume();
    exchange.begin(status, headers, framing.kind === 'until-close' ? { kind: 'chunked' } : framing);
    if (framing.kind === 'none') this.end();
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#exchange.data(chunk);
    if (this.#exchange.isFull) this.#sent.pause();
  }

  end(): void {
    this.#exchange.end();
    this.#finish(null);
  }

  failed(): void {
    this.#exchange.destroy();
    this.#finish('upstream');
  }

  #finish(cut: 'upstream' | 'client' | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.onAbandoned = null;
    if (cut === 'client') this.#sent.abort();
    this.#done(this, cut);
  }
}

/**
 * Joins a client with an upstream that has taken its upgrade.
 * @param headers as {@link passedBack} gave them, with what was changed since
 * @param done told of the bytes to the client once it is over
 */
export function relayUpgrade(
  exchange: HttpExchange,
  headers: HttpHeaders,
  upstream: { head: ResponseHead; stream: Duplex; rest: Buffer | null },
  done: (bytes: number) => void,
): void {
  const { head, stream, rest } = upstream;
  let bytes = rest?.length ?? 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  stream.once('close', () => done(bytes));
  headers.append('connection', 'Upgrade');
  headers.append('upgrade', head.headers.get('upgrade') ?? '');
  exchange.onAbandoned = null;
  exchange.tunnel(headers, stream, rest);
}

/** A response of the proxy's own. */
export function localReply(
  exchange: HttpExchange,
  reply: {
    status: number;
    body: string;
    server: string;
    now: number;
    headers?: Readonly<Record<string, string>>;
  },
): void {
  if (exchange.hasBegun || exchange.abandoned !== null) return;
  exchange.onAbandoned = null;
  const body = Buffer.from(reply.body);
  const headers = new HttpHeaders(['content-length', String(body.length)]);
  if (body.length > 0) headers.append('content-type', 'text/plain');
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.set(name, value);
  headers.append('date', dateText(reply.now));
  headers.append('server', reply.server);
  exchange.begin(reply.status, headers, { kind: 'length', bytes: body.length });
  if (exchange.request.method !== 'HEAD') exchange.data(body);
  exchange.end();
}

/** The last text of `date` and its second: many answers fall into one. */
let lastDate = { second: Number.NaN, text: '' };

function dateText(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== lastDate.second) lastDate = { second, text: new Date(now).toUTCString() };
  return lastDate.text;
}

const isHopByHop = (name: string): boolean => HOP_BY_HOP.has(name);

/** What the `connection` header names besides belongs to the connection as well. */
function dropsOf(headers: HttpHeaders): (name: string) => boolean {
  const connection = headers.get('connection')?.toLowerCase();
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return isHopByHop;
  const named = new Set(connection.split(',').map((name) => name.trim()));
  return (name) => HOP_BY_HOP.has(name) || (named.has(name) && name !== 'host' && name !== 'content-length');
}

/** The protocol that a client wants to change to; null for none, and for HTTP/2, which Envoy passes over. */
export function upgradeOf({ headers }: RequestHead): string | null {
  const wanted = headers.get('upgrade');
  if (wanted === undefined || !/\bupgrade\b/i.test(headers.get('connection') ?? '')) return null;
  return wanted.toLowerCase() === 'h2c' ? null : wanted;
}
