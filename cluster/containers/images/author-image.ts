import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from '../../network/connection.ts';
import { expandReferences } from '../environment.ts';
import type { Process, Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from './serve.ts';

/** An image that the author of a lesson describes: a small server, or a command line of the image's tools. */
export interface AuthorImage {
  /** Reference as pods write it. Without a tag it stands for every tag; one with the tag goes before that. */
  image: string;
  /** Whose small tools and shell are in it; `none` has neither. Default `busybox`. */
  tools?: 'busybox' | 'debian' | 'none';
  /** Numeric user. Default 0, root. */
  user?: number;
  /** Variables of the container. */
  env?: Readonly<Record<string, string>>;
  /** What runs in place of the server: a command line of the image's tools. Excludes `ports` and `paths`. */
  command?: readonly string[];
  /** Where the server listens. Default one, 8080 with HTTP. */
  ports?: readonly AuthorPort[];
  /** By path: exact (`/items`), or what begins so (`/items/*`); the longest wins. Anything else is answered with 404. */
  paths?: Readonly<Record<string, AuthorAnswer>>;
}

export interface AuthorPort {
  /** 1 to 65535. */
  port: number;
  /** `tcp` sends back what it gets. Default `http`. */
  protocol?: 'http' | 'tcp';
}

export interface AuthorAnswer {
  /** 200 to 599. Default 200. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** `$(NAME)` is replaced by the container's variable, `$$` by a dollar. Default empty. */
  body?: string;
  /** Milliseconds before the answer. Default 0. */
  delayMs?: number;
  /** Answers with the request itself, as JSON, in place of `body`. Default false. */
  echo?: boolean;
}

const DEFAULT_PORTS: readonly AuthorPort[] = [{ port: 8080 }];
const SERVER_PATH = '/server';

/** The image that the description means. */
export function authorImage(description: AuthorImage): Image {
  const { image, tools = 'busybox', user = 0, env = {}, command } = description;
  return {
    repositories: [image],
    userland: tools === 'debian' ? 'gnu' : tools,
    ...(user === 0 ? {} : { user: { uid: user, name: 'app', home: '/home/app' } }),
    environment: env,
    ...(command === undefined
      ? {
          exposes: (description.ports ?? DEFAULT_PORTS).map(({ port }) => port),
          entrypoint: [SERVER_PATH],
          programs: { [SERVER_PATH]: server(description) },
        }
      : { command }),
  };
}

function server({ ports = DEFAULT_PORTS, paths = {} }: AuthorImage): Program {
  return async (process) => {
    const http = httpAcceptor(process, (request, response) => {
      // A client that leaves before its answer is no defect of the server.
      respond(process, paths, request, response).catch(() => response.destroy());
    });
    const acceptors = new Map(ports.map(({ port, protocol }) => [port, protocol === 'tcp' ? sendBack : http]));
    await process.print(`listening on ${ports.map(({ port }) => `:${port}`).join(', ')}\n`);
    return listenUntilStopped(process, acceptors);
  };
}

function sendBack(connection: Connection): void {
  connection.pipe(connection);
}

async function respond(
  process: Process,
  paths: Readonly<Record<string, AuthorAnswer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  const found = findAnswer(paths, path);
  const body = await readBody(request);
  if (found?.delayMs !== undefined) await process.sleep(found.delayMs);
  const status = found === undefined ? 404 : (found.status ?? 200);
  const text =
    found === undefined
      ? '404 page not found\n'
      : found.echo === true
        ? describeRequest(process, request, body)
        : expandReferences(found.body ?? '', process.environment);
  const headers = Object.entries(found?.headers ?? {});
  if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['content-type', found?.echo === true ? 'application/json' : 'text/plain; charset=utf-8']);
  }
  answer(response, status, [...headers, ['date', httpDate(process)]], text);
  await process.print(
    `${request.socket.remoteAddress ?? '-'} ${request.method ?? ''} ${request.url ?? ''} ${status}\n`,
  );
}

function findAnswer(paths: Readonly<Record<string, AuthorAnswer>>, path: string): AuthorAnswer | undefined {
  if (Object.hasOwn(paths, path)) return paths[path];
  const [longest] = Object.keys(paths)
    .filter((key) => key.endsWith('/*') && path.startsWith(key.slice(0, -1)))
    .sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : paths[longest];
}

function describeRequest(process: Process, request: IncomingMessage, body: Buffer): string {
  const { method, url, headers } = request;
  const host = process.container.hostname;
  return `${JSON.stringify({ host, method, path: url, headers, body: body.toString('utf8') }, null, 2)}\n`;
}
