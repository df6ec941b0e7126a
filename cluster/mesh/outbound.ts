import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from '../network/connection.ts';
import { hostOf, serviceByHost, withPort, type Destination } from './destination.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { qualifyHost } from './host-name.ts';
import { HttpFront } from './http-front.ts';
import { findTcpRoute, pickDestination } from './http-route.ts';
import { HttpRouter, type VirtualHost } from './http-router.ts';
import { MESH_ALPN, type MutualTls } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { portProtocol } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import { Upstreams, type Upstream } from './upstreams.ts';
import { MESH_GATEWAY, namespaceOf } from './virtual-service.ts';

/** Every connection of the pod's programs ends at the client's side of its sidecar, and a new one goes to an endpoint. */
export class OutboundProxy {
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #router: HttpRouter;
  readonly #http: HttpFront<Connection>;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#upstreams = new Upstreams(context, tls);
    this.#router = new HttpRouter(context, this.#upstreams);
    this.#http = new HttpFront((request, response, connection) => this.#request(request, response, connection));
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
    const protocol = destination === null ? 'auto' : portProtocol(destination.port);
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
    const upstream = this.#bytesUpstream(connection, destination, serverName);
    if (upstream === null) {
      connection.resetAndDestroy();
      return;
    }
    splice(connection, await this.#upstreams.dial(upstream, alpn));
  }

  /** Null: nowhere to go. */
  #bytesUpstream({ local }: Connection, destination: Destination | null, serverName: string | null): Upstream | null {
    const { mesh, pod, network, randomBytes } = this.#context;
    const client = mesh.workload(pod);
    if (destination === null) {
      return mesh.config.registryOnly(client) === null
        ? { endpoint: local, tls: { kind: 'plaintext' }, server: null, rule: null }
        : null;
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
    const upstream = target === null ? 'no-endpoints' : this.#upstreams.choose(target);
    return typeof upstream === 'string' ? null : upstream;
  }

  #hasTlsRoutes(destination: Destination | null): boolean {
    if (destination === null) return false;
    const { mesh, pod } = this.#context;
    const service = mesh.config.virtualServiceFor(mesh.workload(pod), hostOf(destination.service));
    return (service?.spec?.tls ?? []).length > 0;
  }

  async #request(request: IncomingMessage, response: ServerResponse, connection: Connection): Promise<void> {
    const { local, remote } = connection;
    await this.#router.handle(
      request,
      response,
      {
        local,
        remote,
        port: local.port,
        scheme: 'http',
        serverName: null,
        server: 'envoy',
        requestHeaders: {},
      },
      this.#virtualHost(request.headers.host, connection),
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
      portProtocol(dialled.port) === 'auto' || (host ?? '').replace(/:\d+$/, '') === dialled.service.spec?.clusterIP
    );
  }

  /** The service that an HTTP request names; the port is that of the connection. */
  #byHost(host: string | undefined, port: number): Destination | null {
    if (host === undefined) return null;
    const { network, workload } = this.#context;
    const found = network.dns.resolve(host.replace(/:\d+$/, ''), workload.namespace);
    return found === null ? null : withPort(serviceByHost(network, found.name), port);
  }

  #destinationOf({ local }: Connection): Destination | null {
    return withPort(this.#context.network.services.byClusterIp(local.ip), local.port);
  }
}
