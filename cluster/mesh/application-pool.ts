import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/connection.ts';
import { NetworkError } from '../network/connection.ts';
import type { PodNetwork } from '../network/network.ts';

/** Whom the application sees as its client: Envoy's inbound passthrough address. */
export const APPLICATION_SIDE: Endpoint = { ip: '127.0.0.6', port: 0 };

/** Kept connections from a sidecar to the program beside it. */
export class ApplicationPool extends Agent {
  readonly #network: PodNetwork;

  constructor(network: PodNetwork) {
    super({ keepAlive: true, maxFreeSockets: 8 });
    this.#network = network;
  }

  override getName(options?: object): string {
    return String((options as { applicationPort: number }).applicationPort);
  }

  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    const { applicationPort } = options as { applicationPort: number };
    const connection = this.#network.connectLocal(applicationPort, APPLICATION_SIDE);
    if (connection === null) {
      callback?.(new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED'), undefined as never);
    } else callback?.(null, connection);
    return undefined;
  }
}
