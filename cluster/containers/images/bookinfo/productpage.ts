import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Process, Program } from '../../process/process.ts';
import { askService, passedOn, type ServiceAnswer, ServiceError, TRACE_HEADERS } from '../ask-service.ts';
import { logTime } from '../log-time.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from '../serve.ts';
import { indexPage, PAGE_STYLE, productPage, type Shown } from './pages.ts';
import { BOOKINFO_PORT } from './ratings.ts';
import { readSession, sessionCookie } from './session.ts';

/** productpage.py: how long it waits for the details, and for each of its tries at the reviews. */
const CALL_TIMEOUT_MS = 3000;
const REVIEWS_TRIES = 2;

const PASSED_ON = [...TRACE_HEADERS, 'user-agent', 'authorization', 'cookie'];

const PRODUCTS = [
  {
    id: 0,
    title: 'The Comedy of Errors',
    descriptionHtml:
      '<a href="https://en.wikipedia.org/wiki/The_Comedy_of_Errors">Wikipedia Summary</a>: two pairs of twins, parted at birth, come to the same town without knowing of each other. One of the early plays of <b>William Shakespeare</b>, and the shortest.',
  },
] as const;

/**
 * The bookstore's page, put together from the answers of details and reviews. Who logs in is passed on as the header
 * `end-user`. Istio samples/bookinfo/src/productpage/productpage.py; the look of its pages is our own.
 */
export const productpage: Program = async (process) => {
  const port = Number(process.args[2] ?? BOOKINFO_PORT);
  await process.print(`INFO:root:start at port ${port}\n`);
  const accept = httpAcceptor(process, (request, response) => {
    void respond(process, request, response).then(
      () =>
        process.printError(
          `INFO:werkzeug:${request.socket.remoteAddress ?? '-'} - - [${logTime(new Date(process.container.clock.now())).slice(0, 20).replace(':', ' ')}] "${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1" ${response.statusCode} -\n`,
        ),
      () => response.destroy(),
    );
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
};

async function respond(process: Process, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, type: string, body: string, more: readonly (readonly [string, string])[] = []): void =>
    answer(
      response,
      status,
      [['Server', 'gunicorn'], ['Date', httpDate(process)], ['Content-Type', type], ...more],
      body,
    );
  const html = (body: string): void => send(200, 'text/html; charset=utf-8', body);
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const user = readSession(request.headers.cookie);
  const headers = { ...passedOn(request, PASSED_ON), ...(user === null ? {} : { 'end-user': user }) };
  const [, id, part] = /^\/api\/v1\/products\/(\d+)(?:\/(reviews|ratings))?$/.exec(path) ?? [];

  if (path === '/' || path === '/index.html') html(indexPage());
  else if (path === '/health') html('Product page is healthy');
  else if (path === '/static/bookinfo.css') send(200, 'text/css; charset=utf-8', PAGE_STYLE);
  else if (path === '/productpage') {
    const [details, reviews] = await Promise.all([shownDetails(process, headers), shownReviews(process, headers)]);
    html(productPage({ product: PRODUCTS[0], details, reviews, user }));
  } else if (path === '/login' && request.method === 'POST') {
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    back(send, request, sessionCookie(form.get('username') ?? ''));
  } else if (path === '/logout') back(send, request, sessionCookie(null));
  else if (path === '/api/v1/products') {
    send(200, 'application/json', JSON.stringify(PRODUCTS));
  } else if (id !== undefined) {
    const kind = part ?? 'details';
    const result = await ask(process, kind, id, headers, kind === 'reviews' ? REVIEWS_TRIES : 1);
    const { status, body } = result ?? { status: 500, body: unavailable(kind) };
    send(status, 'application/json', status === 200 ? body : unavailable(kind));
  } else {
    send(
      404,
      'text/html; charset=utf-8',
      '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n',
    );
  }
}

/** Login and logout lead back to where they were pressed. */
function back(
  send: (status: number, type: string, body: string, more: readonly (readonly [string, string])[]) => void,
  request: IncomingMessage,
  cookie: string,
): void {
  const { referer = '/productpage' } = request.headers;
  // Only within the application: the header is the visitor's word.
  const target = /^https?:\/\/[^/]+(\/[^?#]*)/.exec(referer)?.[1] ?? '/productpage';
  send(302, 'text/html; charset=utf-8', 'Redirecting...', [
    ['Location', target],
    ['Set-Cookie', cookie],
  ]);
}

function unavailable(kind: string): string {
  return JSON.stringify({ error: `Sorry, product ${kind} are currently unavailable for this book.` });
}

/** Null when no answer came from any try. */
async function ask(
  process: Process,
  kind: string,
  id: string,
  headers: Readonly<Record<string, string>>,
  tries: number,
): Promise<ServiceAnswer | null> {
  const { environment } = process;
  const domain = environment.get('SERVICES_DOMAIN') ?? '';
  const host = (environment.get(`${kind.toUpperCase()}_HOSTNAME`) ?? kind) + (domain === '' ? '' : `.${domain}`);
  const port = environment.get(`${kind.toUpperCase()}_SERVICE_PORT`) ?? String(BOOKINFO_PORT);
  let last: ServiceAnswer | null = null;
  for (let left = tries; left > 0; left -= 1) {
    try {
      last = await askService(process, `http://${host}:${port}/${kind}/${id}`, { headers, timeoutMs: CALL_TIMEOUT_MS });
      if (last.status === 200) return last;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      last = null;
    }
  }
  return last;
}

async function shownDetails(process: Process, headers: Readonly<Record<string, string>>): Promise<Shown> {
  const found = await ask(process, 'details', '0', headers, 1);
  return read(found) ?? { error: 'details' };
}

async function shownReviews(process: Process, headers: Readonly<Record<string, string>>): Promise<Shown> {
  const found = await ask(process, 'reviews', '0', headers, REVIEWS_TRIES);
  return read(found) ?? { error: 'reviews' };
}

function read(found: ServiceAnswer | null): Shown | null {
  if (found?.status !== 200) return null;
  try {
    const value: unknown = JSON.parse(found.body);
    return typeof value === 'object' && value !== null ? { value: value as Record<string, unknown> } : null;
  } catch {
    return null;
  }
}
