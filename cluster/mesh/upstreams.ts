import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/connection.ts';
import { PROXY_UID } from '../network/network.ts';
import { spiffeUri } from './authority.ts';
import { hostOf, serverNameOf, type Destination } from './destination.ts';
import { tlsSettings, type MergedRule } from './destination-rule.ts';
import { HttpPool } from './http-client.ts';
import { MESH_ALPN, type MutualTls } from './mutual-tls.ts';
import type { SidecarContext } from './sidecar.ts';
import { connectSimple } from './simple-tls.ts';
import { SECRET_MISSING } from './upstream-failure.ts';
import { selects } from './workload-selector.ts';
import type { Workload } from './workload.ts';

/** How to speak to an endpoint. */
export type ClientTls =
  | { kind: 'plaintext' }
  | { kind: 'mesh'; serverName: string; expectedUris: readonly string[] | null }
  | { kind: 'simple'; serverName: string; verify: boolean }
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
}

/** A connection that could not be made; carries the code of its cause. */
export class ConnectFailed extends Error {
  override name = 'ConnectFailed';
  readonly code: string;
  constructor(cause: Error & { code?: string }) {
    super(cause.message, { cause });
    this.code = cause.code ?? '';
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
  readonly pool = new HttpPool(KEPT_CONNECTIONS);
  #turn = 0;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
  }

  /** Connections of the pool that may serve for an upstream. */
  keyOf({ endpoint, tls }: Upstream): string {
    const key = `${endpoint.ip}:${endpoint.port}:${tls.kind}`;
    return 'serverName' in tls ? `${key}:${tls.serverName}` : key;
  }

  /** A connection for the pool. @throws ConnectFailed */
  async dialHttp(upstream: Upstream): Promise<Duplex> {
    try {
      return await this.dial(upstream, MESH_ALPN.http);
    } catch (error) {
      throw new ConnectFailed(error as Error);
    }
  }

  /** The next ready endpoint, one after the other. @returns null for none; `unknown` for a subset without definition */
  choose(destination: Destination): Upstream | 'no-endpoints' | 'unknown-subset' {
    const { network, mesh } = this.#context;
    const { service, port, subset } = destination;
    const rule = this.ruleOf(destination);
    let endpoints = network.services.endpoints(service, port);
    if (subset !== null) {
      const definition = rule?.subsets.get(subset);
      if (definition === undefined) return 'unknown-subset';
      endpoints = endpoints.filter(({ ip }) => {
        const pod = network.at(ip)?.pod;
        return pod !== undefined && selects(definition.labels, mesh.workload(pod).labels);
      });
    }
    const endpoint = endpoints[this.#turn % Math.max(1, endpoints.length)];
    this.#turn += 1;
    if (endpoint === undefined) return 'no-endpoints';
    const pod = network.at(endpoint.ip)?.pod;
    const server = pod === undefined ? null : mesh.workload(pod);
    return { endpoint, tls: this.#clientTls(destination, rule, server, endpoint.port), server, rule };
  }

  ruleOf({ service }: Destination): MergedRule | null {
    const { mesh, pod } = this.#context;
    return mesh.config.destinationRule(mesh.workload(pod), hostOf(service), service.metadata.namespace ?? 'default');
  }

  async dial({ endpoint, tls }: Upstream, alpn: string[]): Promise<Duplex> {
    if (tls.kind === 'secret-missing') throw new SecretMissing('the certificate that the rule names is not there');
    const connection = await this.#context.podNetwork.connect(endpoint, { uid: PROXY_UID });
    if (tls.kind === 'plaintext') return connection;
    if (tls.kind === 'simple') return connectSimple(connection, tls);
    return (await this.#tls.connect(connection, { ...tls, alpn })).socket;
  }

  closeIdle(): void {
    this.pool.closeIdle();
  }

  dispose(): void {
    this.pool.dispose();
  }

  #clientTls(destination: Destination, rule: MergedRule | null, server: Workload | null, port: number): ClientTls {
    const { config } = this.#context.mesh;
    const settings = tlsSettings(rule, destination.port.port, destination.subset);
    const serverName = settings?.sni ?? serverNameOf(destination);
    const names = settings?.subjectAltNames ?? [];
    const uris = server === null ? null : [spiffeUri(server.namespace, server.serviceAccount)];
    switch (settings?.mode) {
      case 'DISABLE':
        return { kind: 'plaintext' };
      case 'ISTIO_MUTUAL':
        return { kind: 'mesh', serverName, expectedUris: names.length > 0 ? names : uris };
      case 'SIMPLE':
        return {
          kind: 'simple',
          serverName: settings.sni ?? hostOf(destination.service),
          verify: settings.insecureSkipVerify !== true,
        };
      case 'MUTUAL':
        return { kind: 'secret-missing' };
      default:
        return server !== null && config.isAutomatic(server, port, destination.service.metadata.namespace ?? 'default')
          ? { kind: 'mesh', serverName: serverNameOf(destination), expectedUris: uris }
          : { kind: 'plaintext' };
    }
  }
}
