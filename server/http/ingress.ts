import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseIngressHost } from '../../common/ingress-url.ts';
import type { Cluster } from '../../cluster/index.ts';
import { closeWith, relay, reset, splice } from '../session/relay.ts';

/** What learners' clusters show to the world, for their browsers: see `common/ingress-url.ts`. */
export interface Ingress {
  /** @returns whether the request was for a cluster; then it is answered. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** @returns whether the upgrade was for a cluster; then the socket is taken. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

const HTTP_PORT = 80;

export function createIngress(byName: (name: string) => Cluster | undefined): Ingress {
  /** The connection to send a request on, and what to call the host. */
  const find = (request: IncomingMessage) => {
    const address = parseIngressHost(request.headers.host);
    if (address === null) return null;
    const cluster = byName(address.name);
    const gateway = cluster?.ingressAddress() ?? null;
    const host = address.host || gateway;
    return {
      host: host ?? '',
      dial: async (signal: AbortSignal): Promise<Duplex> => {
        if (!cluster) throw new Error('This cluster is gone: go back to the lesson and follow its link again.');
        if (host === null) throw new Error('This cluster has no ingress gateway with an address.');
        const connection =
          cluster.dial(host, HTTP_PORT, signal) ?? (gateway && cluster.dial(gateway, HTTP_PORT, signal));
        if (!connection) throw new Error(`Nothing in this cluster has the address ${host}.`);
        return connection;
      },
    };
  };

  return {
    handleRequest(request, response) {
      const target = find(request);
      if (target === null) return false;
      relay(request, response, { ...target, path: request.url ?? '/' }, (error) => {
        const refused = `Nothing in this cluster listens at ${target.host}:${HTTP_PORT}: is there a Gateway or a Route?`;
        const text = `${error.code === 'ECONNREFUSED' ? refused : error.message}\n`;
        response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
      });
      return true;
    },
    handleUpgrade(request, socket, head) {
      const target = find(request);
      if (target === null) return false;
      const abort = new AbortController();
      socket.on('error', () => socket.destroy());
      socket.once('close', () => abort.abort());
      target.dial(abort.signal).then(
        (server) => {
          if (socket.destroyed) return reset(server);
          server.write(requestHead(request, target.host));
          if (head.length > 0) server.write(head);
          splice(socket, server);
        },
        () => closeWith(socket, 'HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
      );
      return true;
    },
  };
}

function requestHead(request: IncomingMessage, host: string): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    lines.push(`${name}: ${name.toLowerCase() === 'host' ? host : request.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
