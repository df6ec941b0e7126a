import { request as httpRequest, type Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that belong to one connection and are never passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade']);

export interface ForwardOptions {
  /** Either one connection for this request, or a pool of them. */
  connection: Duplex | null;
  agent: Agent | null;
  /** Tells the pool where to; what {@link Agent.createConnection} gets. */
  target: Record<string, unknown>;
  /** Request headers to add or to replace; lower case. */
  requestHeaders: Readonly<Record<string, string>>;
  /** Response headers to add or to replace; null removes one. Told how long the upstream took. */
  responseHeaders(upstreamMs: number): Readonly<Record<string, string | null>>;
  now(): number;
}

/** How a forwarded request ended. `error` is set when no answer came; nothing was sent to the client then. */
export interface ForwardResult {
  status: number;
  bytesReceived: number;
  bytesSent: number;
  upstreamMs: number | null;
  error: (Error & { code?: string }) | null;
}

/** Passes one request on and its answer back, with Envoy's treatment of headers. */
export function forwardHttp(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: ForwardOptions,
): Promise<ForwardResult> {
  const start = options.now();
  const { connection } = options;
  return new Promise((resolve) => {
    const result: ForwardResult = { status: 0, bytesReceived: 0, bytesSent: 0, upstreamMs: null, error: null };
    let settled = false;
    const settle = (error: Error | null): void => {
      if (settled) return;
      settled = true;
      result.error = error;
      resolve(result);
    };
    const upstream = httpRequest({
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: requestHeaders(incoming, options.requestHeaders),
      setHost: false,
      insecureHTTPParser: false,
      ...options.target,
      ...(connection === null
        ? { agent: options.agent ?? undefined }
        : { createConnection: () => connection as never }),
    });
    // Envoy says nothing of the connection in either direction; it is kept all the same.
    upstream.removeHeader('connection');
    response.removeHeader('connection');
    incoming.on('data', (chunk: Buffer) => {
      result.bytesReceived += chunk.length;
    });
    incoming.pipe(upstream);
    upstream.on('error', (error) => {
      if (response.headersSent) response.destroy();
      settle(error);
    });
    // The client went away: there is nobody to answer.
    response.on('close', () => {
      if (!response.writableFinished) {
        upstream.destroy();
        settle(null);
      }
    });
    upstream.on('response', (answer) => {
      result.status = answer.statusCode ?? 502;
      result.upstreamMs = Math.max(0, Math.round(options.now() - start));
      response.sendDate = false;
      response.writeHead(
        result.status,
        reasonPhrase(result.status),
        responseHeaders(answer, options.responseHeaders(result.upstreamMs), options.now()),
      );
      answer.on('data', (chunk: Buffer) => {
        result.bytesSent += chunk.length;
      });
      answer.on('error', () => response.destroy());
      answer.pipe(response);
      response.on('finish', () => settle(null));
    });
  });
}

/** A response of the proxy's own. */
export function localReply(
  response: ServerResponse,
  reply: { status: number; body: string; server: string; now: number; headers?: Readonly<Record<string, string>> },
): void {
  if (response.headersSent || response.destroyed) return;
  response.removeHeader('connection');
  response.sendDate = false;
  response.writeHead(reply.status, reasonPhrase(reply.status), {
    ...(reply.body === ''
      ? { 'content-length': '0' }
      : { 'content-length': String(Buffer.byteLength(reply.body)), 'content-type': 'text/plain' }),
    ...reply.headers,
    date: new Date(reply.now).toUTCString(),
    server: reply.server,
  });
  response.end(reply.body);
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
  changes: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of pairs(incoming.rawHeaders)) {
    if (HOP_BY_HOP.has(name)) continue;
    const existing = result[name];
    result[name] = existing === undefined ? value : [existing, value].flat();
  }
  // The body's length is not known, and node adds this by itself for some methods only.
  if (incoming.headers['transfer-encoding'] !== undefined) result['transfer-encoding'] = 'chunked';
  return { ...result, ...changes };
}

function responseHeaders(
  answer: IncomingMessage,
  changes: Readonly<Record<string, string | null>>,
  now: number,
): string[] {
  const result: string[] = [];
  let hasDate = false;
  for (const [name, value] of pairs(answer.rawHeaders)) {
    if (HOP_BY_HOP.has(name) || changes[name] !== undefined) continue;
    if (name === 'date') hasDate = true;
    result.push(name, value);
  }
  if (!hasDate) result.push('date', new Date(now).toUTCString());
  for (const [name, value] of Object.entries(changes)) if (value !== null) result.push(name, value);
  return result;
}
