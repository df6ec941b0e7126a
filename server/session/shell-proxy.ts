import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cluster } from '../../cluster/index.ts';
import { closeWith, relay, reset, splice } from './relay.ts';

/**
 * The proxy that `http_proxy` of a learner's shell leads to. Through it `curl` reaches what it would reach beside a real
 * cluster: services, node ports, the ingress gateway, and hosts that lead there. Every other address is dialled as the
 * shell would do it itself. One thing shows: where a connection is refused, curl gets a 502 that says so, not its 7.
 */
export interface ShellProxy {
  /** A request for an absolute URL: `GET http://172.18.255.1/productpage`. */
  handleRequest(cluster: Cluster, request: IncomingMessage, response: ServerResponse): void;
  /** `CONNECT 172.18.255.1:443`. */
  handleConnect(cluster: Cluster, request: IncomingMessage, client: Duplex, head: Buffer): void;
}

/** The name that stands before the secret in the proxy's URL; any would do. */
export const PROXY_USER = 'learner';

/** The secret that a request brings along; undefined when there is none. */
export function proxySecret(request: IncomingMessage): string | undefined {
  const [scheme, value = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const [user, secret] = Buffer.from(value, 'base64').toString('latin1').split(':');
  return user === PROXY_USER ? secret : undefined;
}

export function createShellProxy(): ShellProxy {
  return {
    handleRequest(cluster, request, response) {
      const url = readUrl(request.url);
      if (!url) return void refuse(response, 400, `cannot read the address ${JSON.stringify(request.url)}`);
      const port = Number(url.port || 80);
      const target = {
        dial: (signal: AbortSignal) => dial(cluster, url.hostname, port, signal),
        path: `${url.pathname}${url.search}`,
        // Not the URL's: curl's -H asks the gateway at an address for a host of its own.
        host: request.headers.host ?? url.host,
      };
      relay(request, response, target, (error) =>
        refuse(response, error.code === 'ETIMEDOUT' ? 504 : 502, failure(url.hostname, port, error)),
      );
    },
    handleConnect(cluster, request, client, head) {
      client.on('error', () => client.destroy());
      const match = /^(.+):(\d{1,5})$/.exec(request.url ?? '');
      if (!match) return closeWith(client, 'HTTP/1.1 400 Bad Request\r\n\r\n');
      const [, host = '', port = ''] = match;
      const abort = new AbortController();
      client.once('close', () => abort.abort());
      dial(cluster, host.replace(/^\[|\]$/g, ''), Number(port), abort.signal).then(
        (server) => {
          if (client.destroyed) return reset(server);
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          if (head.length > 0) server.write(head);
          splice(client, server);
        },
        (error: NodeJS.ErrnoException) => {
          const text = failure(host, Number(port), error);
          closeWith(
            client,
            `HTTP/1.1 502 Bad Gateway\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
          );
        },
      );
    },
  };
}

function dial(cluster: Cluster, host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return cluster.dial(host, port, signal) ?? dialWorld(host, port, signal);
}

function dialWorld(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, fail) => {
    const socket = connect({ host, port, signal });
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Absolute URLs alone are for the proxy. */
function readUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' ? url : undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) }).end(text);
}

function failure(host: string, port: number, error: NodeJS.ErrnoException): string {
  const why =
    error.code === 'ECONNREFUSED'
      ? 'Connection refused'
      : error.code === 'ETIMEDOUT'
        ? 'Connection timed out'
        : error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN'
          ? 'Could not resolve host'
          : error.message;
  return `Failed to connect to ${host} port ${port}: ${why}\n`;
}
