import { Agent, request } from 'node:http';
import { onTestFinished } from 'vitest';

export interface RawRequest {
  method: string;
  /** Path and query as they go over the wire. */
  path: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends requests as they are written, where `fetch` would tidy them first. Ends with the test. */
export function createRawClient(url: string): (raw: RawRequest) => Promise<RawAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  onTestFinished(() => agent.destroy());
  const { hostname, port } = new URL(url);
  return ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, headers: headers ?? {} }, (response) => {
        const chunks: Buffer[] = [];
        const done = () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          });
        // A watch or a log that is followed has no end: its head is its answer.
        if (response.headers['content-length'] === undefined && /[?&](watch|follow)\b/.test(path)) {
          response.once('close', done);
          response.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', done);
        response.once('error', reject);
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });
}
