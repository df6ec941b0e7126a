import { type IncomingMessage, type ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { ApiError, isNoSuchPath } from '../objects/api-error.ts';

export interface ResponseWriter {
  json(status: number, body: unknown, contentType?: string): void;
  text(status: number, body: string, contentType?: string): void;
  bytes(status: number, body: Uint8Array, contentType: string): void;
  fail(error: unknown): void;
  /** Adds a `Warning` header, once per text. Before the head is sent. */
  warn(text: string): void;
}

// Upstream cuts warnings off at 4 KiB in all; clients show each as a line.
const MAX_WARNINGS = 20;

export function createResponseWriter(request: IncomingMessage, response: ServerResponse): ResponseWriter {
  const { accept = '' } = request.headers;
  const warnings = new Set<string>();
  const indent = isForPeople(request) ? 2 : undefined;
  const yaml = accept.startsWith('application/yaml');

  function head(status: number, contentType: string, length: number): void {
    const headers: Record<string, string | string[] | number> = {
      'content-type': contentType,
      'content-length': length,
      'cache-control': 'no-cache, private',
    };
    if (warnings.size > 0) headers.warning = [...warnings].map((text) => `299 - "${escapeWarning(text)}"`);
    response.writeHead(status, headers);
  }

  function send(status: number, contentType: string, content: string | Uint8Array): void {
    if (response.headersSent || response.destroyed) return void response.destroy();
    const body = typeof content === 'string' ? Buffer.from(content) : content;
    head(status, contentType, body.length);
    response.end(body);
  }

  const writer: ResponseWriter = {
    json(status, body, contentType = 'application/json') {
      if (yaml && contentType === 'application/json') send(status, 'application/yaml', stringify(body));
      else send(status, contentType, `${JSON.stringify(body, null, indent)}${indent ? '' : '\n'}`);
    },
    text: (status, body, contentType = 'text/plain; charset=utf-8') => send(status, contentType, body),
    bytes: (status, body, contentType) => send(status, contentType, body),
    warn(text) {
      if (warnings.size < MAX_WARNINGS) warnings.add(text);
    },
    fail(error) {
      if (error instanceof ApiError && isNoSuchPath(error)) return void writer.text(404, '404 page not found\n');
      if (error instanceof ApiError) return void writer.json(error.code, error.toStatus());
      // Our own mistake: say so to the client, as upstream does, and keep serving the others.
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      writer.json(
        500,
        new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
          causes: [{ reason: '', message }],
        }).toStatus(),
      );
    },
  };
  return writer;
}

/** Kubernetes 1.36, k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go, isPrettyPrint. */
function isForPeople({ url = '', headers }: IncomingMessage): boolean {
  const pretty = new URLSearchParams(url.split('?', 2)[1] ?? '').get('pretty');
  if (pretty !== null && pretty !== '') return /^(?:1|t|true)$/i.test(pretty);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

function escapeWarning(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[^\x20-\x7e]/g, ' ');
}
