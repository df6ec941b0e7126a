import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomUuid } from '../../mesh/request-id.ts';
import type { Process, Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from './serve.ts';

/** The two programs that are called httpbin: the Python one gives strings, the Go one lists. */
type Flavour = 'python' | 'go';

const TEAPOT = `
    -=[ teapot ]=-

       _...._
     .'  _ _ \`.
    | ."\` ^ \`". _,
    \\_;\`"---"\`|//
      |       ;/
      \\_     _/
        \`"""\`
`;

function httpbin(flavour: Flavour, port: number): Program {
  return async (process) => {
    if (flavour === 'python') {
      const stamp = new Date(process.container.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
      for (const text of [
        'Starting gunicorn 19.9.0',
        `Listening at: http://0.0.0.0:${port} (1)`,
        'Using worker: gevent',
      ]) {
        await process.printError(`[${stamp} +0000] [1] [INFO] ${text}\n`);
      }
    }
    const accept = httpAcceptor(process, (request, response) => {
      respond(process, flavour, request, response).catch(() => response.destroy());
    });
    return listenUntilStopped(process, new Map([[port, accept]]));
  };
}

async function respond(
  process: Process,
  flavour: Flavour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, first = '', second = ''] = url.pathname.split('/');
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
  const send = (status: number, type: string, body: string): void => {
    const own: (readonly [string, string])[] = type === '' ? [] : [['Content-Type', type]];
    const length = ['Content-Length', String(Buffer.byteLength(body))] as const;
    answer(
      response,
      status,
      flavour === 'python' ? [...common, ...own, length, ...after] : [...common, ...own, ...after, length],
      body,
    );
  };
  const json = (value: unknown): void =>
    send(
      200,
      flavour === 'python' ? 'application/json' : 'application/json; charset=utf-8',
      `${JSON.stringify(value, null, 2)}\n`,
    );

  const headers = headerMap(flavour, request);
  const args = argumentMap(flavour, url.searchParams);
  const origin = request.headers['x-forwarded-for'] ?? request.socket.remoteAddress ?? '';
  const full = `${String(request.headers['x-forwarded-proto'] ?? 'http')}://${request.headers.host ?? ''}${request.url ?? ''}`;
  const method = request.method ?? 'GET';
  const takesBody = ['post', 'put', 'patch', 'delete', 'anything'].includes(first);
  if (takesBody && (first === 'anything' || first === method.toLowerCase())) {
    const body = (await readBody(request)).toString('utf8');
    const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
    const form = isForm ? argumentMap(flavour, new URLSearchParams(body)) : {};
    const data = isForm && flavour === 'python' ? '' : body;
    const common1 = { args, data, files: {}, form, headers, json: parseOrNull(body) };
    json(first === 'anything' ? { ...common1, method, origin, url: full } : { ...common1, origin, url: full });
    return;
  }
  switch (first) {
    case '':
      send(
        200,
        'text/html; charset=utf-8',
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n  <meta charset="UTF-8">\n  <title>httpbin.org</title>\n</head>\n<body>\n  <h2>httpbin.org</h2>\n  <p>A simple HTTP Request &amp; Response Service.</p>\n</body>\n</html>\n',
      );
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
      const status = Number(second.split(',')[0]);
      if (!Number.isInteger(status) || status < 100 || status > 599)
        send(400, 'text/plain; charset=utf-8', 'Invalid status code');
      else if (status === 418) send(418, '', flavour === 'python' ? TEAPOT : "I'm a teapot!");
      else send(status, 'text/html; charset=utf-8', '');
      return;
    }
    case 'delay':
      await process.sleep(Math.min(10, Number(second) || 0) * 1000);
      json({ args, data: '', files: {}, form: {}, headers, origin, url: full });
      return;
    case 'response-headers':
      for (const [name, value] of url.searchParams) response.setHeader(name, value);
      json(Object.fromEntries(url.searchParams));
      return;
    case 'redirect-to': {
      answer(response, 302, [...common, ['Location', url.searchParams.get('url') ?? '/'], ...after], '');
      return;
    }
    case 'healthz':
    case 'health':
      send(200, 'text/plain; charset=utf-8', 'OK');
      return;
    default:
      send(
        404,
        'text/html',
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try again.</p>\n',
      );
  }
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
