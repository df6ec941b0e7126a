import type { Connection } from '../config/connection.ts';
import { CommandError, ConnectionError, StatusError, type Status } from '../errors.ts';
import { HttpTimeout, type HttpAnswer, type HttpTransport } from './http-answer.ts';

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

export interface RequestOptions {
  query?: Query;
  /** Default `application/json`. */
  accept?: string;
  /** Sent as JSON, or as it is when it is a string. */
  body?: unknown;
  contentType?: string;
  /** For messages of a server that sends no Status: `pods` and `web`. */
  subject?: { resource?: string; name?: string };
}

export interface Client {
  readonly connection: Connection;
  /** `HOST:PORT` as messages name it. */
  readonly host: string;
  /** @throws StatusError, ConnectionError */
  json<Answer = unknown>(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  text(method: string, path: string, options?: RequestOptions): Promise<string>;
  /** The answer as it comes; the caller reads it to the end or destroys it. */
  stream(method: string, path: string, options?: RequestOptions): Promise<HttpAnswer>;
  /** `ws://` or `wss://` URL of a path. */
  webSocketUrl(path: string, query: Query): string;
  warn(text: string): void;
  dispose(): void;
}

export function createClient(connection: Connection, warn: (text: string) => void): Client {
  const base = parseServer(connection.server);
  const host = `${base.hostname}:${base.port || (base.protocol === 'https:' ? '443' : '80')}`;
  let transport: HttpTransport | undefined;

  /** What is loaded is what the address needs: that is a good part of a run's time. */
  async function openTransport(): Promise<HttpTransport> {
    if (base.protocol === 'https:') {
      return (await import('./https-transport.ts')).createHttpsTransport(connection.tls);
    }
    return (await import('./plain-transport.ts')).createPlainTransport();
  }

  async function open(method: string, path: string, options: RequestOptions = {}): Promise<HttpAnswer> {
    const url = new URL(
      base.href.replace(/\/$/, '') + path + renderQuery({ ...options.query, ...timeoutQuery(connection) }),
    );
    const body =
      options.body === undefined
        ? undefined
        : typeof options.body === 'string'
          ? options.body
          : JSON.stringify(options.body);
    const headers: Record<string, string | string[]> = {
      accept: options.accept ?? 'application/json, */*',
      'user-agent': 'kubectl/taller',
      ...connection.headers,
    };
    if (body !== undefined) headers['content-type'] = options.contentType ?? 'application/json';
    transport ??= await openTransport();
    const timeoutMs = options.query?.watch === undefined ? connection.requestTimeoutMs : 0;
    const response = await transport
      .send({ method, url, headers, body, timeoutMs })
      .catch(async (error: NodeJS.ErrnoException) => {
        throw await explainFailure(error, host, method, url);
      });
    for (const warning of readWarnings(response)) warn(warning);
    if (response.status < 400) return response;
    throw await readFailure(response, method, path, options);
  }

  return {
    connection,
    host,
    stream: open,
    async text(method, path, options) {
      return readText(await open(method, path, options));
    },
    async json<Answer>(method: string, path: string, options?: RequestOptions) {
      const text = await readText(await open(method, path, options));
      return JSON.parse(text) as Answer;
    },
    webSocketUrl(path, query) {
      return base.href.replace(/\/$/, '').replace(/^http/, 'ws') + path + renderQuery(query);
    },
    warn,
    dispose: () => transport?.dispose(),
  };
}

function timeoutQuery({ requestTimeoutMs }: Connection): Query {
  return requestTimeoutMs > 0 ? { timeout: `${requestTimeoutMs / 1000}s` } : {};
}

function parseServer(server: string): URL {
  try {
    return new URL(server);
  } catch {
    throw new CommandError(`parse ${JSON.stringify(server)}: the address of the server is no URL`);
  }
}

function renderQuery(query: Query): string {
  const parts = Object.entries(query).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const values = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
    return values.map((each) => `${encodeURIComponent(key)}=${encodeURIComponent(each)}`);
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

async function readText(response: HttpAnswer): Promise<string> {
  let text = '';
  for await (const piece of response.pieces()) text += piece;
  return text;
}

/** RFC 7234 warn-text of each `Warning: 299 - "…"`. */
function readWarnings(response: HttpAnswer): string[] {
  const header = response.header('warning');
  if (header === undefined) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

/** What the server says, or what client-go makes of an answer that is no Status (apimachinery, NewGenericServerResponse). */
async function readFailure(response: HttpAnswer, method: string, path: string, { subject = {} }: RequestOptions) {
  const text = await readText(response);
  try {
    const status = JSON.parse(text) as Status;
    if (status.kind === 'Status') return new StatusError(status);
  } catch {
    // Not JSON: a proxy or a handler that answers in plain text.
  }
  const code = response.status;
  const [reason, message] = GENERIC[code] ?? [
    '',
    `the server responded with the status code ${code} but did not return more information`,
  ];
  const group = /^\/apis\/([^/]+)/.exec(path)?.[1];
  const resource = [subject.resource, group].filter(Boolean).join('.');
  const about = [method.toLowerCase(), resource, subject.name].filter(Boolean).join(' ');
  const full = subject.resource ? `${message} (${about})` : message;
  return new StatusError({ kind: 'Status', code, reason, message: full });
}

const GENERIC: Record<number, [reason: string, message: string]> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  413: ['RequestEntityTooLarge', 'Request entity too large'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'an error on the server has prevented the request from succeeding'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

async function explainFailure(error: NodeJS.ErrnoException, host: string, method: string, url: URL): Promise<Error> {
  if (error instanceof HttpTimeout) {
    const reason = 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)';
    return new ConnectionError(host, false, reason);
  }
  if (error.code === 'ECONNREFUSED' || error.code === undefined) {
    const refused = error.code === 'ECONNREFUSED' ? error : firstRefused(error);
    if (refused) return new ConnectionError(host, true, `dial tcp ${addressOf(refused)}: connect: connection refused`);
  }
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    const { getServers } = await import('node:dns');
    const [server = ''] = getServers();
    const asked = server === '' ? '' : ` on ${server.includes(':') ? `[${server}]` : server}:53`;
    return new ConnectionError(host, false, `dial tcp: lookup ${url.hostname}${asked}: no such host`);
  }
  if (error.code === 'ECONNRESET') return new ConnectionError(host, false, 'EOF');
  if (/CERT|SELF_SIGNED|ALTNAME|VERIFY/.test(error.code ?? '')) {
    return new ConnectionError(host, false, `tls: failed to verify certificate: x509: ${error.message}`);
  }
  return new ConnectionError(host, false, `${method} ${url.href}: ${error.message}`);
}

/** `localhost` has two addresses; Node then reports both failures in one error. */
function firstRefused(error: Error): NodeJS.ErrnoException | undefined {
  if (!(error instanceof AggregateError)) return undefined;
  const errors = error.errors as NodeJS.ErrnoException[];
  return errors.every(({ code }) => code === 'ECONNREFUSED') ? errors[0] : undefined;
}

function addressOf(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  const { address = '', port = 0 } = error;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
