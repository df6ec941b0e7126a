import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import { spiffeUri } from './authority.ts';
import { logBytes } from './bytes-log.ts';
import { clusterName, hostOf, serviceByHost, withPort, type Destination } from './destination.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { qualifyHost } from './host-name.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import { findTcpRoute, pickDestination } from './http-route.ts';
import { HttpRouter, type VirtualHost } from './http-router.ts';
import { malformedFields } from './interrupted.ts';
import { MESH_ALPN, type MutualTls } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { portProtocol } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import type { MergedRule } from './destination-rule.ts';
import { upstreamFailure } from './upstream-failure.ts';
import type { Verdict } from './verdict-log.ts';
import { partyOf } from './workload.ts';
import { Upstreams, type Upstream } from './upstreams.ts';
import { MESH_GATEWAY, namespaceOf } from './virtual-service.ts';

/** Why bytes have nowhere to go. */
type BytesProblem = 'no-endpoints' | 'unknown-subset' | 'unknown-host' | 'blocked';

/** Whatever clients send as hosts; all are forgotten beyond it. */
const MAX_PARSED_HOSTS = 200;

/** Every connection of the pod's programs ends at the client's side of its sidecar, and a new one goes to an endpoint. */
export class OutboundProxy {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #router: HttpRouter;
  readonly #http: HttpFront<Connection>;
  /** The service that a host's text names; null for the name of none. */
  readonly #parsedHosts = new Map<string, { name: string; namespace: string } | null>();

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#upstreams = new Upstreams(context, tls);
    this.#router = new HttpRouter(context, this.#upstreams);
    this.#http = new HttpFront({
      clock: context.clock,
      server: 'envoy',
      handle: (exchange, connection) => this.#request(exchange, connection),
      malformed: (problem, connection) => context.record(malformedFields(problem, connection, context.clock.now())),
    });
  }

  take(connection: Connection): void {
    this.#route(connection).catch(() => connection.resetAndDestroy());
  }

  closeIdleConnections(): void {
    this.#upstreams.closeIdle();
  }

  dispose(): void {
    this.#upstreams.dispose();
  }

  async #route(connection: Connection): Promise<void> {
    const destination = this.#destinationOf(connection);
    const { era } = this.#context.mesh;
    const protocol = destination === null ? 'auto' : portProtocol(destination.port, era.detectsProtocols);
    if (protocol === 'tcp' && !this.#hasTlsRoutes(destination)) {
      // Not a byte is waited for: the server may speak first.
      await this.#forwardBytes(connection, destination, MESH_ALPN.tcp, null);
      return;
    }
    const bytes = await peek(connection, isEnough);
    if (bytes === null) {
      connection.destroy();
      return;
    }
    const first = readFirstBytes(bytes);
    if (first.kind === 'http1' && protocol !== 'tcp') this.#http.serve(connection, connection);
    else {
      const alpn = first.kind === 'http2' ? MESH_ALPN.http2 : MESH_ALPN.tcp;
      await this.#forwardBytes(connection, destination, alpn, first.kind === 'tls' ? first.serverName : null);
    }
  }

  async #forwardBytes(
    connection: Connection,
    destination: Destination | null,
    alpn: string[],
    serverName: string | null,
  ): Promise<void> {
    const { target, upstream } = this.#bytesUpstream(connection, destination, serverName);
    const cluster = destination === null ? 'PassthroughCluster' : target === null ? undefined : clusterName(target);
    if (typeof upstream === 'string') {
      this.#refuseBytes(connection, target, upstream);
      return;
    }
    const upstreamHost = `${upstream.endpoint.ip}:${upstream.endpoint.port}`;
    let stream: Duplex;
    try {
      stream = await this.#upstreams.dial(upstream, alpn);
    } catch (error) {
      const { flags, transportFailure } = upstreamFailure(error as Error, {
        connected: false,
        retries: false,
        texts: this.#context.mesh.era.failureTexts,
      });
      logBytes(this.#context, connection, connection, null, {
        flags,
        transportFailure,
        upstreamHost,
        upstreamCluster: cluster,
        serverName,
      });
      this.#record(connection, { code: 'upstream-failed', detail: flags, ...ruleOf(upstream.rule) }, upstream);
      connection.resetAndDestroy();
      return;
    }
    const server = upstream.tls.kind === 'mesh' ? upstream.server : null;
    logBytes(this.#context, connection, connection, stream, {
      upstreamHost,
      upstreamCluster: cluster,
      serverName,
      peerUri: server === null ? null : spiffeUri(server.namespace, server.serviceAccount),
    });
    splice(connection, stream);
  }

  #refuseBytes(connection: Connection, target: Destination | null, problem: BytesProblem): void {
    const by = this.#context.mesh.config.registryOnly(this.#context.mesh.workload(this.#context.pod));
    const rule = target === null ? null : this.#upstreams.ruleOf(target);
    const flags = problem === 'no-endpoints' ? 'UH' : problem === 'blocked' ? '-' : 'NC';
    const upstreamCluster =
      problem === 'blocked' ? 'BlackHoleCluster' : target === null ? undefined : clusterName(target);
    logBytes(this.#context, connection, connection, null, { flags, upstreamCluster });
    if (problem === 'blocked')
      this.#record(connection, { code: 'outbound-blocked', kind: 'Sidecar', policy: by }, null);
    else {
      const code = problem === 'no-endpoints' ? 'no-endpoints' : 'destination-unknown';
      const detail = target?.subset == null ? null : `subset ${target.subset}`;
      this.#record(connection, { code, detail, ...ruleOf(rule) }, null);
    }
    connection.resetAndDestroy();
  }

  #record({ local }: Connection, rest: Partial<Verdict> & { code: Verdict['code'] }, upstream: Upstream | null): void {
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

  /** Where bytes go: the destination, null for what is no service, and an endpoint of it or why there is none. */
  #bytesUpstream(
    { local }: Connection,
    destination: Destination | null,
    serverName: string | null,
  ): { target: Destination | null; upstream: Upstream | BytesProblem } {
    const { mesh, pod, network, randomBytes } = this.#context;
    const client = mesh.workload(pod);
    if (destination === null) {
      const direct = this.#upstreams.direct(local);
      return { target: null, upstream: mesh.config.registryOnly(client) === null ? direct : 'blocked' };
    }
    const service = mesh.config.virtualServiceFor(client, hostOf(destination.service));
    const routes = serverName === null ? (service?.spec?.tcp ?? []) : (service?.spec?.tls ?? []);
    const source = { namespace: client.namespace, labels: client.labels, gateway: MESH_GATEWAY };
    const asked = { port: local.port, destinationIp: local.ip, serverName };
    const namespace = service === null ? '' : namespaceOf(service);
    const route = findTcpRoute(routes, asked, source, namespace);
    const chosen = pickDestination(route?.route ?? [], (randomBytes(1)[0] ?? 0) / 256)?.destination;
    let target: Destination | null = destination;
    if (chosen !== undefined) {
      const found = serviceByHost(network, qualifyHost(chosen.host, namespace));
      target = withPort(found, chosen.port?.number ?? local.port, chosen.subset ?? null);
    }
    return { target, upstream: target === null ? 'unknown-host' : this.#upstreams.choose(target, null) };
  }

  #hasTlsRoutes(destination: Destination | null): boolean {
    if (destination === null) return false;
    const { mesh, pod } = this.#context;
    const service = mesh.config.virtualServiceFor(mesh.workload(pod), hostOf(destination.service));
    return (service?.spec?.tls ?? []).length > 0;
  }

  #request(exchange: HttpExchange, connection: Connection): void {
    const { local, remote } = connection;
    this.#router.handle(
      exchange,
      {
        local,
        remote,
        port: local.port,
        scheme: 'http',
        serverName: null,
        server: 'envoy',
        requestHeaders: {},
      },
      this.#virtualHost(exchange.request.headers.get('host'), connection),
    );
  }

  #virtualHost(host: string | undefined, connection: Connection): VirtualHost {
    const { mesh, pod } = this.#context;
    const client = mesh.workload(pod);
    const dialled = this.#destinationOf(connection);
    // A port without a protocol has a listener of its own address, which asks for no host.
    const named = this.#byHost(host, connection.local.port) ?? (this.#isOwnAddress(host, dialled) ? dialled : null);
    const fullName = named === null ? (host ?? '').replace(/:\d+$/, '').toLowerCase() : hostOf(named.service);
    const service = mesh.config.virtualServiceFor(client, fullName);
    const source = { namespace: client.namespace, labels: client.labels, gateway: MESH_GATEWAY };
    // A VirtualService of a host that is no service has its routes at port 80 (route.go, serviceByPort).
    if (service !== null && (named !== null || connection.local.port === 80)) {
      return { kind: 'routes', services: [service], fallback: named, source };
    }
    if (named !== null) return { kind: 'routes', services: [], fallback: named, source };
    const by = mesh.config.registryOnly(client);
    return by === null ? { kind: 'passthrough', endpoint: connection.local } : { kind: 'blocked', by };
  }

  #isOwnAddress(host: string | undefined, dialled: Destination | null): boolean {
    if (dialled === null) return false;
    return (
      portProtocol(dialled.port, this.#context.mesh.era.detectsProtocols) === 'auto' ||
      (host ?? '').replace(/:\d+$/, '') === dialled.service.spec?.clusterIP
    );
  }

  /**
   * The service that an HTTP request names, by any of the names that Istio gives a virtual host (httpbin, httpbin.foo,
   * httpbin.foo.svc and the full one; the first in its own namespace only). The port is that of the connection.
   */
  #byHost(host: string | undefined, port: number): Destination | null {
    if (host === undefined) return null;
    const { network, workload } = this.#context;
    let parsed = this.#parsedHosts.get(host);
    if (parsed === undefined) {
      const labels = host
        .replace(/\.?(:\d+)?$/, '')
        .toLowerCase()
        .split('.');
      const [name = '', namespace = workload.namespace, ...rest] = labels;
      const suffix = rest.join('.');
      const isOurs = suffix === '' || suffix === 'svc' || suffix === 'svc.cluster.local';
      parsed = isOurs ? { name, namespace } : null;
      if (this.#parsedHosts.size >= MAX_PARSED_HOSTS) this.#parsedHosts.clear();
      this.#parsedHosts.set(host, parsed);
    }
    if (parsed === null) return null;
    const { name, namespace } = parsed;
    return withPort(network.services.byName(namespace, name), port);
  }

  #destinationOf({ local }: Connection): Destination | null {
    return withPort(this.#context.network.services.byClusterIp(local.ip), local.port);
  }
}

function ruleOf(rule: MergedRule | null): Pick<Verdict, 'kind' | 'policy'> {
  return rule === null ? { kind: null, policy: null } : { kind: 'DestinationRule', policy: rule.name };
}
