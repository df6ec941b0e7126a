import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Connection } from '../network/connection.ts';
import type { Capture } from '../network/network.ts';
import { endsTls, serversAt, type BoundServer } from './gateway.ts';
import { hostCovers } from './host-name.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
import { HttpRouter, type VirtualHost } from './http-router.ts';
import { malformedFields } from './interrupted.ts';
import { handshake, type MutualTls } from './mutual-tls.ts';
import { authorizeHttp } from './request-guard.ts';
import type { SidecarContext } from './sidecar.ts';
import { Upstreams } from './upstreams.ts';
import { findForGateway } from './virtual-service.ts';

interface GatewayConnection {
  connection: Connection;
  servers: readonly BoundServer[];
  serverName: string | null;
  scheme: 'http' | 'https';
}

/** The status ports are the agent's, with listeners of their own. */
const STATUS_PORTS = [15_020, 15_021];

/**
 * The proxy of a gateway: it listens where Gateways say, routes by their VirtualServices, and is a client of the mesh
 * with its own identity. Left out: TLS modes other than SIMPLE, TCP and TLS passthrough servers, HTTP/2 towards clients.
 */
export class GatewayProxy implements Capture {
  readonly excludedInboundPorts = STATUS_PORTS;
  readonly #context: SidecarContext;
  readonly #upstreams: Upstreams;
  readonly #router: HttpRouter;
  readonly #http: HttpFront<GatewayConnection>;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#upstreams = new Upstreams(context, tls);
    this.#router = new HttpRouter(context, this.#upstreams);
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

  closeIdleConnections(): void {
    this.#upstreams.closeIdle();
  }

  dispose(): void {
    this.#upstreams.dispose();
  }

  async #take(connection: Connection): Promise<void> {
    const servers = this.#serversAt(connection.local.port);
    const secure = servers.filter(({ server }) => endsTls(server));
    if (secure.length === 0) {
      this.#http.serve(connection, { connection, servers, serverName: null, scheme: 'http' });
      return;
    }
    const socket = await this.#endTls(connection, secure);
    if (socket === null) connection.resetAndDestroy();
    else {
      const serverName = typeof socket.servername === 'string' ? socket.servername : null;
      this.#http.serve(socket as Duplex, { connection, servers: secure, serverName, scheme: 'https' });
    }
  }

  async #endTls(connection: Connection, servers: readonly BoundServer[]): Promise<TLSSocket | null> {
    const { objects, pod } = this.#context;
    const secureContextOf = ({ server }: BoundServer): ReturnType<typeof createSecureContext> | null => {
      const secret = objects.get('secrets', pod.metadata.namespace, server.tls?.credentialName ?? '') as
        | { data?: Record<string, string> }
        | undefined;
      const read = (...names: string[]): string | undefined => {
        const value = names.map((name) => secret?.data?.[name]).find((data) => data !== undefined);
        return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
      };
      const [cert, key] = [read('tls.crt', 'cert'), read('tls.key', 'key')];
      return cert === undefined || key === undefined ? null : createSecureContext({ cert, key });
    };
    const [first] = servers;
    const fallback = first === undefined ? null : secureContextOf(first);
    if (fallback === null) return null; // Envoy: no secret, no listener filter chain
    const socket = new TLSSocket(connection as never, {
      isServer: true,
      secureContext: fallback,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => {
        const bound = servers.find(({ server }) =>
          (server.hosts ?? []).some((host) => hostCovers(host.slice(host.indexOf('/') + 1), name)),
        );
        done(null, (bound === undefined ? null : secureContextOf(bound)) ?? fallback);
      },
    });
    await handshake(socket, 'secure', connection);
    return socket;
  }

  async #request(exchange: HttpExchange, from: GatewayConnection): Promise<void> {
    const { connection, serverName, scheme } = from;
    const { local, remote } = connection;
    const { request } = exchange;
    const own = request.headers.get('x-forwarded-for');
    const admitted = await authorizeHttp(this.#context, exchange, {
      local,
      remote,
      peer: null,
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
          'x-forwarded-client-cert': null,
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
      const services = findForGateway(config.virtualServices(), gateway, server.hosts ?? [], host);
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
