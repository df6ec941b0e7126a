import { request as sendHttp } from 'node:http';
import { NetworkError } from '../../network/connection.ts';
import { PROXY_UID } from '../../network/network.ts';
import type { Process } from '../process/process.ts';
import { readBody } from './serve.ts';

/**
 * `pilot-agent request GET config_dump`, `pilot-discovery request GET /debug/syncz`: asks a page of the pod's own proxy
 * or control plane and prints it (Istio, pkg/cmd and pilot/cmd/pilot-agent/app/request.go). The method may be left out.
 */
export async function requestOwnPage(process: Process, port: number): Promise<number> {
  const words = process.args.slice(2);
  const [method = 'GET', target = '', body = ''] = words.length === 1 ? ['GET', ...words] : words;
  if (words.length === 0 || words.length > 3) {
    await process.printError('Error: requires at least 1 arg(s), only received 0: METHOD PATH [BODY]\n');
    return 255;
  }
  const path = target.startsWith('/') ? target : `/${target}`;
  try {
    const { status, text } = await process.race(ask(process, { port, method, path, body }));
    if (status >= 400 && status !== 404) {
      await process.printError(`Error: received unsuccessful status code ${status}: ${text}\n`);
      return 255;
    }
    await process.print(text.endsWith('\n') ? text : `${text}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    await process.printError(
      `Error: ${method} "http://127.0.0.1:${port}${path}": dial tcp 127.0.0.1:${port}: connect: connection refused\n`,
    );
    return 255;
  }
}

async function ask(
  process: Process,
  { port, method, path, body }: { port: number; method: string; path: string; body: string },
): Promise<{ status: number; text: string }> {
  const connection = await process.container.network.connect({ ip: '127.0.0.1', port }, { uid: PROXY_UID });
  return new Promise((resolve, reject) => {
    const request = sendHttp({ createConnection: () => connection as never, method, path, host: `127.0.0.1:${port}` });
    request.on('error', reject);
    request.on('response', (response) => {
      readBody(response).then((bytes) => {
        connection.destroy();
        resolve({ status: response.statusCode ?? 502, text: bytes.toString('utf8') });
      }, reject);
    });
    request.end(body);
  });
}
