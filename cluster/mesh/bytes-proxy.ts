import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import { addressOf } from './access-log.ts';
import type { Dialled } from './dialling.ts';
import { spiffeUri } from './authority.ts';
import { logBytes } from './bytes-log.ts';
import { clusterName, type Destination } from './destination.ts';
import type { MergedRule } from './destination-rule.ts';
import { qualifyHost } from './host-name.ts';
import { findTcpRoute, pickDestination, type RouteSource } from './http-route.ts';
import type { Registry } from './registry.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import { upstreamFailure } from './upstream-failure.ts';
import type { Upstream, Upstreams } from './upstreams.ts';
import type { Verdict } from './verdict-log.ts';
import { withPort } from './destination.ts';
import { namespaceOf, type VirtualService } from './virtual-service.ts';
import { partyOf } from './workload.ts';

/** A client that sends bytes. */
export interface BytesClient {
  connection: Connection;
  /** What it sends through: the connection, or TLS on it. */
  stream: Duplex;
  /** What it asked for in TLS; null without. */
  serverName: string | null;
  /** What the proxy offers to speak where it is TLS to the upstream. */
  alpn: string[];
}

/** Where bytes go. */
export type BytesTarget =
  | { kind: 'destination'; destination: Destination }
  /** Nobody knows it: where the connection wanted to go. */
  | { kind: 'passthrough' }
  /** Nobody knows it, and such are not to be called. */
  | { kind: 'blocked'; verdict: Pick<Verdict, 'kind' | 'policy'> }
  /** A host of a route that is nowhere defined. */
  | { kind: 'unknown-host' };

/** Bytes at the client's side of a proxy, of sidecars and of gateways: on to an endpoint, or refused. */
export class BytesProxy {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #registry: Registry;

  constructor(context: SidecarContext, upstreams: Upstreams, registry: Registry) {
    this.#context = context;
    this.#upstreams = upstreams;
    this.#registry = registry;
  }

  /**
   * The destination of the first route that matches; null where none does.
   * @param port that routes are written for
   */
  route(
    service: VirtualService,
    { connection, serverName }: Pick<BytesClient, 'connection' | 'serverName'>,
    port: number,
    source: RouteSource,
    kind: 'tcp' | 'tls',
  ): BytesTarget | null {
    const namespace = namespaceOf(service);
    const asked = { port, destinationIp: connection.local.ip, serverName };
    const route = findTcpRoute(service.spec?.[kind] ?? [], asked, source, namespace);
    const dice = (this.#context.randomBytes(1)[0] ?? 0) / 256;
    const chosen = pickDestination(route?.route ?? [], dice)?.destination;
    if (chosen === undefined) return null;
    const found = this.#registry.byHost(qualifyHost(chosen.host, namespace));
    const ports = found?.spec?.ports ?? [];
    const number = chosen.port?.number ?? (ports.length === 1 ? ports[0]?.port : undefined) ?? port;
    const destination = withPort(found, number, chosen.subset ?? null);
    return destination === null ? { kind: 'unknown-host' } : { kind: 'destination', destination };
  }

  async forward(client: BytesClient, target: BytesTarget): Promise<void> {
    const { connection, stream, serverName } = client;
    const upstream = this.#upstreamOf(connection, target);
    if (typeof upstream === 'string') {
      this.#refuse(client, target, upstream);
      return;
    }
    const common = {
      upstreamHost: addressOf(upstream.endpoint),
      upstreamCluster: target.kind === 'destination' ? clusterName(target.destination) : 'PassthroughCluster',
      serverName,
    };
    let dialled: Dialled;
    try {
      dialled = await this.#upstreams.dial(upstream, client.alpn);
    } catch (error) {
      const { flags, transportFailure } = upstreamFailure(error as Error, {
        connected: false,
        retries: false,
        texts: this.#context.mesh.era.failureTexts,
      });
      logBytes(this.#context, connection, stream, null, { ...common, flags: exhausted(flags), transportFailure });
      this.#judge(connection, { code: 'upstream-failed', detail: flags, ...ruleOf(upstream.rule) }, upstream);
      connection.resetAndDestroy();
      stream.destroy();
      return;
    }
    if (stream.destroyed) {
      // The client has gone meanwhile, and nothing of it will be heard any more.
      dialled.stream.destroy();
      logBytes(this.#context, connection, stream, null, { ...common, flags: 'DC' });
      return;
    }
    const server = upstream.tls.kind === 'mesh' ? upstream.server : null;
    const peerUri = server === null ? null : spiffeUri(server.namespace, server.serviceAccount);
    const { stream: far, local } = dialled;
    const upstreamLocal = this.#context.mesh.era.accessLog === 'details' ? addressOf(local) : undefined;
    logBytes(this.#context, connection, stream, far, { ...common, upstreamLocal, peerUri });
    splice(stream, far);
  }

  #upstreamOf(connection: Connection, target: BytesTarget): Upstream | 'no-endpoints' | 'unknown-subset' | 'refused' {
    switch (target.kind) {
      case 'destination':
        return this.#upstreams.choose(target.destination, connection.local, null);
      case 'passthrough':
        return this.#upstreams.direct(connection.local);
      default:
        return 'refused';
    }
  }

  #refuse(
    { connection, stream, serverName }: BytesClient,
    target: BytesTarget,
    problem: 'no-endpoints' | 'unknown-subset' | 'refused',
  ): void {
    const destination = target.kind === 'destination' ? target.destination : null;
    // BlackHoleCluster is a cluster without endpoints.
    const flags = problem === 'no-endpoints' || target.kind === 'blocked' ? 'UH' : 'NC';
    const upstreamCluster =
      target.kind === 'blocked' ? 'BlackHoleCluster' : destination === null ? undefined : clusterName(destination);
    logBytes(this.#context, connection, stream, null, { flags, upstreamCluster, serverName });
    if (target.kind === 'blocked') {
      this.#judge(connection, { code: 'outbound-blocked', ...target.verdict }, null);
    } else {
      const code = problem === 'no-endpoints' ? 'no-endpoints' : 'destination-unknown';
      const detail = destination?.subset == null ? null : `subset ${destination.subset}`;
      const rule = destination === null ? null : this.#upstreams.ruleOf(destination);
      this.#judge(connection, { code, detail, ...ruleOf(rule) }, null);
    }
    connection.resetAndDestroy();
    stream.destroy();
  }

  #judge({ local }: Connection, rest: Partial<Verdict> & { code: Verdict['code'] }, upstream: Upstream | null): void {
    const { mesh, clock, pod } = this.#context;
    const server = upstream?.server ?? null;
    mesh.verdicts.record({
      time: clock.now(),
      client: partyOf(mesh.workload(pod)),
      server: server === null ? null : partyOf(server),
      port: upstream?.endpoint.port ?? local.port,
      mode: server?.hasSidecar === true ? mesh.config.serverMode(server, upstream?.endpoint.port ?? 0).mode : null,
      kind: null,
      policy: null,
      detail: null,
      request: null,
      ...rest,
    });
  }
}

function ruleOf(rule: MergedRule | null): Pick<Verdict, 'kind' | 'policy'> {
  return rule === null ? { kind: null, policy: null } : { kind: 'DestinationRule', policy: rule.name };
}

/** A connection of bytes is tried once, and that was it (Envoy, source/common/tcp_proxy: max_connect_attempts 1). */
function exhausted(flags: string): string {
  return flags === 'UF' ? 'UF,URX' : flags;
}
