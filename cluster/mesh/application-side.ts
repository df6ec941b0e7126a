import type { Connection, Endpoint } from '../network/connection.ts';
import { NetworkError } from '../network/connection.ts';
import type { Dialled } from './dialling.ts';
import type { PodNetwork } from '../network/network.ts';

/** Whom the application sees as its client: Envoy's inbound passthrough address. */
export const APPLICATION_SIDE: Endpoint = { ip: '127.0.0.6', port: 0 };

/** Where the inbound side listens itself: there is no program behind it, and it must not go round in circles. */
export const INBOUND_PORT = 15_006;

/** From a sidecar to the program beside it; null when nothing listens. */
export function connectApplication(network: PodNetwork, port: number): Connection | null {
  return port === INBOUND_PORT ? null : network.connectLocal(port, APPLICATION_SIDE);
}

/** As {@link connectApplication}. @throws NetworkError ECONNREFUSED */
export async function dialApplication(network: PodNetwork, port: number): Promise<Dialled> {
  const connection = connectApplication(network, port);
  if (connection === null) throw new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
  return { stream: connection, local: connection.local };
}
