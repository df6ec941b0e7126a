import type { Connection } from '../network/connection.ts';
import { BytesProxy, type BytesTarget } from './bytes-proxy.ts';
import { hostOf, withPort, type Destination } from './destination.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import { HttpRouter, type VirtualHost } from './http-router.ts';
import { malformedFields } from './interrupted.ts';
import { blockedBy } from './mesh-config.ts';
import { MESH_ALPN, type MutualTls } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { Registry } from './registry.ts';
import { nameOf } from './proxied-request.ts';
import { isTls, portProtocol } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { Upstreams } from './upstreams.ts';
import { MESH_GATEWAY } from './virtual-service.ts';

/** Whatever clients send as hosts; all are forgotten beyond it. */
const MAX_PARSED_HOSTS = 200;

/**
 * Every connection of the pod's programs ends at the client's side of its sidecar, and a new one goes to an endpoint.
 * Left out: requests of HTTP/2, and of gRPC on it, whose connections pass as bytes: encrypted, logged, counted and judged
 * as connections, without routes for what is in them.
 */
export class OutboundProxy {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #registry: Registry;
  readonly #router: HttpRouter;
  readonly #bytes: BytesProxy;
  readonly #warnings = new Set<string>();
  readonly #http: HttpFront<Connection>;
  /** The service that a host's text names; null for the name of none. */
  readonly #parsedHosts = new Map<string, { name: string; namespace: string } | null>();

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#upstreams = new Upstreams(context, tls);
    this.#registry = new Registry(context);
    this.#router = new HttpRouter(context, this.#upstreams, this.#registry);
    this.#bytes = new BytesProxy(context, this.#upstreams, this.#registry);
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

  /** See {@link Upstreams.isEjected}. */
  isEjected(cluster: string, host: string): boolean {
    return this.#upstreams.isEjected(cluster, host);
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
    if (protocol === 'tcp' && !isTls(destination?.port) && !this.#hasTlsRoutes(destination)) {
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

  #forwardBytes(
    connection: Connection,
    destination: Destination | null,
    alpn: string[],
    serverName: string | null,
  ): Promise<void> {
    const client = { connection, stream: connection, serverName, alpn };
    const target = this.#bytesTarget(connection, destination, serverName, alpn === MESH_ALPN.http2);
    return this.#bytes.forward(client, target);
  }

  /** Where bytes go: by the routes of what they are for, which is told by an address, or by the name in TLS. */
  #bytesTarget(
    connection: Connection,
    dialled: Destination | null,
    serverName: string | null,
    isHttp2: boolean,
  ): BytesTarget {
    const { mesh, pod } = this.#context;
    const client = mesh.workload(pod);
    const { port } = connection.local;
    const named = serverName === null || dialled !== null ? null : this.#registry.entryByHost(serverName);
    const destination = dialled ?? withPort(named ?? undefined, port);
    const host = destination === null ? serverName : hostOf(destination.service);
    const service = host === null ? null : mesh.config.virtualServiceFor(client, host);
    if (isHttp2 && service !== null && (service.spec?.http ?? []).length > 0) {
      this.#warn(
        `VirtualService ${nameOf(service)} is passed over for HTTP/2 to ${host}:${port}, which passes as bytes: its requests are not routed here`,
      );
    }
    const source = { namespace: client.namespace, labels: client.labels, gateway: MESH_GATEWAY };
    const routed =
      service === null
        ? null
        : this.#bytes.route(service, { connection, serverName }, port, source, serverName === null ? 'tcp' : 'tls');
    if (routed !== null) return routed;
    if (destination !== null) return { kind: 'destination', destination };
    const by = mesh.config.registryOnly(client);
    return by === null ? { kind: 'passthrough' } : { kind: 'blocked', verdict: blockedBy(by) };
  }

  /** Says once in the proxy's log what is not simulated here. */
  #warn(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#context.log(`warning: ${text}`);
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
    const { workload } = this.#context;
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
    const service = parsed === null ? undefined : this.#registry.byName(parsed.namespace, parsed.name);
    return withPort(service ?? this.#registry.entryByHost(host.replace(/:\d+$/, '').toLowerCase()), port);
  }

  #destinationOf({ local }: Connection): Destination | null {
    return this.#registry.byAddress(local);
  }
}
