import { request as httpRequest, type IncomingMessage } from 'node:http';
import { NetworkError } from '../../../network/connection.ts';
import type { Process } from '../../process/process.ts';
import { resolveHost } from '../../programs/curl/connection.ts';
import { readBody } from '../serve.ts';
import type { Location } from './servers.ts';

export interface Upstream {
  status: number;
  headers: (readonly [string, string])[];
  body: Buffer;
}

/** nginx: proxy_connect_timeout, whose default is 60 s. */
const CONNECT_TIMEOUT_MS = 60_000;

/** Headers that belong to one connection and are not passed on. */
const OF_ONE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade', 'trailer']);

/** nginx could not get an answer; `log` is what its error log says. */
export class UpstreamError extends Error {
  override name = 'UpstreamError';
  readonly status: number;
  constructor(status: number, log: string) {
    super(log);
    this.status = status;
  }
}

/** The value of a text with `$variables`. */
export function expandVariables(text: string, request: IncomingMessage, process: Process): string {
  const url = request.url ?? '/';
  const [path = '/', query = ''] = url.split(/\?(.*)/s);
  const client = request.socket.remoteAddress ?? '';
  const values: Record<string, string> = {
    host: (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    http_host: request.headers.host ?? '',
    hostname: process.container.hostname,
    remote_addr: client,
    request_uri: url,
    uri: path,
    document_uri: path,
    args: query,
    query_string: query,
    is_args: query === '' ? '' : '?',
    request_method: request.method ?? '',
    scheme: 'http',
    server_addr: process.container.network.ip,
    server_port: String(request.socket.localPort ?? 80),
    server_protocol: `HTTP/${request.httpVersion}`,
    nginx_version: process.environment.get('NGINX_VERSION') ?? '',
    proxy_add_x_forwarded_for: [request.headers['x-forwarded-for'], client].filter(Boolean).join(', '),
  };
  return text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_whole, braced: string | undefined, plain: string | undefined) => {
    const name = braced ?? plain ?? '';
    if (name.startsWith('http_')) {
      const header = request.headers[name.slice(5).replaceAll('_', '-')];
      return Array.isArray(header) ? header.join(', ') : (header ?? '');
    }
    if (name.startsWith('arg_')) return new URLSearchParams(query).get(name.slice(4)) ?? '';
    return values[name] ?? '';
  });
}

/** Asks the server that `proxy_pass` names. @throws UpstreamError */
export async function askUpstream(process: Process, location: Location, request: IncomingMessage): Promise<Upstream> {
  const target = new URL(expandVariables(location.proxyPass ?? '', request, process));
  const port = Number(target.port || 80);
  const url = request.url ?? '/';
  // nginx: a URI in proxy_pass replaces what the location matched; without one the path stays as it is.
  const hasUri = /^http:\/\/[^/]+\//.test(location.proxyPass ?? '');
  const path = hasUri ? target.pathname + url.slice(location.path.length) : url;
  const [ip] = resolveHost(process, target.hostname) ?? [];
  if (ip === undefined) throw new UpstreamError(502, `${target.hostname} could not be resolved (3: Host not found)`);
  const body = await readBody(request);
  const abort = new AbortController();
  const cancel = process.container.clock.schedule(CONNECT_TIMEOUT_MS, () => abort.abort());
  let connection;
  try {
    connection = await process.race(
      process.container.network.connect({ ip, port }, { uid: process.uid, signal: abort.signal }),
    );
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    if (error.code === 'ECONNREFUSED') {
      throw new UpstreamError(502, 'connect() failed (111: Connection refused) while connecting to upstream');
    }
    throw new UpstreamError(504, 'upstream timed out (110: Connection timed out) while connecting to upstream');
  } finally {
    cancel();
  }
  const stream = connection;
  try {
    return await process.race(
      new Promise<Upstream>((resolve, reject) => {
        const outgoing = httpRequest({
          createConnection: () => stream,
          method: request.method,
          path,
          headers: headersFor(process, location, request, target.host, body),
          setHost: false,
        });
        const fail = (): void =>
          reject(
            new UpstreamError(
              502,
              'upstream prematurely closed connection while reading response header from upstream',
            ),
          );
        outgoing.on('error', fail);
        outgoing.on('response', (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', fail);
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 502, headers: rawHeaders(incoming), body: Buffer.concat(chunks) }),
          );
        });
        outgoing.end(body);
      }),
    );
  } finally {
    stream.destroy();
  }
}

function rawHeaders({ rawHeaders: raw }: IncomingMessage): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!OF_ONE_CONNECTION.has(name.toLowerCase())) pairs.push([name, raw[index + 1] ?? '']);
  }
  return pairs;
}

/** nginx: Host is the proxied server's and Connection is close, unless proxy_set_header says otherwise. */
function headersFor(
  process: Process,
  location: Location,
  request: IncomingMessage,
  host: string,
  body: Buffer,
): Record<string, string> {
  const result: Record<string, string> = { Host: host, Connection: 'close' };
  const set = location.proxyHeaders.map(([name, value]) => [name, expandVariables(value, request, process)] as const);
  const replaced = new Set(['host', 'content-length', ...set.map(([name]) => name.toLowerCase())]);
  for (const [name, value] of rawHeaders(request)) if (!replaced.has(name.toLowerCase())) result[name] = value;
  if (body.length > 0) result['Content-Length'] = String(body.length);
  for (const [name, value] of set) {
    for (const existing of Object.keys(result)) {
      if (existing.toLowerCase() === name.toLowerCase()) delete result[existing];
    }
    // A header that is set to nothing is not sent.
    if (value !== '') result[name] = value;
  }
  return result;
}
