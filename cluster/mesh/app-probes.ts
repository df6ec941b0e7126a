import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { PROXY_UID, type PodNetwork } from '../network/network.ts';
import type { AppProbe } from './probe-rewriting.ts';

/**
 * Asks the program what the kubelet asked the agent (pilot/cmd/pilot-agent/status/server.go, handleAppProbe).
 * @param headers those of the kubelet's request
 * @returns the program's status; 500 when it does not answer
 */
export async function passProbeOn(
  network: PodNetwork,
  { httpGet: { path, port, scheme } }: AppProbe,
  headers: IncomingHttpHeaders,
): Promise<number> {
  try {
    const connection = await network.connect({ ip: '127.0.0.1', port }, { uid: PROXY_UID });
    // The programs speak no TLS of their own: behind HTTPS only the port is looked at.
    if (scheme === 'HTTPS') {
      connection.destroy();
      return 200;
    }
    const own = { ...headers, host: `${network.ip}:${port}`, connection: 'close' };
    const status = await new Promise<number>((resolve, reject) => {
      httpRequest({ path, headers: own, createConnection: () => connection as never }, (result) => {
        result.resume();
        resolve(result.statusCode ?? 500);
      })
        .on('error', reject)
        .end();
    });
    connection.destroy();
    return status;
  } catch {
    // Refused or cut off: the program is not ready, which is what the kubelet asks.
    return 500;
  }
}
