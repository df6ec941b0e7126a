import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { NetworkError } from '../../network/connection.ts';
import type { Process } from '../process/process.ts';
import { resolveHost } from '../programs/curl/connection.ts';
import { readBody } from './serve.ts';

export interface ServiceAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ServiceRequest {
  /** Default GET. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole request, of the cluster's clock. Milliseconds. */
  timeoutMs: number;
}

/** No whole answer came. */
export class ServiceError extends Error {
  override name = 'ServiceError';
  readonly code: 'ENOTFOUND' | 'ECONNREFUSED' | 'ECONNRESET' | 'ETIMEDOUT';
  constructor(code: ServiceError['code'], address: string) {
    super(`${code} ${address}`);
    this.code = code;
  }
}

/**
 * Sends a request from a program to another service of the cluster, on a connection of its own.
 * @throws ServiceError when there is no answer; any answer with a status is returned.
 */
export async function askService(process: Process, url: string, request: ServiceRequest): Promise<ServiceAnswer> {
  const target = new URL(url);
  const [ip] = resolveHost(process, target.hostname) ?? [];
  if (ip === undefined) throw new ServiceError('ENOTFOUND', target.host);
  const { clock, network } = process.container;
  const abort = new AbortController();
  let timedOut = false;
  const cancel = clock.schedule(request.timeoutMs, () => {
    timedOut = true;
    abort.abort();
  });
  try {
    const destination = { ip, port: Number(target.port || 80) };
    const connection = await process.race(network.connect(destination, { uid: process.uid, signal: abort.signal }));
    const end = (): void => void connection.destroy();
    abort.signal.addEventListener('abort', end);
    try {
      return await process.race(exchange(() => connection, target, request));
    } finally {
      abort.signal.removeEventListener('abort', end);
      end();
    }
  } catch (error) {
    if (timedOut) throw new ServiceError('ETIMEDOUT', target.host);
    if (error instanceof NetworkError) {
      throw new ServiceError(error.code === 'ECONNREFUSED' ? 'ECONNREFUSED' : 'ETIMEDOUT', target.host);
    }
    if (error instanceof Interrupted) throw new ServiceError('ECONNRESET', target.host);
    throw error;
  } finally {
    cancel();
  }
}

/** The connection ended before the answer did. */
class Interrupted extends Error {
  override name = 'Interrupted';
}

function exchange(
  createConnection: () => Duplex,
  target: URL,
  { method = 'GET', headers = {}, body }: ServiceRequest,
): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      createConnection,
      method,
      path: target.pathname + target.search,
      headers: {
        Host: target.host,
        Connection: 'close',
        ...headers,
        ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      },
    });
    const fail = (cause: unknown): void => reject(new Interrupted('no answer', { cause }));
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      readBody(incoming).then(
        (bytes) =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes.toString('utf8') }),
        fail,
      );
    });
    outgoing.end(body);
  });
}

/** What tracers of the mesh's eras read: without these headers a request's calls are not seen as one. */
export const TRACE_HEADERS: readonly string[] = [
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'x-ot-span-context',
  'b3',
  'traceparent',
  'tracestate',
];

/** Those of the named headers that a request has, to be sent on. */
export function passedOn(request: IncomingMessage, names: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of names) {
    const value = request.headers[name];
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
