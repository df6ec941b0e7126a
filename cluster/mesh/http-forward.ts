import type { Duplex } from 'node:stream';
import type { HeaderChange } from './header-operations.ts';
import type { AnswerSink, HttpPool, SentRequest } from './http-client.ts';
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

export interface SendOptions {
  pool: HttpPool;
  /** Of the pool. */
  key: string;
  dial: () => Promise<Duplex>;
  /** With its query. */
  path: string;
  /** Request headers to add, to replace or, with null, to remove; lower case. */
  headers: Readonly<Record<string, string | null>>;
  /** Further changes, after `headers`. */
  changes?: readonly HeaderChange[];
  /** A copy for a mirror. */
  isCopy?: boolean;
}

/** An answer that has begun. */
export interface Answer {
  status: number;
  headers: HttpHeaders;
  framing: Framing;
  /** Passes body, end and failure to `sink` from now on. Called once, in the turn the answer came. */
  readTo(sink: Pick<AnswerSink, 'data' | 'end' | 'failed'>): void;
  pause(): void;
  resume(): void;
  /** Reads on and drops everything. */
  drop(): void;
  /** Set where the upstream has taken an upgrade: HTTP is over. */
  upgraded: { stream: Duplex; rest: Buffer | null } | null;
}

/**
 * Sends one request on, with Envoy's treatment of headers.
 * @param told of the answer's head, or of the failure when none came; not at all once the request was aborted
 */
export function sendRequest(
  exchange: HttpExchange,
  options: SendOptions,
  told: { answered(answer: Answer): void; failed(error: Error): void },
): SentRequest {
  let body: Pick<AnswerSink, 'data' | 'end' | 'failed'> | null = null;
  let begun = false;
  const answer = (head: ResponseHead, framing: Framing, upgraded: Answer['upgraded']): Answer => ({
    status: head.status,
    headers: head.headers,
    framing,
    readTo: (sink) => {
      body = sink;
    },
    pause: () => sent.pause(),
    resume: () => sent.resume(),
    drop: () => {
      body = null;
    },
    upgraded,
  });
  const sent = options.pool.send(
    options.key,
    options.dial,
    {
      method: exchange.request.method,
      head: `${exchange.request.method} ${options.path} HTTP/1.1\r\n${requestHeaders(
        exchange.request,
        options.headers,
        options.changes ?? [],
      ).toString()}\r\n`,
      body: exchange.body,
      isCopy: options.isCopy === true,
    },
    {
      head(head, framing) {
        begun = true;
        told.answered(answer(head, framing, null));
      },
      data: (chunk) => body?.data(chunk),
      end: () => body?.end(),
      upgraded: (head, stream, rest) => told.answered(answer(head, { kind: 'tunnel' }, { stream, rest })),
      failed(error) {
        if (begun) body?.failed(error);
        else told.failed(error);
      },
    },
  );
  return sent;
}

export interface RelayOptions {
  /** Response headers to add or to replace; null removes one. */
  headers: Readonly<Record<string, string | null>>;
  changes?: readonly HeaderChange[];
  now: number;
  /** Told once of the bytes of the body, when it is sent or cut off: by the upstream, or because the client has gone. */
  done(bytes: number, cut: 'upstream' | 'client' | null): void;
}

/** Passes an answer back. */
export function relayAnswer(answer: Answer, exchange: HttpExchange, options: RelayOptions): void {
  const headers = responseHeaders(answer.headers, options);
  if (answer.upgraded !== null) {
    const { stream, rest } = answer.upgraded;
    let bytes = rest?.length ?? 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.once('close', () => options.done(bytes, null));
    headers.append('connection', 'Upgrade');
    headers.append('upgrade', answer.headers.get('upgrade') ?? '');
    exchange.tunnel(headers, stream, rest);
    return;
  }
  const framing: Framing = answer.framing.kind === 'until-close' ? { kind: 'chunked' } : answer.framing;
  let bytes = 0;
  exchange.onAbandoned = () => options.done(bytes, 'client');
  exchange.begin(answer.status, headers, framing);
  const finish = (): void => {
    exchange.onAbandoned = null;
    exchange.end();
    options.done(bytes, null);
  };
  if (framing.kind === 'none') {
    finish();
    return;
  }
  exchange.onDrain = () => answer.resume();
  answer.readTo({
    data(chunk) {
      bytes += chunk.length;
      exchange.data(chunk);
      if (exchange.isFull) answer.pause();
    },
    end: finish,
    failed() {
      exchange.onAbandoned = null;
      exchange.destroy();
      options.done(bytes, 'upstream');
    },
  });
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

/** What the `connection` header names besides belongs to the connection as well. */
function dropsOf(headers: HttpHeaders): (name: string) => boolean {
  const connection = headers.get('connection')?.toLowerCase();
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') {
    return (name) => HOP_BY_HOP.has(name);
  }
  const named = new Set(connection.split(',').map((name) => name.trim()));
  return (name) => HOP_BY_HOP.has(name) || (named.has(name) && name !== 'host' && name !== 'content-length');
}

/** The protocol that a client wants to change to; null for none, and for HTTP/2, which Envoy passes over. */
export function upgradeOf({ headers }: RequestHead): string | null {
  const wanted = headers.get('upgrade');
  if (wanted === undefined || !/\bupgrade\b/i.test(headers.get('connection') ?? '')) return null;
  return wanted.toLowerCase() === 'h2c' ? null : wanted;
}

function requestHeaders(
  request: RequestHead,
  overrides: Readonly<Record<string, string | null>>,
  changes: readonly HeaderChange[],
): HttpHeaders {
  const result = request.headers.without(dropsOf(request.headers));
  for (const name in overrides) {
    const value = overrides[name] as string | null;
    if (value === null) result.remove(name);
    else result.set(name, value);
  }
  apply(changes, result);
  if (request.headers.has('transfer-encoding')) result.append('transfer-encoding', 'chunked');
  const upgrade = upgradeOf(request);
  if (upgrade !== null) {
    result.append('connection', 'Upgrade');
    result.append('upgrade', upgrade);
  }
  return result;
}

function responseHeaders(from: HttpHeaders, { headers, changes = [], now }: RelayOptions): HttpHeaders {
  const drops = dropsOf(from);
  const result = from.without((name) => headers[name] !== undefined || drops(name));
  if (headers['x-envoy-decorator-operation'] === null) result.remove('x-envoy-decorator-operation');
  if (!result.has('date')) result.append('date', dateText(now));
  for (const name in headers) {
    const value = headers[name] as string | null;
    if (value !== null) result.append(name, value);
  }
  apply(changes, result);
  return result;
}

function apply(changes: readonly HeaderChange[], headers: HttpHeaders): void {
  for (const { name, value, append } of changes) {
    if (value === null) headers.remove(name);
    else if (append) headers.append(name, value);
    else headers.set(name, value);
  }
}
