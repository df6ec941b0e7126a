import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Command, Invocation } from '../command.ts';
import type { Connection } from '../config/connection.ts';
import { CommandError } from '../errors.ts';
import { explainListen } from './port-forward.ts';

export const command: Command = {
  usage: '[--port=PORT] [--address=ADDRESS] [--api-prefix=PREFIX]',
  long: 'Serves the API of the cluster on a local port, without asking who you are, until it is stopped with Ctrl-C.',
  examples: [
    ['Then `curl http://localhost:8001/api/v1/pods` lists pods', 'proxy'],
    ['On any free port, below a path', 'proxy --port=0 --api-prefix=/k8s/'],
  ],
  flags: [
    {
      name: 'accept-hosts',
      type: 'string',
      default: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
      usage: 'Patterns of hosts that requests may be for.',
    },
    { name: 'accept-paths', type: 'string', default: '^.*', usage: 'Patterns of paths that are served.' },
    { name: 'address', type: 'string', default: '127.0.0.1', usage: 'Address to listen on.' },
    { name: 'api-prefix', type: 'string', default: '/', usage: 'Path below which the API is served.' },
    {
      name: 'append-server-path',
      type: 'bool',
      usage: 'Accepted; the path of the address of the server is always kept.',
    },
    { name: 'disable-filter', type: 'bool', usage: 'Serve every request. Whoever reaches the port can then do all.' },
    { name: 'keepalive', type: 'duration', default: '0s', usage: 'Accepted; connections are kept as Node does.' },
    { name: 'port', short: 'p', type: 'int', default: '8001', usage: 'Port to listen on; 0 is any free one.' },
    { name: 'reject-methods', type: 'string', default: '^$', usage: 'Patterns of methods that are refused.' },
    {
      name: 'reject-paths',
      type: 'string',
      default: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
      usage: 'Patterns of paths that are refused.',
    },
    { name: 'unix-socket', short: 'u', type: 'string', usage: 'Socket to listen on instead of a port.' },
    { name: 'www', short: 'w', type: 'string', usage: 'Folder with files to serve (not simulated).' },
    { name: 'www-prefix', short: 'P', type: 'string', default: '/static/', usage: 'Path of these files.' },
  ],
  run,
};

/** kubectl/pkg/cmd/proxy/proxy.go and kubectl/pkg/proxy/proxy_server.go. */
async function run(invocation: Invocation): Promise<number> {
  const { flags, io, session, path } = invocation;
  if (flags.string('www') !== '') throw new CommandError(`"${path} --www" is not simulated in Taller yet`);
  if (flags.string('unix-socket') !== '' && flags.changed('port'))
    throw new CommandError('cannot set --unix-socket and --port at the same time');
  const forward = createForward(await session.connection(), slashed(flags.string('api-prefix')));
  const isAllowed = flags.bool('disable-filter') ? () => true : createFilter(invocation);
  if (flags.bool('disable-filter') && flags.string('unix-socket') === '') {
    io.stderr.write('Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious\n');
  }
  const { request, upgrade } = await forward;
  const server = createServer((incoming, response) => {
    if (!isAllowed(incoming)) return void response.writeHead(403, { 'content-type': 'text/plain' }).end('Forbidden\n');
    request(incoming, response);
  });
  server.on('upgrade', (incoming, socket, head) => {
    if (!isAllowed(incoming)) return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    upgrade(incoming, socket, head);
  });
  await listen(server, invocation);
  const address = server.address();
  io.stdout.write(`Starting to serve on ${typeof address === 'string' ? address : renderAddress(address)}\n`);
  // Ctrl-C ends it as it ends any program.
  return new Promise<number>(() => {});
}

function slashed(prefix: string): string {
  return `${prefix.startsWith('/') ? '' : '/'}${prefix}${prefix.endsWith('/') ? '' : '/'}`;
}

function listen(server: Server, { flags }: Invocation): Promise<void> {
  const [host, port] = [flags.string('address'), flags.int('port')];
  const where = flags.string('unix-socket');
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = explainListen(error);
      const target = where === '' ? `tcp ${host.includes(':') ? `[${host}]` : host}:${port}` : `unix ${where}`;
      reject(new CommandError(`listen ${target}: ${reason}`));
    });
    if (where === '') server.listen(port, host, resolve);
    else server.listen(where, resolve);
  });
}

function renderAddress(info: AddressInfo | null): string {
  if (info === null) return '';
  return `${info.family === 'IPv6' ? `[${info.address}]` : info.address}:${info.port}`;
}

/** What a page in a browser must not be able to ask for behind the back of the user. */
function createFilter({ flags }: Invocation): (request: IncomingMessage) => boolean {
  const patterns = (name: string) =>
    flags
      .string(name)
      .split(',')
      .map((text) => {
        try {
          return new RegExp(text);
        } catch {
          throw new CommandError(`error parsing regexp: ${JSON.stringify(text)} of --${name} is no regular expression`);
        }
      });
  const [hosts, paths] = [patterns('accept-hosts'), patterns('accept-paths')];
  const [rejected, methods] = [patterns('reject-paths'), patterns('reject-methods')];
  return ({ headers, method = '', url = '' }) => {
    const host = (headers.host ?? '').replace(/:\d+$/, '');
    const path = url.split('?')[0] ?? '';
    const matches = (list: RegExp[], text: string) => list.some((pattern) => pattern.test(text));
    if (matches(rejected, path) || matches(methods, method)) return false;
    return matches(hosts, host) && matches(paths, path);
  };
}

interface Forward {
  request(incoming: IncomingMessage, response: ServerResponse): void;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
}

async function createForward({ server, tls, headers }: Connection, prefix: string): Promise<Forward> {
  const base = new URL(server);
  const send = base.protocol === 'https:' ? (await import('node:https')).request : httpRequest;
  /** Undefined outside the prefix. */
  const open = (incoming: IncomingMessage) => {
    if (!incoming.url?.startsWith(prefix)) return undefined;
    const url = new URL(server.replace(/\/$/, '') + incoming.url.slice(prefix.length - 1));
    return send(url, { method: incoming.method, headers: { ...incoming.headers, host: url.host, ...headers }, ...tls });
  };
  return {
    request(incoming, response) {
      const sent = open(incoming);
      if (!sent) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
      sent.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        // A watch that has nothing to tell yet has answered all the same.
        response.flushHeaders();
        answer.pipe(response);
      });
      sent.on('error', (error) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(502, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
      });
      response.on('close', () => sent.destroy());
      incoming.pipe(sent);
    },
    upgrade(incoming, socket, head) {
      const sent = open(incoming);
      if (!sent) return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      const begin = (answer: IncomingMessage) => {
        const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
        for (let at = 0; at < answer.rawHeaders.length; at += 2) {
          lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
        }
        socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      };
      sent.on('upgrade', (answer: IncomingMessage, remote: Socket, first: Buffer) => {
        begin(answer);
        socket.write(first);
        remote.write(head);
        remote.pipe(socket).pipe(remote);
        for (const [one, other] of [
          [remote, socket],
          [socket, remote],
        ] as const) {
          one.on('error', () => other.destroy());
          one.on('close', () => other.destroy());
        }
      });
      sent.on('response', (answer) => {
        begin(answer);
        answer.pipe(socket);
      });
      sent.on('error', () => socket.destroy());
      socket.on('error', () => sent.destroy());
      sent.end();
    },
  };
}
