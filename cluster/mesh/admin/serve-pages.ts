import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Connection } from '../../network/connection.ts';
import type { PodNetwork } from '../../network/network.ts';
import type { Identity } from '../certificate.ts';

export interface Page {
  /** Default 200. */
  status?: number;
  /** Default plain text. */
  type?: string;
  body: string;
}

/** Answers one request; `target` is the path with its query. */
export type Pages = (method: string, target: URL, body: string) => Page;

export interface PageServer {
  port: number;
  /** Whether only programs of the pod may ask. */
  loopbackOnly: boolean;
  /** Whose certificate it shows; null for plain HTTP. Asked for with the first connection. */
  identity: (() => Identity) | null;
}

/** Bytes of a request's body; a pod with its review has a few thousand. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Serves pages within a pod. @returns closes the port; safe to call twice */
export function servePages(
  network: PodNetwork,
  { port, loopbackOnly, identity }: PageServer,
  pages: Pages,
): () => void {
  let server: Server | null = null;
  const accept = (connection: Connection): void => {
    // The sidecar brings callers from outside, from an address of its own.
    if (loopbackOnly && connection.remote.ip !== '127.0.0.1') return void connection.resetAndDestroy();
    server ??= createPageServer(pages);
    server.emit('connection', identity === null ? connection : secure(connection, identity()));
  };
  return network.listensOn(port) ? () => {} : network.listen(port, accept);
}

function secure(connection: Connection, { certificatePem, keyPem }: Identity): TLSSocket {
  const secureContext = createSecureContext({ cert: certificatePem, key: keyPem });
  const socket = new TLSSocket(connection as never, { isServer: true, secureContext });
  socket.on('error', () => connection.destroy());
  return socket;
}

function createPageServer(pages: Pages): Server {
  const options = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
  const server = createServer(options, (request, response) => {
    // The date would be the machine's, not the cluster's.
    response.sendDate = false;
    answer(request, pages).then(
      ({ status = 200, type = 'text/plain; charset=UTF-8', body }) =>
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache, max-age=0' }).end(body),
      // A defect of a page must not take other learners' clusters with it.
      (error: Error) =>
        response.writeHead(500).end(`internal error of the simulation: ${error.stack ?? error.message}\n`),
    );
  });
  server.timeout = 0;
  return server;
}

/** Of which only path and query are looked at. */
const ORIGIN = 'http://localhost';

async function answer(request: IncomingMessage, pages: Pages): Promise<Page> {
  const body = await readBody(request);
  if (body === null) return { status: 413, body: 'request body is larger than 4 MiB\n' };
  const { method = '', url = '/' } = request;
  if (!URL.canParse(url, ORIGIN)) return { status: 400, body: 'invalid path\n' };
  return pages(method, new URL(url, ORIGIN), body);
}

/** Null when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function jsonPage(value: unknown): Page {
  return { type: 'application/json', body: `${JSON.stringify(value, null, 1)}\n` };
}
