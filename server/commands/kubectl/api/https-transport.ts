import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Connection } from '../config/connection.ts';
import { HttpTimeout, type HttpAnswer, type HttpTransport } from './http-answer.ts';

/** Node's own client. */
export function createHttpsTransport(tls: Connection['tls']): HttpTransport {
  const agent = new Agent({ keepAlive: true, ...tls });
  return {
    send: ({ method, url, headers, body, timeoutMs }) =>
      new Promise((resolve, reject) => {
        const own = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
        const request = httpsRequest(
          url,
          { method, headers: own as Record<string, string | string[]>, agent, ...tls },
          (response) => resolve(answerOf(response)),
        );
        request.on('error', reject);
        if (timeoutMs > 0) request.setTimeout(timeoutMs, () => request.destroy(new HttpTimeout()));
        request.end(body);
      }),
    dispose: () => agent.destroy(),
  };
}

function answerOf(response: IncomingMessage): HttpAnswer {
  return {
    status: response.statusCode ?? 500,
    header(name) {
      const value = response.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    pieces: () => response.setEncoding('utf8') as AsyncIterable<string>,
    destroy: () => void response.destroy(),
  };
}
