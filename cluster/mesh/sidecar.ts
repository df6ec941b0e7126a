import type { AccessLogEntry } from './access-log.ts';
import type { Clock, RandomBytes } from '../clock.ts';
import type { Connection } from '../network/connection.ts';
import type { Capture, Network, PodNetwork } from '../network/network.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { INBOUND_PORT } from './application-side.ts';
import { InboundProxy } from './inbound.ts';
import type { Mesh } from './mesh.ts';
import type { ProxyStats } from './proxy-stats.ts';
import type { MutualTls } from './mutual-tls.ts';
import { OutboundProxy } from './outbound.ts';
import { Registry } from './registry.ts';
import type { Workload } from './workload.ts';

/** What both sides of a sidecar work with. */
export interface SidecarContext extends Reports {
  workload: Workload;
  pod: KubernetesObject;
  objects: ObjectReader;
  podNetwork: PodNetwork;
  network: Network;
  mesh: Mesh;
  clock: Clock;
  randomBytes: RandomBytes;
  /** What the proxy counts under Envoy's names. */
  stats: ProxyStats;
  /** Takes a line of the proxy's log. What a request or a connection came to goes to its reports. */
  log(line: string): void;
}

/** Takes what came of requests and connections, from one side of the proxy. */
export interface Reports {
  /** Takes what the access log alone tells. */
  logAccess(entry: AccessLogEntry): void;
  /** Takes what a request or a connection came to, once it is over: a line of the access log, and counts in telemetry. */
  record(entry: AccessLogEntry): void;
  /**
   * Takes a connection of bytes at its beginning, so that telemetry sees it before it is over.
   * @param bytes received and sent until now
   * @returns takes what it came to, in place of `record`
   */
  opened(entry: AccessLogEntry, bytes: () => { received: number; sent: number }): (entry: AccessLogEntry) => void;
}

/** Health, the agent's telemetry and Envoy's own Prometheus page are never captured. */
const OWN_PORTS = [15_020, 15_021, 15_090];

/**
 * The proxy of one pod, as Istio's data plane configures Envoy. It exists while the pod does; its keys and servers come
 * with the first connection that needs them.
 */
export class Sidecar implements Capture {
  readonly excludedInboundPorts: readonly number[];
  readonly #inbound: InboundProxy;
  readonly #outbound: OutboundProxy;
  readonly #registry: Registry;
  readonly #stopListening: () => void;

  /** @param asServer takes reports of what comes in; those of `context` are of what goes out */
  constructor(context: SidecarContext, tls: MutualTls, asServer: Reports) {
    const excluded = context.pod.metadata.annotations?.['traffic.sidecar.istio.io/excludeInboundPorts'] ?? '';
    this.excludedInboundPorts = [...OWN_PORTS, ...excluded.split(',').filter(Boolean).map(Number)];
    this.#inbound = new InboundProxy({ ...context, ...asServer }, tls);
    this.#outbound = new OutboundProxy(context, tls);
    this.#registry = new Registry(context);
    // Reached from within the pod, as by a forwarded port, it ends the mesh's TLS as for a port that no service names, and
    // goes on to no program. Envoy's own chain for it ends no TLS.
    this.#stopListening = context.podNetwork.listen(INBOUND_PORT, (connection) => this.#inbound.take(connection));
  }

  inbound(connection: Connection): void {
    this.#inbound.take(connection);
  }

  outbound(connection: Connection): void {
    this.#outbound.take(connection);
  }

  /**
   * Addresses of a host of a ServiceEntry, as the sidecar's DNS proxy answers where it is switched on. Without it such
   * names would have to be known outside, and there is no outside here.
   */
  resolve(name: string): string[] | null {
    const addresses = this.#registry.entryByHost(name.toLowerCase().replace(/\.$/, ''))?.entryHost?.addresses ?? [];
    // A block is no address to connect to.
    const single = addresses.filter((address) => !address.includes('/'));
    return single.length === 0 ? null : single;
  }

  /** Whether an endpoint, `ip:port`, is left out of a cluster because it failed. */
  isEjected(cluster: string, host: string): boolean {
    return this.#outbound.isEjected(cluster, host);
  }

  closeIdleConnections(): void {
    this.#outbound.closeIdleConnections();
  }

  dispose(): void {
    this.#stopListening();
    this.#inbound.dispose();
    this.#outbound.dispose();
  }
}
