import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Process, Program } from '../process/process.ts';
import { askService, passedOn, ServiceError, TRACE_HEADERS } from './ask-service.ts';
import { escapeHtml } from './html.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from './serve.ts';

/** What Spring's RestTemplate waits for by default is for ever; a page that never comes teaches nothing. */
const REPO_TIMEOUT_MS = 30_000;

interface Todo {
  id: number;
  title: string;
}

type Send = (status: number, type: string, body: string, more?: readonly (readonly [string, string])[]) => void;

/**
 * The two services of the atSistemas workshop. Their sources are not public: addresses and the shape of a todo are the
 * workshop's, errors are Spring Boot's, the client's web page is our own.
 */
const repo: Program = async (process) => {
  await process.print(startLine(process, 'TodoRepoApplication', 8081));
  const todos = new Map<number, Todo>();
  return serveSpring(process, 8081, async (request, send) => {
    const path = pathOf(request);
    const [, id] = /^\/todo\/(\d+)$/.exec(path) ?? [];
    const found = id === undefined ? undefined : todos.get(Number(id));
    if (path === '/todo' && request.method === 'POST') {
      const title = readTitle((await readBody(request)).toString('utf8'));
      if (title === undefined) {
        springError(process, send, 400, 'Bad Request', 'JSON parse error: no title', path);
        return;
      }
      const todo: Todo = { id: todos.size + 1, title };
      todos.set(todo.id, todo);
      sendJson(send, 200, todo);
    } else if (path === '/todo') sendJson(send, 200, [...todos.values()]);
    else if (found !== undefined) sendJson(send, 200, found);
    else if (path === '/swagger-ui.html') send(200, 'text/html', SWAGGER);
    else if (id === undefined) springError(process, send, 404, 'Not Found', 'No message available', path);
    else springError(process, send, 404, 'Not Found', `Todo ${id} not found`, path);
  });
};

const client: Program = async (process) => {
  await process.print(startLine(process, 'TodoClientApplication', 8082));
  const server = process.environment.get('TODO_SERVER_URL') ?? 'http://todo-repo:8081';
  return serveSpring(process, 8082, async (request, send) => {
    const path = pathOf(request);
    const headers = passedOn(request, TRACE_HEADERS);
    try {
      if (path === '/' && request.method === 'POST') {
        const form = new URLSearchParams((await readBody(request)).toString('utf8'));
        await askService(process, `${server}/todo`, {
          method: 'POST',
          headers: { ...headers, 'Content-Type': 'application/json' },
          body: JSON.stringify({ title: form.get('title') ?? '' }),
          timeoutMs: REPO_TIMEOUT_MS,
        });
        send(302, 'text/html', '', [['Location', '/']]);
      } else if (path === '/') {
        const { status, body } = await askService(process, `${server}/todo`, { headers, timeoutMs: REPO_TIMEOUT_MS });
        send(200, 'text/html;charset=UTF-8', listPage(status, body));
      } else if (path === '/todo' || path.startsWith('/todo/')) {
        const body = request.method === 'POST' ? (await readBody(request)).toString('utf8') : undefined;
        const got = await askService(process, server + path, {
          method: request.method ?? 'GET',
          headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body }),
          timeoutMs: REPO_TIMEOUT_MS,
        });
        if (got.status < 400) send(got.status, 'application/json;charset=UTF-8', got.body);
        // RestTemplate throws for every error of the other side, and nobody catches it.
        else springError(process, send, 500, 'Internal Server Error', springStatus(got.status), path);
      } else springError(process, send, 404, 'Not Found', 'No message available', path);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const reason = {
        ENOTFOUND: 'todo-repo',
        ECONNREFUSED: 'Connection refused',
        ECONNRESET: 'Connection reset',
        ETIMEDOUT: 'Read timed out',
      };
      const message = `I/O error on ${request.method ?? 'GET'} request for "${server}${path}": ${reason[error.code]}`;
      if (path === '/') send(200, 'text/html;charset=UTF-8', listPage(0, ''));
      else springError(process, send, 500, 'Internal Server Error', message, path);
    }
  });
};

async function serveSpring(
  process: Process,
  port: number,
  handle: (request: IncomingMessage, send: Send) => Promise<void>,
): Promise<number> {
  const accept = httpAcceptor(process, (request, response: ServerResponse) => {
    const send: Send = (status, type, body, more = []) =>
      answer(response, status, [...more, ['Content-Type', type], ['Date', httpDate(process)]], body);
    handle(request, send).catch(() => response.destroy());
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/\?.*$/s, '');
}

function sendJson(send: Send, status: number, value: unknown): void {
  send(status, 'application/json;charset=UTF-8', JSON.stringify(value));
}

/** Spring Boot 2.0, BasicErrorController. */
function springError(process: Process, send: Send, status: number, error: string, message: string, path: string): void {
  const timestamp = new Date(process.container.clock.now()).toISOString().replace('Z', '+0000');
  sendJson(send, status, { timestamp, status, error, message, path });
}

function springStatus(status: number): string {
  const reasons: Record<number, string> = {
    403: 'Forbidden',
    404: 'null',
    500: 'Internal Server Error',
    503: 'Service Unavailable',
  };
  return `${status} ${reasons[status] ?? ''}`.trim();
}

function readTitle(text: string): string | undefined {
  try {
    const { title } = JSON.parse(text) as { title?: unknown };
    return typeof title === 'string' ? title : undefined;
  } catch {
    return undefined;
  }
}

function startLine(process: Process, name: string, port: number): string {
  const time = new Date(process.container.clock.now()).toISOString().replace('T', ' ').replace('Z', '');
  return `${time}  INFO 1 --- [           main] o.s.b.w.embedded.tomcat.TomcatWebServer  : Tomcat started on port(s): ${port} (http) with context path ''\n${time}  INFO 1 --- [           main] ${name} : Started ${name}\n`;
}

const STYLE =
  ':root{color-scheme:light dark}body{max-width:36rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif}li{padding:.4rem .8rem;margin:.4rem 0;border:1px solid #8886;border-radius:.4rem;list-style:none}ul{padding:0}form{display:flex;gap:.5rem}input{flex:1}input,button{padding:.4rem .7rem;font:inherit}.error{color:#c0392b}';

function page(title: string, body: string): string {
  return `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${STYLE}</style></head>\n<body>\n${body}\n</body>\n</html>\n`;
}

const SWAGGER = page(
  'Swagger UI',
  '<h1>todo-repo</h1>\n<ul><li>POST /todo</li><li>GET /todo</li><li>GET /todo/{id}</li></ul>',
);

/** @param status what todo-repo answered, 0 when it did not */
function listPage(status: number, body: string): string {
  const todos = status === 200 ? (JSON.parse(body) as Todo[]) : null;
  const items = (todos ?? []).map(({ id, title }) => `<li>${id}. ${escapeHtml(title)}</li>`).join('\n');
  const list =
    todos === null
      ? `<p class="error">todo-repo ${status === 0 ? 'did not answer' : `answered ${status}`}.</p>`
      : `<ul>\n${items === '' ? '<li>Nothing to do.</li>' : items}\n</ul>`;
  return page(
    'Todo',
    `<h1>Todo</h1>\n${list}\n<form method="post" action="/"><input name="title" aria-label="What has to be done" placeholder="What has to be done?" required><button>Add</button></form>`,
  );
}

const SPRING = ['java', '-Djava.security.egd=file:/dev/./urandom', '-jar', '/app.jar'];

export const todoImages: readonly Image[] = [
  {
    repositories: ['atsistemas/todo-repo'],
    exposes: [8081],
    userland: 'busybox',
    entrypoint: SPRING,
    programs: { '/usr/bin/java': repo },
  },
  {
    repositories: ['atsistemas/todo-client'],
    exposes: [8082],
    userland: 'busybox',
    entrypoint: SPRING,
    programs: { '/usr/bin/java': client },
  },
];
