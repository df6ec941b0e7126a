import { NetworkError, type Connection, type Endpoint } from '../network/connection.ts';
import { PROXY_UID } from '../network/network.ts';
import type { ServicePort } from '../network/services.ts';
import { spiffeUri } from './authority.ts';
import { clusterName, hostOf, PASSTHROUGH, serverNameOf, type Destination } from './destination.ts';
import {
  portPolicy,
  type ClientTlsSettings,
  type ConnectionPoolSettings,
  type MergedRule,
  type PortPolicy,
} from './destination-rule.ts';
import { parseDuration } from './duration.ts';
import { unlimited, type Resources } from './cluster-resources.ts';
import { CONNECT_TIMEOUT, countFailedConnection, type Dialled } from './dialling.ts';
import { HttpPool } from './http-pool.ts';
import type { AnswerSink, OutgoingRequest, SentRequest } from './sent-request.ts';
import { endpointOfKey, hashKey } from './load-balancing.ts';
import { MESH_ALPN, PeerRejected, type MutualTls } from './mutual-tls.ts';
import type { SidecarContext } from './sidecar.ts';
import { endpointsOfEntry, type EntryHost, type LabelledEndpoint } from './service-entry.ts';
import { selectedWorkloads } from './selected-workloads.ts';
import { connectSimple, simpleTls, type SimpleTls } from './simple-tls.ts';
import type { ClusterCounter, ClusterStats, HostStats } from './proxy-stats.ts';
import { OutlierDetection } from './outlier-detection.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import { randomUuid } from './request-id.ts';
import { SECRET_MISSING } from './upstream-failure.ts';
import { selects } from './workload-selector.ts';
import type { Workload } from './workload.ts';

/** How to speak to an endpoint. */
export type ClientTls =
  | { kind: 'plaintext' }
  | { kind: 'mesh'; serverName: string; expectedUris: readonly string[] | null }
  /** `serverName` and all the rest in `tls`; `key` differs where anything of it does. */
  | { kind: 'simple'; tls: SimpleTls; key: string }
  /** A certificate that a rule names and that nobody supplies. */
  | { kind: 'secret-missing' };

/** One endpoint and how to speak to it. */
export interface Upstream {
  endpoint: Endpoint;
  tls: ClientTls;
  /** Null for what is no pod of the cluster. */
  server: Workload | null;
  /** The rule that was looked at, whether or not it says anything of TLS; null without one. */
  rule: MergedRule | null;
  /** Null for what is no destination of the mesh. */
  cluster: UpstreamCluster | null;
}

/** What one proxy has on its way to a destination, and what it knows of its endpoints. */
interface UpstreamCluster {
  /** Connections are not shared with other clusters, nor with what this one was before its policy changed. */
  id: number;
  policy: PortPolicy;
  resources: Resources;
  outliers: OutlierDetection;
  endpoints: number;
}

/** Istio's default connect_timeout (mesh config, 10 s). */
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that could not be made; carries the code of its cause. */
export class ConnectFailed extends Error {
  override name = 'ConnectFailed';
  readonly code: string;
  /** As of {@link PeerRejected}. */
  readonly detail: string | undefined;
  constructor(cause: Error & { code?: string; detail?: string }) {
    super(cause.message, { cause });
    this.code = cause.code ?? '';
    this.detail = cause.detail;
  }
}

class SecretMissing extends Error {
  override name = 'SecretMissing';
  readonly code = SECRET_MISSING;
}

/** Idle connections that are kept for one endpoint. */
const KEPT_CONNECTIONS = 4;

/**
 * From a proxy to the endpoints of services: which one, and how to speak to it. Istio 1.27,
 * pilot/pkg/networking/core/cluster_tls.go and pilot/pkg/xds/endpoints/mtls_checker.go: a DestinationRule's mode always
 * counts; without one, the release's own way of automatic mutual TLS does.
 */
export class Upstreams {
  readonly #context: SidecarContext;
  readonly #tls: MutualTls;
  readonly #pool = new HttpPool(KEPT_CONNECTIONS);
  readonly #clusters = new Map<string, UpstreamCluster>();
  /** On the way to what is none of the mesh's. */
  readonly #passthrough: Resources;
  #turn = 0;
  #lastId = 0;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
    const stats = context.stats.cluster(PASSTHROUGH);
    this.#passthrough = stats.resources = unlimited(stats);
  }

  /** Sends over the pool. @param sink told a {@link ConnectFailed} where no connection could be made */
  send(upstream: Upstream, request: OutgoingRequest, sink: AnswerSink): SentRequest {
    const { endpoint, tls, cluster } = upstream;
    const address = `${endpoint.ip}:${endpoint.port}`;
    const name = tls.kind === 'mesh' ? tls.serverName : tls.kind === 'simple' ? tls.key : '';
    const key = `${cluster?.id ?? 0} ${address} ${tls.kind} ${name}`;
    return this.#pool.send(
      key,
      () => this.#dialHttp(upstream),
      request,
      sink,
      this.resourcesOf(upstream),
      this.hostOf(upstream),
    );
  }

  /** What was counted of its endpoint; of those that are none of the mesh's, of all together. */
  hostOf({ endpoint, cluster }: Pick<Upstream, 'cluster' | 'endpoint'>): HostStats {
    return cluster === null
      ? this.#passthrough.stats.host('')
      : cluster.resources.stats.host(`${endpoint.ip}:${endpoint.port}`);
  }

  resourcesOf({ cluster }: Pick<Upstream, 'cluster'>): Resources {
    return cluster?.resources ?? this.#passthrough;
  }

  /** Counts an answer towards the endpoint's health. */
  answered({ endpoint, cluster }: Upstream, status: number): void {
    const settings = cluster?.policy.outlierDetection;
    if (cluster === null || settings === undefined) return;
    const now = this.#context.clock.now();
    cluster.outliers.count(settings, `${endpoint.ip}:${endpoint.port}`, status, cluster.endpoints, now);
  }

  /** Whether an endpoint, `ip:port`, is left out of a cluster because it failed. */
  isEjected(cluster: string, host: string): boolean {
    return this.#clusters.get(cluster)?.outliers.isEjected(host, this.#context.clock.now()) ?? false;
  }

  /** Counts a failure: 503 for a connection, 504 for time. */
  failed(upstream: Upstream, kind: 'connection' | 'time'): void {
    this.answered(upstream, kind === 'connection' ? 503 : 504);
  }

  /** An address that is none of the mesh's. */
  direct(endpoint: Endpoint): Upstream {
    return { endpoint, tls: { kind: 'plaintext' }, server: null, rule: null, cluster: null };
  }

  /**
   * The endpoint that a request or, where it is null, a connection of bytes gets.
   * @param original where the client wanted to connect to
   * @returns why there is none
   */
  choose(
    destination: Destination,
    original: Endpoint,
    proxied: ProxiedRequest | null,
  ): Upstream | 'no-endpoints' | 'unknown-subset' {
    const { network, mesh, clock } = this.#context;
    const { service, port, subset } = destination;
    const rule = this.ruleOf(destination);
    let endpoints: readonly LabelledEndpoint[] =
      service.entryHost === undefined
        ? network.services.endpoints(service, port)
        : this.#endpointsOfEntry(service.entryHost, port, original);
    if (subset !== null) {
      const definition = rule?.subsets.get(subset);
      if (definition === undefined) return 'unknown-subset';
      endpoints = endpoints.filter(({ ip, labels }) => {
        const pod = network.at(ip)?.pod;
        const own = labels ?? (pod === undefined ? undefined : mesh.workload(pod).labels);
        return own !== undefined && selects(definition.labels, own);
      });
    }
    const cluster = this.#clusterOf(destination, rule);
    cluster.endpoints = endpoints.length;
    if (cluster.policy.outlierDetection !== undefined) {
      const now = clock.now();
      endpoints = endpoints.filter(({ ip, port: at }) => !cluster.outliers.isEjected(`${ip}:${at}`, now));
    }
    const endpoint = this.#balance(endpoints, cluster, proxied);
    if (endpoint === undefined) {
      cluster.resources.stats.counts.upstream_cx_none_healthy += 1;
      return 'no-endpoints';
    }
    const pod = network.at(endpoint.ip)?.pod;
    const server = pod === undefined ? null : mesh.workload(pod);
    const tls = this.#clientTls(destination, rule, server, endpoint.port, proxied?.request.headers.get('host'));
    return { endpoint, tls, server, rule, cluster };
  }

  #endpointsOfEntry(entryHost: EntryHost, port: ServicePort, original: Endpoint): LabelledEndpoint[] {
    const { network, objects, mesh } = this.#context;
    const namespace = entryHost.entry.metadata.namespace ?? 'default';
    return endpointsOfEntry(entryHost, port, {
      original,
      lookup: (name) => network.dns.lookup(name),
      selected: (labels) => selectedWorkloads(objects, namespace, labels, (pod) => mesh.workload(pod)),
    });
  }

  #balance(
    endpoints: readonly Endpoint[],
    { policy }: UpstreamCluster,
    proxied: ProxiedRequest | null,
  ): Endpoint | undefined {
    if (endpoints.length <= 1) return endpoints[0];
    const settings = policy.loadBalancer;
    const { randomBytes } = this.#context;
    if (settings?.consistentHash !== undefined && proxied !== null) {
      const { request, downstream } = proxied;
      const newKey = (): string => randomUuid(randomBytes).replaceAll('-', '').slice(0, 16);
      const { key, setCookie } = hashKey(settings, { request, sourceIp: downstream.remote.ip }, newKey);
      if (setCookie !== null) proxied.setCookie = setCookie;
      if (key !== null) return endpointOfKey(endpoints, key);
    }
    if (settings?.simple === 'RANDOM') return endpoints[(randomBytes(1)[0] ?? 0) % endpoints.length];
    this.#turn += 1;
    return endpoints[(this.#turn - 1) % endpoints.length];
  }

  #clusterOf(destination: Destination, rule: MergedRule | null): UpstreamCluster {
    const policy = portPolicy(rule, destination.port.port, destination.subset);
    const name = clusterName(destination);
    let cluster = this.#clusters.get(name);
    if (cluster === undefined || !isEqualPolicy(cluster.policy, policy)) {
      if (cluster !== undefined) this.#pool.retire(`${cluster.id} `);
      this.#lastId += 1;
      const stats = this.#context.stats.cluster(name);
      const resources = resourcesOf(policy.connectionPool, stats);
      // What was counted stays, as the counters do.
      const outliers = new OutlierDetection(this.#context.mesh.era.ejects, stats.outliers?.ejections);
      cluster = { id: this.#lastId, policy, resources, outliers, endpoints: 0 };
      Object.assign(stats, { resources, outliers });
      this.#clusters.set(name, cluster);
    }
    return cluster;
  }

  ruleOf({ service }: Destination): MergedRule | null {
    const { mesh, pod } = this.#context;
    return mesh.config.destinationRule(mesh.workload(pod), hostOf(service), service.metadata.namespace ?? 'default');
  }

  /** A connection of its own. */
  async dial(upstream: Upstream, alpn: string[]): Promise<Dialled> {
    const resources = this.resourcesOf(upstream);
    const { counts } = resources.stats;
    const host = this.hostOf(upstream);
    counts.upstream_cx_total += 1;
    host.cx_total += 1;
    host.cx_active += 1;
    try {
      const dialled = await this.#open(upstream, alpn);
      resources.connections += 1;
      dialled.stream.once('close', () => {
        resources.connections -= 1;
        counts.upstream_cx_destroy += 1;
        host.cx_active -= 1;
      });
      return dialled;
    } catch (error) {
      countFailedConnection(resources.stats, host, error as Error);
      throw error;
    }
  }

  async #open(upstream: Upstream, alpn: string[]): Promise<Dialled> {
    const { endpoint, tls, cluster } = upstream;
    if (tls.kind === 'secret-missing') throw new SecretMissing('the certificate that the rule names is not there');
    const timeout = cluster?.policy.connectionPool?.tcp?.connectTimeout;
    const connection = await this.#connect(endpoint, parseDuration(timeout) ?? CONNECT_TIMEOUT_MS);
    const { local } = connection;
    if (tls.kind === 'plaintext') return { stream: connection, local };
    const { counts } = this.resourcesOf(upstream).stats;
    try {
      const stream =
        tls.kind === 'simple'
          ? await connectSimple(connection, tls.tls)
          : (await this.#tls.connect(connection, { ...tls, alpn })).socket;
      counts['ssl.handshake'] += 1;
      return { stream, local };
    } catch (error) {
      counts[sslFailure(error as Error)] += 1;
      throw error;
    }
  }

  async #connect(endpoint: Endpoint, timeoutMs: number): Promise<Connection> {
    const { podNetwork, clock } = this.#context;
    const abort = new AbortController();
    const cancel = clock.schedule(timeoutMs, () => abort.abort());
    try {
      return await podNetwork.connect(endpoint, { uid: PROXY_UID, signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) throw new NetworkError(CONNECT_TIMEOUT, 'the connection took too long');
      throw error;
    } finally {
      cancel();
    }
  }

  async #dialHttp(upstream: Upstream): Promise<Dialled> {
    try {
      return await this.#open(upstream, MESH_ALPN.http);
    } catch (error) {
      throw new ConnectFailed(error as Error);
    }
  }

  closeIdle(): void {
    this.#pool.closeIdle();
  }

  dispose(): void {
    this.#pool.dispose();
  }

  #simpleTls(
    settings: ClientTlsSettings,
    destination: Destination,
    rule: MergedRule | null,
    authority: string | undefined,
  ): ClientTls {
    const { pod, workload, objects, mesh } = this.#context;
    // Credentials are not handed to every sidecar that sees a rule: it is as if nothing were said of TLS.
    if (settings.credentialName && !workload.isGateway && rule?.isSelecting !== true) return { kind: 'plaintext' };
    const tls = simpleTls(settings, {
      host: authority === undefined ? hostOf(destination.service) : hostName(authority),
      pod,
      objects,
      byDefault: mesh.era.failureTexts === 'current',
    });
    return tls === null ? { kind: 'secret-missing' } : { kind: 'simple', tls, key: JSON.stringify(tls) };
  }

  #clientTls(
    destination: Destination,
    rule: MergedRule | null,
    server: Workload | null,
    port: number,
    authority: string | undefined,
  ): ClientTls {
    const { config } = this.#context.mesh;
    const settings = portPolicy(rule, destination.port.port, destination.subset).tls;
    const serverName = settings?.sni ?? serverNameOf(destination);
    const names = settings?.subjectAltNames ?? [];
    const uris = server === null ? null : [spiffeUri(server.namespace, server.serviceAccount)];
    switch (settings?.mode) {
      case 'DISABLE':
        return { kind: 'plaintext' };
      case 'ISTIO_MUTUAL':
        return { kind: 'mesh', serverName, expectedUris: names.length > 0 ? names : uris };
      case 'SIMPLE':
      case 'MUTUAL':
        return this.#simpleTls(settings, destination, rule, authority);
      default:
        return server !== null &&
          !isOutside(destination) &&
          config.isAutomatic(server, port, destination.service.metadata.namespace ?? 'default')
          ? { kind: 'mesh', serverName: serverNameOf(destination), expectedUris: uris }
          : { kind: 'plaintext' };
    }
  }
}

/** As a name to ask for: without a port. */
function hostName(authority: string): string {
  return authority.replace(/:\d+$/, '').toLowerCase();
}

/** Whether it is a host that is none of the mesh's: no certificate of the mesh is expected there. */
function isOutside({ service }: Destination): boolean {
  return service.entryHost !== undefined && service.entryHost.entry.spec?.location !== 'MESH_INTERNAL';
}

function isEqualPolicy(a: PortPolicy, b: PortPolicy): boolean {
  return (
    a === b ||
    (a.connectionPool === b.connectionPool &&
      a.outlierDetection === b.outlierDetection &&
      a.loadBalancer === b.loadBalancer)
  );
}

/** Which of Envoy's counters a failed handshake is one for. */
function sslFailure(error: Error & { code?: string }): ClusterCounter {
  if (error instanceof PeerRejected) return error.isOther ? 'ssl.fail_verify_san' : 'ssl.fail_verify_error';
  return /CERT|UNABLE_TO/.test(error.code ?? '') ? 'ssl.fail_verify_error' : 'ssl.connection_error';
}

/** 0 is Envoy's word for no limit here, as it is Istio's. */
function resourcesOf({ tcp, http }: ConnectionPoolSettings = {}, stats: ClusterStats): Resources {
  const limit = (value: number | undefined): number => (value === undefined || value === 0 ? Infinity : value);
  return {
    maxConnections: limit(tcp?.maxConnections),
    maxPending: limit(http?.http1MaxPendingRequests),
    maxRequests: limit(http?.http2MaxRequests),
    maxRequestsPerConnection: limit(http?.maxRequestsPerConnection),
    connections: 0,
    pending: 0,
    requests: 0,
    stats,
  };
}
