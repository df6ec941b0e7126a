import type { Connection, Endpoint } from '../network/connection.ts';
import { NetworkError } from '../network/connection.ts';
import type { PodNetwork } from '../network/network.ts';

/** Whom the application sees as its client: Envoy's inbound passthrough address. */
export const APPLICATION_SIDE: Endpoint = { ip: '127.0.0.6', port: 0 };

/** From a sidecar to the program beside it. @throws NetworkError ECONNREFUSED */
export async function dialApplication(network: PodNetwork, port: number): Promise<Connection> {
  const connection = network.connectLocal(port, APPLICATION_SIDE);
  if (connection === null) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
  return connection;
}
