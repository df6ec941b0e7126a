import { request as httpRequest } from 'node:http';
import { type Duplex } from 'node:stream';

export interface ProbeRequest {
  path: string;
  /** `Host` and `User-Agent` included. */
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** GET over a connection to the pod. @returns the status @throws Error when the connection ends before the answer */
export async function probeHttp(connection: Duplex, { path, headers, signal }: ProbeRequest): Promise<number> {
  try {
    return await new Promise<number>((resolve, reject) => {
      const sent = httpRequest({ path, headers, signal, createConnection: () => connection as never }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end();
    });
  } finally {
    connection.destroy();
  }
}
