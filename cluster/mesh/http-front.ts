import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The HTTP/1.1 side of a proxy that faces its clients: many connections, each with what is known of it. */
export class HttpFront<Context> {
  #server: Server | null = null;
  readonly #contexts = new WeakMap<object, Context>();
  readonly #handle: (request: IncomingMessage, response: ServerResponse, context: Context) => Promise<void>;

  constructor(handle: (request: IncomingMessage, response: ServerResponse, context: Context) => Promise<void>) {
    this.#handle = handle;
  }

  serve(stream: Duplex, context: Context): void {
    this.#contexts.set(stream, context);
    this.#server ??= this.#create();
    this.#server.emit('connection', stream);
  }

  #create(): Server {
    // No timeouts: time is the cluster's, and a proxy waits as long as its client does.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
      const context = this.#contexts.get(request.socket);
      if (context === undefined) {
        response.destroy();
        return;
      }
      this.#handle(request, response, context).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    });
    server.timeout = 0;
    server.on('clientError', (_error, stream) => {
      // Envoy's answer to what is no HTTP.
      if (stream.writable)
        stream.end(
          'HTTP/1.1 400 Bad Request\r\ncontent-length: 11\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nBad Request',
        );
      else stream.destroy();
    });
    return server;
  }
}
