import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolvePath, FileError } from '../../files/file-system.ts';
import type { Process, Program } from '../../process/process.ts';
import { resolveHost } from '../../programs/curl/connection.ts';
import { curl } from '../../programs/curl/curl.ts';
import type { Image } from '../image.ts';
import { answer, httpAcceptor, httpDate, untilStopped } from '../serve.ts';
import { contentType } from '../content-type.ts';
import { logTime } from '../log-time.ts';
import { CONFIGURATION_FILE, ConfigurationError, readConfiguration } from './configuration.ts';
import { askUpstream, expandVariables, UpstreamError } from './proxy.ts';
import { locationFor, readServers, serverFor, type Configuration, type Location } from './servers.ts';
import { defaultServer, ENTRYPOINT, errorPage, MAIN_CONFIGURATION, MIME_TYPES, WELCOME } from './text.ts';

/**
 * nginx 1.27 as far as lessons look: files, `return`, `proxy_pass`, `add_header`, `try_files`, servers by port and name.
 * Directives that it knows and does not act on are named in the error log at start. Left out: TLS, locations with
 * regular expressions, rewriting, caching, compression.
 */
const NGINX_VERSION = '1.27.3';

type Headers = (readonly [string, string])[];

interface Reply {
  status: number;
  headers: Headers;
  body: string | Uint8Array;
}

const nginx: Program = async (process) => {
  const args = process.args.slice(1);
  if (args[0] === '-v') {
    await process.printError(`nginx version: nginx/${NGINX_VERSION}\n`);
    return 0;
  }
  if (args[0] === '-V') {
    await process.printError(`nginx version: nginx/${NGINX_VERSION}\nbuilt by gcc 12.2.0 (Debian 12.2.0-14) \n`);
    return 0;
  }
  if (args[0] === '-s') return signal(process, args[1] ?? '');
  let configuration: Configuration;
  try {
    configuration = readAll(process);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    await process.printError(
      `${args[0] === '-t' || args[0] === '-T' ? '' : `${errorTime(process)} [emerg] ${process.pid}#${process.pid}: ${error.message}\n`}nginx: [emerg] ${error.message}\n`,
    );
    if (args[0] === '-t') await process.printError(`nginx: configuration file ${CONFIGURATION_FILE} test failed\n`);
    return 1;
  }
  if (args[0] === '-t' || args[0] === '-T') {
    await process.printError(
      `nginx: the configuration file ${CONFIGURATION_FILE} syntax is ok\nnginx: configuration file ${CONFIGURATION_FILE} test is successful\n`,
    );
    return 0;
  }
  return serve(process, configuration);
};

/** @throws ConfigurationError */
function readAll(process: Process): Configuration {
  return readServers(readConfiguration(process), (host) => resolveHost(process, host) !== null);
}

/** `nginx -s reload`, `quit`, `stop`: a signal to the master process. */
async function signal(process: Process, name: string): Promise<number> {
  const signals = { reload: 'HUP', quit: 'QUIT', stop: 'TERM' } as const;
  const found = Object.entries(signals).find(([word]) => word === name)?.[1];
  if (found === undefined) {
    await process.printError(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  await process.printError(`${errorTime(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  process.container.processes.get(1)?.signal(found);
  return 0;
}

async function serve(process: Process, first: Configuration): Promise<number> {
  let configuration = first;
  const log = (level: string, text: string): Promise<void> =>
    process.printError(`${errorTime(process)} [${level}] ${process.pid}#${process.pid}: ${text}\n`);
  for (const text of configuration.ignored) await log('warn', `${text} is not simulated here and has no effect`);
  for (const text of [
    'using the "epoll" event method',
    `nginx/${NGINX_VERSION}`,
    'built by gcc 12.2.0 (Debian 12.2.0-14) ',
    'OS: Linux 6.1.0',
    'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    'start worker processes',
    `start worker process ${process.pid + 28}`,
  ]) {
    await log('notice', text);
  }
  const listening = new Map<number, () => void>();
  const open = new Set<{ destroy(): void }>();
  const listen = (): void => {
    const ports = new Set(configuration.servers.flatMap((server) => server.ports));
    for (const [port, close] of listening) {
      if (ports.has(port)) continue;
      close();
      listening.delete(port);
    }
    for (const port of ports) {
      if (listening.has(port)) continue;
      const accept = httpAcceptor(process, (request, response) => {
        handle(process, configuration, port, request, response).catch(() => response.destroy());
      });
      listening.set(
        port,
        process.container.network.listen(port, (connection) => {
          open.add(connection);
          connection.once('close', () => open.delete(connection));
          accept(connection);
        }),
      );
    }
  };
  process.onSignal('HUP', () => {
    try {
      configuration = readAll(process);
      listen();
      void log('notice', 'reconfiguring');
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      void log('emerg', error.message);
    }
  });
  try {
    listen();
    await untilStopped(process);
    return 0;
  } finally {
    for (const close of listening.values()) close();
    // The kernel closes a dead process's sockets.
    for (const connection of open) connection.destroy();
  }
}

async function handle(
  process: Process,
  configuration: Configuration,
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '/' } = request;
  const server = serverFor(configuration, port, request.headers.host ?? '');
  const path = decodePath(url);
  const reply =
    server === undefined || path === null
      ? errorReply(400)
      : await replyOf(process, locationFor(server, path), path, request);
  const common: Headers = [
    ['Server', `nginx/${NGINX_VERSION}`],
    ['Date', httpDate(process)],
  ];
  const size = Buffer.byteLength(reply.body);
  const hasLength = reply.headers.some(([name]) => name.toLowerCase() === 'content-length');
  const length: Headers = hasLength ? [] : [['Content-Length', String(size)]];
  // A client that asked for the end of the connection (HTTP/1.0, `Connection: close`) gets it.
  const [type, ...rest] = reply.headers.map((header) =>
    header === ALIVE && !response.shouldKeepAlive ? CLOSING : header,
  );
  answer(response, reply.status, [...common, ...(type === undefined ? [] : [type]), ...length, ...rest], reply.body);
  const time = logTime(new Date(process.container.clock.now()));
  const forwarded = String(request.headers['x-forwarded-for'] ?? '-');
  await process.print(
    `${request.socket.remoteAddress ?? '-'} - - [${time}] "${method} ${url} HTTP/${request.httpVersion}" ${reply.status} ${size} "${request.headers.referer ?? '-'}" "${request.headers['user-agent'] ?? '-'}" "${forwarded}"\n`,
  );
}

function decodePath(url: string): string | null {
  try {
    const path = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    return path.endsWith('/') && path !== '/' ? `${resolvePath('/', path)}/` : resolvePath('/', path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

const ALIVE = ['Connection', 'keep-alive'] as const;
const CLOSING = ['Connection', 'close'] as const;

function errorReply(status: number): Reply {
  return { status, headers: [['Content-Type', 'text/html'], ALIVE], body: errorPage(status, NGINX_VERSION) };
}

async function replyOf(process: Process, location: Location, path: string, request: IncomingMessage): Promise<Reply> {
  const reply = await bareReply(process, location, path, request);
  // nginx: add_header counts for these statuses alone.
  if (![200, 201, 204, 206, 301, 302, 303, 304, 307, 308].includes(reply.status)) return reply;
  const added = location.addedHeaders.map(([name, value]) => [name, expandVariables(value, request, process)] as const);
  return { ...reply, headers: [...reply.headers, ...added] };
}

async function bareReply(process: Process, location: Location, path: string, request: IncomingMessage): Promise<Reply> {
  if (location.answer !== null) {
    const { status, text } = location.answer;
    const body = expandVariables(text, request, process);
    if (status >= 301 && status <= 308 && body !== '') {
      const reply = errorReply(status);
      return { ...reply, headers: [...reply.headers, ['Location', body]] };
    }
    if (text === '' && status >= 300) return errorReply(status);
    return { status, headers: [['Content-Type', location.defaultType], ALIVE], body };
  }
  if (location.proxyPass !== null) {
    try {
      const { status, headers, body } = await askUpstream(process, location, request);
      const passed = headers.filter(([name]) => !['server', 'date', 'content-length'].includes(name.toLowerCase()));
      return { status, headers: [...passed, ALIVE], body };
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      const line = `${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`;
      await process.printError(
        `${errorTime(process)} [error] ${process.pid}#${process.pid}: *1 ${error.message}, client: ${request.socket.remoteAddress ?? ''}, server: , request: "${line}", upstream: "${location.proxyPass}", host: "${request.headers.host ?? ''}"\n`,
      );
      return errorReply(error.status);
    }
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorReply(405);
  return fileReply(process, location, path, request);
}

async function fileReply(process: Process, location: Location, path: string, request: IncomingMessage): Promise<Reply> {
  const tried = location.tryFiles;
  if (tried === null) return staticReply(process, location, path, request);
  for (const candidate of tried.slice(0, -1)) {
    const reply = await staticReply(process, location, expandVariables(candidate, request, process), null);
    if (reply.status === 200) return reply;
  }
  const last = tried.at(-1) ?? '';
  if (/^=\d{3}$/.test(last)) return errorReply(Number(last.slice(1)));
  return staticReply(process, location, expandVariables(last, request, process), request);
}

/** @param request for the error log; null when a miss is no error. */
async function staticReply(
  process: Process,
  location: Location,
  path: string,
  request: IncomingMessage | null,
): Promise<Reply> {
  const { files } = process.container;
  const file = location.alias === null ? location.root + path : location.alias + path.slice(location.path.length);
  let looked = file;
  try {
    const node = files.find(file, { uid: process.uid });
    if (node.kind === 'directory' && !file.endsWith('/')) {
      const reply = errorReply(301);
      return { ...reply, headers: [...reply.headers, ['Location', `http://${request?.headers.host ?? ''}${path}/`]] };
    }
    if (node.kind === 'directory') {
      const index = location.index.find((name) => files.exists(file + name));
      if (index === undefined) {
        if (request !== null) await logMiss(process, `directory index of "${file}" is forbidden`, request);
        return errorReply(403);
      }
      looked = file + index;
    }
    const content = files.read(looked, process.uid);
    const { modified } = files.find(looked);
    const etag = `"${Math.floor(modified / 1000).toString(16)}-${content.length.toString(16)}"`;
    return {
      status: 200,
      headers: [
        ['Content-Type', contentType(looked) ?? location.defaultType],
        ['Last-Modified', new Date(modified).toUTCString()],
        ALIVE,
        ['ETag', etag],
        ['Accept-Ranges', 'bytes'],
      ],
      body: content,
    };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const denied = error.code === 'EACCES';
    const errno = denied ? '13: Permission denied' : '2: No such file or directory';
    if (request !== null) await logMiss(process, `open() "${looked}" failed (${errno})`, request);
    return errorReply(denied ? 403 : 404);
  }
}

function logMiss(process: Process, text: string, request: IncomingMessage): Promise<void> {
  const line = `${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`;
  const worker = process.pid + 28;
  return process.printError(
    `${errorTime(process)} [error] ${worker}#${worker}: *1 ${text}, client: ${request.socket.remoteAddress ?? ''}, server: localhost, request: "${line}", host: "${request.headers.host ?? ''}"\n`,
  );
}

/** `2026/11/21 16:12:34` */
function errorTime(process: Process): string {
  const time = new Date(process.container.clock.now()).toISOString();
  return time.slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

function image(repositories: readonly string[], port: number): Image {
  return {
    repositories,
    exposes: [port],
    userland: 'gnu',
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    environment: { NGINX_VERSION, NJS_VERSION: '0.8.7' },
    programs: { '/usr/sbin/nginx': nginx, '/usr/bin/curl': curl },
    files: {
      '/docker-entrypoint.sh': ENTRYPOINT,
      '/usr/share/nginx/html/index.html': WELCOME,
      '/usr/share/nginx/html/50x.html': errorPage(500, NGINX_VERSION),
      [CONFIGURATION_FILE]: MAIN_CONFIGURATION,
      '/etc/nginx/mime.types': MIME_TYPES,
      '/etc/nginx/conf.d/default.conf': defaultServer(port),
    },
  };
}

export const nginxImages: readonly Image[] = [
  image(['nginx'], 80),
  { ...image(['nginxinc/nginx-unprivileged'], 8080), user: { uid: 101, name: 'nginx', home: '/nonexistent' } },
];
