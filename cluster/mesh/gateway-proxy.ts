import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import type { Capture } from '../network/network.ts';
import { logBytes } from './bytes-log.ts';
import { BytesProxy, type BytesClient } from './bytes-proxy.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { kindOf, serversAt, type BoundServer } from './gateway.ts';
import { clientCertificateHeader, endTls } from './gateway-tls.ts';
import { hostCovers } from './host-name.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
import { HttpRouter, type VirtualHost } from './http-router.ts';
import { malformedFields } from './interrupted.ts';
import { MESH_ALPN, type MutualTls, type Peer } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { Registry } from './registry.ts';
import { authorizeBytes, authorizeHttp } from './request-guard.ts';
import type { SidecarContext } from './sidecar.ts';
import { Upstreams } from './upstreams.ts';
import { findForGateway, findForGatewayBytes } from './virtual-service.ts';
import { partyOf } from './workload.ts';

interface GatewayConnection {
  connection: Connection;
  servers: readonly BoundServer[];
  serverName: string | null;
  scheme: 'http' | 'https';
  /** `X-Forwarded-Client-Cert` of a client that showed a certificate. */
  certificate: string | null;
  /** Of the mesh; null for clients that are not, or come without mutual TLS. */
  peer: Peer | null;
}

/** The status ports are the agent's, with listeners of their own. */
const STATUS_PORTS = [15_020, 15_021];

/**
 * The proxy of a gateway: it listens where Gateways say, routes by their VirtualServices, and is a client of the mesh
 * with its own identity. Left out: AUTO_PASSTHROUGH, which is between clusters, and HTTP/2 towards clients.
 */
export class GatewayProxy implements Capture {
  readonly excludedInboundPorts = STATUS_PORTS;
  readonly #context: SidecarContext;
  readonly #tls: MutualTls;
  readonly #upstreams: Upstreams;
  readonly #registry: Registry;
  readonly #router: HttpRouter;
  readonly #bytes: BytesProxy;
  readonly #http: HttpFront<GatewayConnection>;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
    this.#upstreams = new Upstreams(context, tls);
    this.#registry = new Registry(context);
    this.#router = new HttpRouter(context, this.#upstreams, this.#registry);
    this.#bytes = new BytesProxy(context, this.#upstreams, this.#registry);
    this.#http = new HttpFront({
      clock: context.clock,
      server: 'istio-envoy',
      handle: (exchange, from) => this.#request(exchange, from),
      malformed: (problem, { connection, serverName }) =>
        context.record({ ...malformedFields(problem, connection, context.clock.now()), serverName }),
    });
  }

  accepts(port: number): boolean {
    return this.#serversAt(port).length > 0;
  }

  inbound(connection: Connection): void {
    this.#take(connection).catch(() => connection.resetAndDestroy());
  }

  /** What runs in a gateway's pod runs as the proxy; another user's connections go where they want. */
  outbound(connection: Connection): void {
    connection.resetAndDestroy();
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

  async #take(connection: Connection): Promise<void> {
    const servers = this.#serversAt(connection.local.port);
    const [first] = servers;
    if (first === undefined) {
      connection.resetAndDestroy();
      return;
    }
    const kind = kindOf(first.server);
    if (kind === 'http') {
      const plain = servers.filter(({ server }) => kindOf(server) === 'http');
      this.#http.serve(connection, {
        connection,
        servers: plain,
        serverName: null,
        scheme: 'http',
        certificate: null,
        peer: null,
      });
    } else if (kind === 'tcp') {
      await this.#forwardBytes(
        { connection, stream: connection, serverName: null, alpn: MESH_ALPN.tcp },
        [first],
        'tcp',
      );
    } else await this.#takeTls(connection, servers);
  }

  /** By the name in the ClientHello, as Envoy picks a filter chain; none fits, and the connection is closed. */
  async #takeTls(connection: Connection, servers: readonly BoundServer[]): Promise<void> {
    const bytes = await peek(connection, isEnough);
    const hello = bytes === null ? null : readFirstBytes(bytes);
    const serverName = hello?.kind === 'tls' ? hello.serverName : null;
    const bound = hello?.kind === 'tls' ? findServer(servers, serverName) : undefined;
    if (bound === undefined) {
      this.#refuse(connection, servers[0]?.gateway ?? null, serverName);
      return;
    }
    const kind = kindOf(bound.server);
    if (kind === 'passthrough') {
      await this.#forwardBytes({ connection, stream: connection, serverName, alpn: MESH_ALPN.tcp }, [bound], 'tls');
      return;
    }
    const { socket, certificate, peer } = await this.#endTls(connection, bound);
    if (socket === null) {
      this.#refuse(connection, bound.gateway, serverName);
      return;
    }
    if (kind === 'tls') {
      await this.#forwardBytes({ connection, stream: socket, serverName, alpn: MESH_ALPN.tcp }, [bound], 'tcp', peer);
      return;
    }
    const sameHosts = servers.filter(({ server }) => kindOf(server) === 'https');
    this.#http.serve(socket, { connection, servers: sameHosts, serverName, scheme: 'https', certificate, peer });
  }

  async #endTls(
    connection: Connection,
    { server }: BoundServer,
  ): Promise<{ socket: Duplex | null; certificate: string | null; peer: Peer | null }> {
    if (server.tls?.mode === 'ISTIO_MUTUAL') {
      const { socket, peer } = await this.#tls.accept(connection);
      return { socket, certificate: `Hash=${peer.hash};Subject="";URI=${peer.uri}`, peer };
    }
    const { objects, pod } = this.#context;
    const socket = await endTls(connection, server, { objects, namespace: pod.metadata.namespace });
    return { socket, certificate: socket === null ? null : clientCertificateHeader(socket), peer: null };
  }

  /** To where the first matching route of a VirtualService leads that is bound to one of the servers. */
  async #forwardBytes(
    client: BytesClient,
    servers: readonly BoundServer[],
    kind: 'tcp' | 'tls',
    peer: Peer | null = null,
  ): Promise<void> {
    const { mesh, workload } = this.#context;
    const { connection, serverName } = client;
    const { namespace, labels } = workload;
    if (
      !authorizeBytes(this.#context, {
        local: connection.local,
        remote: connection.remote,
        peer,
        serverName,
        upstreamCluster: undefined,
      })
    ) {
      connection.resetAndDestroy();
      client.stream.destroy();
      return;
    }
    for (const { gateway, server } of servers) {
      const port = server.port?.number ?? connection.local.port;
      for (const service of findForGatewayBytes(
        mesh.config.virtualServices(namespace),
        gateway,
        server.hosts ?? [],
        serverName,
      )) {
        const target = this.#bytes.route(service, client, port, { namespace, labels, gateway }, kind);
        if (target === null) continue;
        await this.#bytes.forward(client, target);
        return;
      }
    }
    this.#refuse(connection, servers[0]?.gateway ?? null, serverName);
    client.stream.destroy();
  }

  /** No filter chain matches. */
  #refuse(connection: Connection, gateway: string | null, serverName: string | null): void {
    const { mesh, clock, pod } = this.#context;
    mesh.verdicts.record({
      time: clock.now(),
      code: 'no-route',
      client: null,
      server: partyOf(mesh.workload(pod)),
      port: connection.local.port,
      mode: null,
      kind: gateway === null ? null : 'Gateway',
      policy: gateway,
      detail: serverName,
      request: null,
    });
    logBytes(this.#context, connection, connection, null, {
      flags: 'NR',
      details: 'filter_chain_not_found',
      serverName,
    });
    connection.resetAndDestroy();
  }

  async #request(exchange: HttpExchange, from: GatewayConnection): Promise<void> {
    const { connection, serverName, scheme, certificate, peer } = from;
    const { local, remote } = connection;
    const { request } = exchange;
    const own = request.headers.get('x-forwarded-for');
    const admitted = await authorizeHttp(this.#context, exchange, {
      local,
      remote,
      peer,
      serverName,
      scheme,
      upstreamCluster: undefined,
    });
    if (admitted === null) return;
    this.#router.handle(
      exchange,
      {
        local,
        remote,
        port: this.#gatewayPort(from),
        scheme,
        serverName,
        server: 'istio-envoy',
        requestHeaders: {
          'x-forwarded-for': own === undefined ? remote.ip : `${own},${remote.ip}`,
          'x-envoy-internal': 'true',
          // SANITIZE_SET: nobody outside tells the mesh who a client is.
          'x-forwarded-client-cert': certificate,
          ...admitted,
        },
      },
      this.#virtualHost(request, from),
    );
  }

  #gatewayPort({ servers, connection }: GatewayConnection): number {
    return servers[0]?.server.port?.number ?? connection.local.port;
  }

  #virtualHost(request: RequestHead, { servers }: GatewayConnection): VirtualHost {
    const host = (request.headers.get('host') ?? '').replace(/:\d+$/, '').toLowerCase();
    const { config } = this.#context.mesh;
    const { namespace, labels } = this.#context.workload;
    for (const { gateway, server } of servers) {
      const services = findForGateway(config.virtualServices(namespace), gateway, server.hosts ?? [], host);
      if (services.length === 0) continue;
      if (server.tls?.httpsRedirect === true) return { kind: 'redirect-to-https' };
      return { kind: 'routes', services, fallback: null, source: { namespace, labels, gateway } };
    }
    return { kind: 'not-found', gateway: servers[0]?.gateway ?? null };
  }

  #serversAt(port: number): BoundServer[] {
    const { mesh, network, pod } = this.#context;
    const workload = mesh.workload(pod);
    const servicePorts = network.services
      .inNamespace(workload.namespace)
      .filter(
        ({ spec }) =>
          spec?.selector !== undefined &&
          Object.entries(spec.selector).every(([key, value]) => workload.labels[key] === value),
      )
      .flatMap(({ spec }) => spec?.ports ?? [])
      .filter(({ port: own, targetPort }) => (targetPort ?? own) === port)
      .map(({ port: own }) => own);
    return serversAt(mesh.config.gateways(), workload.labels, port, servicePorts);
  }
}

/** The server for a name in TLS; one for `*` takes all, also clients that ask for none. */
function findServer(servers: readonly BoundServer[], serverName: string | null): BoundServer | undefined {
  let best: { bound: BoundServer; length: number } | undefined;
  for (const bound of servers) {
    for (const entry of bound.server.hosts ?? []) {
      const host = entry.slice(entry.indexOf('/') + 1);
      if (host !== '*' && (serverName === null || !hostCovers(host, serverName))) continue;
      const length = host === serverName ? Infinity : host.length;
      if (best === undefined || length > best.length) best = { bound, length };
    }
  }
  return best?.bound;
}
