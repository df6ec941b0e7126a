import type { Endpoint } from '../network/connection.ts';
import { serviceByHost, withPort, type Destination, type MeshService } from './destination.ts';
import { findEntryByAddress, findEntryByHost } from './service-entry.ts';
import type { SidecarContext } from './sidecar.ts';

/** Everything that the mesh knows by name, as one proxy sees it: services of the cluster, and hosts of ServiceEntries. */
export class Registry {
  readonly #context: SidecarContext;

  constructor(context: SidecarContext) {
    this.#context = context;
  }

  /** @param host in full */
  byHost(host: string): MeshService | undefined {
    return serviceByHost(this.#context.network, host) ?? this.entryByHost(host);
  }

  entryByHost(host: string): MeshService | undefined {
    const services = this.#context.mesh.config.entryServices();
    return services.length === 0 ? undefined : findEntryByHost(services, this.#context.workload.namespace, host);
  }

  /** Whose address somebody connects to; null for nobody's. */
  byAddress(address: Endpoint): Destination | null {
    const { network, mesh, workload } = this.#context;
    const service = network.services.byClusterIp(address.ip);
    if (service !== undefined) return withPort(service, address.port);
    const services = mesh.config.entryServices();
    if (services.length === 0) return null;
    return withPort(findEntryByAddress(services, workload.namespace, address), address.port);
  }
}
