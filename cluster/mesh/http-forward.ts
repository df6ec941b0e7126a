import {
  request as httpRequest,
  STATUS_CODES,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { HeaderChange } from './header-operations.ts';
import type { RequestBody } from './request-body.ts';

/** Headers that belong to one connection and are never passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade']);

export interface SendOptions {
  body: RequestBody;
  /** Either one connection for this request, or a pool of them. */
  connection: Duplex | null;
  agent: Agent | null;
  /** Tells the pool where to; what {@link Agent.createConnection} gets. */
  target: Record<string, unknown>;
  /** With its query. */
  path: string;
  /** Request headers to add, to replace or, with null, to remove; lower case. */
  headers: Readonly<Record<string, string | null>>;
  /** Further changes, after `headers`. */
  changes?: readonly HeaderChange[];
}

/** A request on its way to an upstream. */
export interface SentRequest {
  /** Resolves with the answer's head. Rejects when none came. */
  answer: Promise<IncomingMessage>;
  /** Whether it went over a connection that had served before, which its other end may have given up meanwhile. */
  isReused(): boolean;
  /** Ends it; nobody waits any more. */
  abort(): void;
}

/** Sends one request on, with Envoy's treatment of headers. */
export function sendRequest(incoming: IncomingMessage, options: SendOptions): SentRequest {
  const { connection } = options;
  let upstream: ClientRequest | undefined;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    upstream = httpRequest({
      method: incoming.method ?? 'GET',
      path: options.path,
      headers: requestHeaders(incoming, options.headers, options.changes ?? []),
      setHost: false,
      insecureHTTPParser: false,
      ...options.target,
      ...(connection === null
        ? { agent: options.agent ?? undefined }
        : { createConnection: () => connection as never }),
    });
    // Envoy says nothing of the connection in either direction; it is kept all the same.
    upstream.removeHeader('connection');
    upstream.on('error', reject);
    upstream.on('response', resolve);
    options.body.sendTo(upstream);
  });
  return { answer, isReused: () => upstream?.reusedSocket === true, abort: () => upstream?.destroy() };
}

export interface RelayOptions {
  /** Response headers to add or to replace; null removes one. */
  headers: Readonly<Record<string, string | null>>;
  changes?: readonly HeaderChange[];
  now: number;
}

/** Passes an answer back. Resolves with the bytes of its body, once it is sent or the client has gone. */
export function relayAnswer(answer: IncomingMessage, response: ServerResponse, options: RelayOptions): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0;
    const status = answer.statusCode ?? 502;
    response.sendDate = false;
    response.removeHeader('connection');
    response.writeHead(status, reasonPhrase(status), responseHeaders(answer, options));
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    answer.on('error', () => response.destroy());
    answer.pipe(response);
    response.on('close', () => {
      // The client went away: there is nobody to answer.
      if (!response.writableFinished) answer.destroy();
      resolve(bytes);
    });
    response.on('finish', () => resolve(bytes));
  });
}

/** A response of the proxy's own. */
export function localReply(
  response: ServerResponse,
  reply: {
    status: number;
    body: string;
    server: string;
    now: number;
    headers?: Readonly<Record<string, string>>;
  },
): void {
  if (response.headersSent || response.destroyed) return;
  response.removeHeader('connection');
  response.sendDate = false;
  const headers: Record<string, string> = {
    ...(reply.body === ''
      ? { 'content-length': '0' }
      : { 'content-length': String(Buffer.byteLength(reply.body)), 'content-type': 'text/plain' }),
    ...reply.headers,
    date: new Date(reply.now).toUTCString(),
    server: reply.server,
  };
  response.writeHead(reply.status, reasonPhrase(reply.status), headers);
  response.end(response.req.method === 'HEAD' ? undefined : reply.body);
}

/** Envoy, source/common/http/codes.cc: the teapot is not in its table. */
function reasonPhrase(status: number): string {
  return status === 418 ? 'Unknown' : (STATUS_CODES[status] ?? 'Unknown');
}

function* pairs(rawHeaders: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? ''];
  }
}

function requestHeaders(
  incoming: IncomingMessage,
  overrides: Readonly<Record<string, string | null>>,
  changes: readonly HeaderChange[],
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of pairs(incoming.rawHeaders)) {
    if (HOP_BY_HOP.has(name)) continue;
    const existing = result[name];
    result[name] = existing === undefined ? value : [existing, value].flat();
  }
  // The body's length is not known, and node adds this by itself for some methods only.
  if (incoming.headers['transfer-encoding'] !== undefined) result['transfer-encoding'] = 'chunked';
  for (const [name, value] of Object.entries(overrides)) {
    if (value === null) delete result[name];
    else result[name] = value;
  }
  for (const { name, value, append } of changes) {
    const existing = result[name];
    if (value === null) delete result[name];
    else result[name] = append && existing !== undefined ? [existing, value].flat() : value;
  }
  return result;
}

function responseHeaders(answer: IncomingMessage, { headers, changes = [], now }: RelayOptions): string[] {
  let result: [string, string][] = [];
  let hasDate = false;
  for (const [name, value] of pairs(answer.rawHeaders)) {
    if (HOP_BY_HOP.has(name) || headers[name] !== undefined) continue;
    if (name === 'date') hasDate = true;
    result.push([name, value]);
  }
  if (!hasDate) result.push(['date', new Date(now).toUTCString()]);
  for (const [name, value] of Object.entries(headers)) if (value !== null) result.push([name, value]);
  for (const { name, value, append } of changes) {
    if (!append) result = result.filter(([existing]) => existing !== name);
    if (value !== null) result.push([name, value]);
  }
  return result.flat();
}
