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
    return this.#ifKnown(serviceByHost(this.#context.network, host)) ?? this.entryByHost(host);
  }

  /** A service of the cluster. */
  byName(namespace: string, name: string): MeshService | undefined {
    return this.#ifKnown(this.#context.network.services.byName(namespace, name));
  }

  entryByHost(host: string): MeshService | undefined {
    const services = this.#entries();
    return services.length === 0 ? undefined : findEntryByHost(services, this.#context.workload.namespace, host);
  }

  /** Whose address somebody connects to; null for nobody's. */
  byAddress(address: Endpoint): Destination | null {
    const { network, workload } = this.#context;
    const service = this.#ifKnown(network.services.byClusterIp(address.ip));
    if (service !== undefined) return withPort(service, address.port);
    const services = this.#entries();
    if (services.length === 0) return null;
    return withPort(findEntryByAddress(services, workload.namespace, address), address.port);
  }

  #entries(): readonly MeshService[] {
    const { mesh } = this.#context;
    const services = mesh.config.entryServices();
    return services.length === 0 ? services : services.filter((service) => this.#ifKnown(service) !== undefined);
  }

  #ifKnown(service: MeshService | undefined): MeshService | undefined {
    const { mesh, pod } = this.#context;
    return service !== undefined && mesh.config.knows(mesh.workload(pod), service) ? service : undefined;
  }
}
