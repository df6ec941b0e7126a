import type { IncomingMessage, ServerResponse } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { randomUuid } from '../../../mesh/request-id.ts';
import type { Process, Program } from '../../process/process.ts';
import type { Image } from '../image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from '../serve.ts';
import { HTML, INDEX, LEFT_OUT, NOT_FOUND, ROBOTS, SLIDES, TEAPOT, XML } from './samples.ts';

/** The two programs that are called httpbin: the Python one gives strings, the Go one lists. */
type Flavour = 'python' | 'go';

/** Bytes that `/bytes` and lines that `/stream` give at most, as the original. */
const MAX_BYTES = 102_400;
const MAX_LINES = 100;

function httpbin(flavour: Flavour, usualPort: number): Program {
  return async (process) => {
    const { args } = process;
    const port = listeningPort(process, flavour, usualPort);
    const now = (): Date => new Date(process.container.clock.now());
    if (flavour === 'python') {
      const stamp = now().toISOString().slice(0, 19).replace('T', ' ');
      const say = (pid: number, text: string): Promise<void> =>
        process.printError(`[${stamp} +0000] [${pid}] [INFO] ${text}\n`);
      await say(1, 'Starting gunicorn 19.9.0');
      await say(1, `Listening at: http://0.0.0.0:${port} (1)`);
      const worker = args[args.findIndex((arg) => arg === '-k' || arg === '--worker-class') + 1];
      await say(1, `Using worker: ${worker === 'gevent' ? 'gevent' : 'sync'}`);
      await say(8, 'Booting worker with pid: 8');
    }
    // gunicorn logs no requests unless it is told where to.
    const at = args.findIndex((arg) => arg.startsWith('--access-logfile'));
    const logs = flavour === 'go' || (at !== -1 && (args[at]?.split('=')[1] ?? args[at + 1]) === '-');
    const accept = httpAcceptor(process, (request, response) => {
      const startedMs = process.container.clock.now();
      respond(process, flavour, request, response)
        .then(async () => {
          if (!logs || !process.isAlive) return;
          const line = flavour === 'go' ? slogLine : gunicornLine;
          await process.print(line(now(), request, response, process.container.clock.now() - startedMs));
        })
        .catch(() => response.destroy());
    });
    return listenUntilStopped(process, new Map([[port, accept]]));
  };
}

/** Of `-b HOST:PORT`, or of the Go program's PORT. */
function listeningPort(process: Process, flavour: Flavour, usual: number): number {
  const { args } = process;
  const at = args.findIndex((arg) => ['-b', '--bind', '-port', '--port'].includes(arg));
  const given = at === -1 ? args.find((arg) => /^--bind=|^-?-port=/.test(arg)) : args[at + 1];
  const text = given ?? (flavour === 'go' ? process.environment.get('PORT') : undefined);
  const port = Number(/(\d+)$/.exec(text ?? '')?.[1]);
  return port > 0 && port < 65_536 ? port : usual;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** gunicorn's default: `%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"` */
function gunicornLine(now: Date, request: IncomingMessage, response: ServerResponse): string {
  const iso = now.toISOString();
  const time = `${iso.slice(8, 10)}/${MONTHS[now.getUTCMonth()] ?? ''}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
  const { method = '', url = '', httpVersion, headers, socket } = request;
  const first = `${method} ${url} HTTP/${httpVersion}`;
  const size = String(response.getHeader('content-length') ?? sizes.get(response) ?? '-');
  const agent = headers['user-agent'] ?? '-';
  return `${socket.remoteAddress ?? ''} - - [${time}] "${first}" ${response.statusCode} ${size} "${headers.referer ?? '-'}" "${agent}"\n`;
}

/** go-httpbin's, through log/slog (httpbin/middleware.go, StdLogObserver). */
function slogLine(now: Date, request: IncomingMessage, response: ServerResponse, milliseconds: number): string {
  const { method = '', url = '', headers, socket } = request;
  const status = response.statusCode;
  const level = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO';
  const agent = headers['user-agent'] ?? '';
  const client = String(headers['x-forwarded-for'] ?? socket.remoteAddress ?? '').split(',')[0] ?? '';
  const message = `${status} ${method} ${url} ${milliseconds.toFixed(1)}ms`;
  return `time=${now.toISOString()} level=${level} msg="${message}" status=${status} method=${method} uri=${url} size_bytes=${sizes.get(response) ?? 0} duration_ms=${milliseconds} user_agent=${/[\s"=]/.test(agent) || agent === '' ? JSON.stringify(agent) : agent} client_ip=${client}\n`;
}

/** Bytes of bodies that were sent, for the logs. */
const sizes = new WeakMap<ServerResponse, number>();

async function respond(
  process: Process,
  flavour: Flavour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, first = '', second = '', third = ''] = url.pathname.split('/').map(decoded);
  const common: (readonly [string, string])[] =
    flavour === 'python'
      ? [
          ['Server', 'gunicorn/19.9.0'],
          ['Date', httpDate(process)],
          ['Connection', 'keep-alive'],
        ]
      : [
          ['Access-Control-Allow-Credentials', 'true'],
          ['Access-Control-Allow-Origin', '*'],
        ];
  const after: (readonly [string, string])[] =
    flavour === 'python'
      ? [
          ['Access-Control-Allow-Origin', '*'],
          ['Access-Control-Allow-Credentials', 'true'],
        ]
      : [['Date', httpDate(process)]];
  const send = (
    status: number,
    type: string,
    body: string | Uint8Array,
    more: readonly (readonly [string, string])[] = [],
  ): void => {
    sizes.set(response, request.method === 'HEAD' ? 0 : Buffer.byteLength(body));
    const own: (readonly [string, string])[] = [...(type === '' ? [] : [['Content-Type', type] as const]), ...more];
    const length = ['Content-Length', String(Buffer.byteLength(body))] as const;
    answer(
      response,
      status,
      flavour === 'python' ? [...common, ...own, length, ...after] : [...common, ...own, ...after, length],
      body,
    );
  };
  const jsonType = flavour === 'python' ? 'application/json' : 'application/json; charset=utf-8';
  const json = (value: unknown): void => send(200, jsonType, `${JSON.stringify(value, null, 2)}\n`);
  const html = 'text/html; charset=utf-8';
  const redirect = (location: string, status = 302, body = ''): void =>
    send(status, html, body, [['Location', location]]);

  const headers = headerMap(flavour, request);
  const args = argumentMap(flavour, url.searchParams);
  const origin = request.headers['x-forwarded-for'] ?? request.socket.remoteAddress ?? '';
  const full = `${String(request.headers['x-forwarded-proto'] ?? 'http')}://${request.headers.host ?? ''}${request.url ?? ''}`;
  const method = request.method ?? 'GET';
  const takesBody = ['post', 'put', 'patch', 'delete', 'anything'].includes(first);
  if (takesBody && (first === 'anything' || first === method.toLowerCase())) {
    const bytes = await readBody(request);
    const body = bytes.toString('utf8');
    const type = request.headers['content-type'] ?? '';
    const boundary = /^multipart\/form-data;.*boundary=([^;]+)/.exec(type)?.[1];
    const isForm = type.startsWith('application/x-www-form-urlencoded');
    const parts = boundary === undefined ? { form: {}, files: {} } : multipart(flavour, body, boundary);
    const form = isForm ? argumentMap(flavour, new URLSearchParams(body)) : parts.form;
    const data = (isForm || boundary !== undefined) && flavour === 'python' ? '' : body;
    const common1 = { args, data, files: parts.files, form, headers, json: parseOrNull(body) };
    json(first === 'anything' ? { ...common1, method, origin, url: full } : { ...common1, origin, url: full });
    return;
  }
  switch (first) {
    case '':
      send(200, html, INDEX);
      return;
    case 'html':
      send(200, html, HTML);
      return;
    case 'xml':
      send(200, 'application/xml', XML);
      return;
    case 'json':
      json(SLIDES);
      return;
    case 'robots.txt':
      send(200, 'text/plain', ROBOTS);
      return;
    case 'ip':
      json({ origin });
      return;
    case 'user-agent':
      json({ 'user-agent': request.headers['user-agent'] ?? null });
      return;
    case 'headers':
      json({ headers });
      return;
    case 'get':
      json(flavour === 'python' ? { args, headers, origin, url: full } : { args, headers, method, origin, url: full });
      return;
    case 'uuid':
      json({ uuid: randomUuid(process.container.randomBytes) });
      return;
    case 'status': {
      const codes = second.split(',');
      const [byte = 0] = process.container.randomBytes(1);
      const status = Number(codes[byte % codes.length]?.split(':')[0]);
      if (!Number.isInteger(status) || status < 100 || status > 599) send(400, html, 'Invalid status code');
      else if (status === 418) {
        const about = [['x-more-info', 'http://tools.ietf.org/html/rfc2324']] as const;
        send(418, '', flavour === 'python' ? TEAPOT : "I'm a teapot!", flavour === 'python' ? about : []);
      } else if ([301, 302, 303, 305, 307].includes(status)) redirect('/redirect/1', status);
      else if (status === 401) send(401, html, '', [['WWW-Authenticate', 'Basic realm="Fake Realm"']]);
      else if (status === 407) send(407, html, '', [['Proxy-Authenticate', 'Basic realm="Fake Realm"']]);
      else send(status, html, '');
      return;
    }
    case 'bytes':
      send(200, 'application/octet-stream', process.container.randomBytes(Math.min(MAX_BYTES, Number(second) || 0)));
      return;
    case 'base64':
      send(200, html, Buffer.from(second, 'base64'));
      return;
    case 'stream': {
      const count = Math.min(MAX_LINES, Number(second) || 0);
      const lines = Array.from(
        { length: count },
        (_, id) => `${JSON.stringify({ url: full, args, headers, origin, id })}\n`,
      );
      sizes.set(response, Buffer.byteLength(lines.join('')));
      response.writeHead(200, [...common, ['Content-Type', 'application/json'], ...after].flat() as string[]);
      for (const line of lines) response.write(line);
      response.end();
      return;
    }
    case 'gzip':
    case 'deflate': {
      const word = first === 'gzip' ? 'gzipped' : 'deflated';
      const entries = Object.entries({ [word]: true, headers, method, origin }).sort(([a], [b]) => (a < b ? -1 : 1));
      const text = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
      const packed = first === 'gzip' ? gzipSync(text) : deflateSync(text);
      send(200, jsonType, packed, [['Content-Encoding', first]]);
      return;
    }
    case 'cookies': {
      const cookies = cookiesOf(request);
      if (second === '') json({ cookies });
      else {
        const given: [string, string][] =
          third === '' ? [...url.searchParams] : [[third, decoded(url.pathname.split('/')[4] ?? '')]];
        const lines = given.map(([name, value]): [string, string] =>
          second === 'delete'
            ? ['Set-Cookie', `${name}=; Expires=Thu, 01-Jan-1970 00:00:00 GMT; Max-Age=0; Path=/`]
            : ['Set-Cookie', `${name}=${value}; Path=/`],
        );
        send(302, html, '', [['Location', '/cookies'], ...lines]);
      }
      return;
    }
    case 'basic-auth':
    case 'hidden-basic-auth': {
      const wanted = `Basic ${Buffer.from(`${second}:${third}`).toString('base64')}`;
      if (request.headers.authorization === wanted) json({ authenticated: true, user: second });
      else if (first === 'hidden-basic-auth') send(404, 'text/html', NOT_FOUND);
      else send(401, html, '', [['WWW-Authenticate', 'Basic realm="Fake Realm"']]);
      return;
    }
    case 'bearer': {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) send(401, html, '', [['WWW-Authenticate', 'Bearer']]);
      else json({ authenticated: true, token });
      return;
    }
    case 'redirect':
    case 'relative-redirect': {
      const left = (Number(second) || 1) - 1;
      const target = left <= 0 ? '/get' : `/relative-redirect/${left}`;
      redirect(target, 302, first === 'redirect' && flavour === 'python' ? redirecting(target) : '');
      return;
    }
    case 'cache': {
      const isKnown = request.headers['if-modified-since'] ?? request.headers['if-none-match'];
      const kept: [string, string][] =
        second === ''
          ? [
              ['Last-Modified', httpDate(process)],
              ['ETag', Buffer.from(process.container.randomBytes(16)).toString('hex')],
            ]
          : [['Cache-Control', `public, max-age=${Number(second) || 0}`]];
      if (second === '' && isKnown !== undefined) send(304, '', '');
      else send(200, jsonType, `${JSON.stringify({ args, headers, origin, url: full }, null, 2)}\n`, kept);
      return;
    }
    case 'delay':
      await process.sleep(Math.min(10, Number(second) || 0) * 1000);
      json({ args, data: '', files: {}, form: {}, headers, origin, url: full });
      return;
    case 'response-headers':
      responseHeaders([...url.searchParams], jsonType, send);
      return;
    case 'redirect-to':
      redirect(url.searchParams.get('url') ?? '/', Number(url.searchParams.get('status_code') ?? 302) || 302);
      return;
    case 'healthz':
    case 'health':
      send(200, 'text/plain; charset=utf-8', 'OK');
      return;
    default:
      if (LEFT_OUT.has(first)) send(501, 'text/plain; charset=utf-8', `/${first} is not simulated here\n`);
      else send(404, 'text/html', NOT_FOUND);
  }
}

/** Of `/response-headers`: its own length is in it, so it is written until that holds. */
function responseHeaders(
  given: readonly [string, string][],
  type: string,
  send: (status: number, type: string, body: string, more: readonly [string, string][]) => void,
): void {
  let body = '';
  for (let length = -1; Buffer.byteLength(body) !== length;) {
    length = Buffer.byteLength(body);
    const values: Record<string, string | string[]> = { 'Content-Length': String(length), 'Content-Type': type };
    for (const [name, value] of given) {
      const before = values[name];
      values[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
    }
    const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
    body = `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
  }
  // What would break the answer's framing or is no name is left to the body.
  const safe = given.filter(
    ([name, value]) =>
      /^[\w-]+$/.test(name) && !/[\r\n]/.test(value) && !/^(content-length|transfer-encoding|connection)$/i.test(name),
  );
  send(200, type, body, safe);
}

/** Flask's page for a redirect. */
function redirecting(target: string): string {
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to target URL: <a href="${target}">${target}</a>.  If not click the link.`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cookiesOf(request: IncomingMessage): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/;\s*/).filter(Boolean);
  const entries = pairs.map((pair): [string, string] => {
    const cut = pair.indexOf('=');
    return cut === -1 ? [pair, ''] : [pair.slice(0, cut), pair.slice(cut + 1)];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields and files of a form. */
function multipart(
  flavour: Flavour,
  body: string,
  boundary: string,
): { form: Record<string, string | string[]>; files: Record<string, string | string[]> } {
  const [form, files] = [new URLSearchParams(), new URLSearchParams()];
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const [, head = '', content = ''] = /^\r\n([\s\S]*?)\r\n\r\n([\s\S]*)\r\n$/.exec(part) ?? [];
    const name = / name="([^"]*)"/.exec(head)?.[1] ?? '';
    (/ filename="/.test(head) ? files : form).append(name, content);
  }
  return { form: argumentMap(flavour, form), files: argumentMap(flavour, files) };
}

/** Names as the programs print them: each word with a capital, sorted. */
function headerMap(flavour: Flavour, request: IncomingMessage): Record<string, string | string[]> {
  const found = new Map<string, string[]>();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? '').replace(
      /[^-]+/g,
      (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
    );
    found.set(name, [...(found.get(name) ?? []), request.rawHeaders[index + 1] ?? '']);
  }
  return Object.fromEntries(
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, values]) => [name, flavour === 'go' ? values : values.join(',')]),
  );
}

function argumentMap(flavour: Flavour, parameters: URLSearchParams): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    result[name] = flavour === 'python' && values.length === 1 ? (values[0] ?? '') : values;
  }
  return result;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const python = httpbin('python', 80);
const go = httpbin('go', 8080);

export const httpbinImages: readonly Image[] = [
  {
    repositories: ['kennethreitz/httpbin', 'kong/httpbin', 'citizenstig/httpbin'],
    exposes: [80],
    userland: 'gnu',
    command: ['gunicorn', '-b', '0.0.0.0:80', 'httpbin:app', '-k', 'gevent'],
    workingDirectory: '/httpbin',
    programs: { '/usr/local/bin/gunicorn': python },
  },
  {
    repositories: ['mccutchen/go-httpbin', 'ghcr.io/mccutchen/go-httpbin'],
    exposes: [8080],
    userland: 'none',
    user: { uid: 65_532, name: 'nonroot', home: '/home/nonroot' },
    command: ['/bin/go-httpbin'],
    programs: { '/bin/go-httpbin': go },
  },
];
