import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { Connection } from '../../network/connection.ts';
import type { Process } from '../process/process.ts';

/** Listens on a port until the process is told to end, then closes it. Ends with 0 after SIGTERM or SIGINT. */
export async function listenUntilStopped(
  process: Process,
  ports: ReadonlyMap<number, (connection: Connection) => void>,
): Promise<number> {
  const open = new Set<Connection>();
  const closers: (() => void)[] = [];
  try {
    for (const [port, accept] of ports) {
      closers.push(
        process.container.network.listen(port, (connection) => {
          open.add(connection);
          connection.once('close', () => open.delete(connection));
          accept(connection);
        }),
      );
    }
    await untilStopped(process);
    return 0;
  } finally {
    for (const close of closers) close();
    // The kernel closes a dead process's sockets.
    for (const connection of open) connection.destroy();
  }
}

export function untilStopped(process: Process): Promise<void> {
  return process.race(
    new Promise<void>((resolve) => {
      process.onSignal('TERM', resolve);
      process.onSignal('INT', resolve);
      process.onSignal('QUIT', resolve);
    }),
  );
}

/** An HTTP/1.1 server for connections of the cluster, without any timer of the machine. */
export function httpAcceptor(process: Process, handle: RequestListener): (connection: Connection) => void {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    // The date is the cluster's, and stands where each program puts it.
    response.sendDate = false;
    response.removeHeader('connection');
    handle(request, response);
  });
  server.timeout = 0;
  return (connection) => {
    if (process.isAlive) server.emit('connection', connection);
    else connection.destroy();
  };
}

/** `Sat, 21 Nov 2026 16:12:34 GMT` */
export function httpDate(process: Process): string {
  return new Date(process.container.clock.now()).toUTCString();
}

/** Reads a request's body. @throws Error when it is larger than 10 MiB or cut off */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 10 * 1024 * 1024) throw new Error('request body is larger than 10 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Sends a whole answer with header names exactly as given. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: readonly (readonly [string, string])[],
  body: string | Uint8Array,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
  response.writeHead(
    status,
    [...headers, ...(hasLength ? [] : [['Content-Length', String(bytes.length)] as const])].flat(),
  );
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
