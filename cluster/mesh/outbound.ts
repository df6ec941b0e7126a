import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, Endpoint } from '../network/connection.ts';
import { PROXY_UID } from '../network/network.ts';
import type { ServiceObject, ServicePort } from '../network/services.ts';
import { accessLogLine } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { forwardHttp, localReply } from './http-forward.ts';
import { HttpFront } from './http-front.ts';
import { MESH_ALPN, type MutualTls } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { randomUuid } from './request-id.ts';
import { portProtocol } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import { upstreamFailure } from './upstream-failure.ts';

/** One endpoint and how to speak to it. */
interface Upstream {
  endpoint: Endpoint;
  /** Null for plaintext. */
  tls: { serverName: string; expectedUri: string } | null;
}

/** A service's port, as a cluster of Envoy's: `outbound|8000||httpbin.foo.svc.cluster.local`. */
interface Destination {
  service: ServiceObject;
  port: ServicePort;
}

/** A connection that could not be made; carries the code of its cause. */
class ConnectFailed extends Error {
  override name = 'ConnectFailed';
  readonly code: string;
  constructor(cause: Error & { code?: string }) {
    super(cause.message, { cause });
    this.code = cause.code ?? '';
  }
}

/** node:http's pool, with connections that are dialled and encrypted as the upstream wants. */
class UpstreamPool extends Agent {
  readonly #dial: (upstream: Upstream) => Promise<Duplex>;

  constructor(dial: (upstream: Upstream) => Promise<Duplex>) {
    super({ keepAlive: true, maxFreeSockets: 4 });
    this.#dial = dial;
  }

  override getName(options?: object): string {
    const { endpoint, tls } = (options as { upstream: Upstream }).upstream;
    return `${endpoint.ip}:${endpoint.port}:${tls?.serverName ?? ''}`;
  }

  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): undefined {
    this.#dial((options as { upstream: Upstream }).upstream).then(
      (stream) => callback?.(null, stream),
      (error: Error) => callback?.(new ConnectFailed(error), undefined as never),
    );
    return undefined;
  }

  closeIdle(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}

/**
 * The client's side of a sidecar: every connection of the pod's programs ends here, and a new one goes to an endpoint.
 * Automatic mutual TLS as in Istio 1.27 (pilot/pkg/xds/endpoints/mtls_checker.go): to an endpoint that carries the
 * mesh's label and whose own mode for that port is not DISABLE. Left out so far: VirtualService and DestinationRule.
 */
export class OutboundProxy {
  readonly #context: SidecarContext;
  readonly #tls: MutualTls;
  readonly #http: HttpFront<Connection>;
  #pool: UpstreamPool | null = null;
  #turn = 0;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
    this.#http = new HttpFront((request, response, connection) => this.#request(request, response, connection));
  }

  take(connection: Connection): void {
    this.#route(connection).catch(() => connection.resetAndDestroy());
  }

  closeIdleConnections(): void {
    this.#pool?.closeIdle();
  }

  dispose(): void {
    this.#pool?.destroy();
    this.#pool = null;
  }

  async #route(connection: Connection): Promise<void> {
    const destination = this.#destinationOf(connection.local);
    const protocol = destination === null ? 'auto' : portProtocol(destination.port);
    if (protocol === 'tcp') {
      // Not a byte is waited for: the server may speak first.
      await this.#forwardBytes(connection, destination, MESH_ALPN.tcp);
      return;
    }
    const bytes = await peek(connection, isEnough);
    if (bytes === null) {
      connection.destroy();
      return;
    }
    const { kind } = readFirstBytes(bytes);
    if (kind === 'http1') this.#http.serve(connection, connection);
    else await this.#forwardBytes(connection, destination, kind === 'http2' ? MESH_ALPN.http2 : MESH_ALPN.tcp);
  }

  async #forwardBytes(connection: Connection, destination: Destination | null, alpn: string[]): Promise<void> {
    const upstream = destination === null ? { endpoint: connection.local, tls: null } : this.#choose(destination);
    if (upstream === null) {
      connection.resetAndDestroy();
      return;
    }
    splice(connection, await this.#dial(upstream, alpn));
  }

  async #request(request: IncomingMessage, response: ServerResponse, connection: Connection): Promise<void> {
    const { clock } = this.#context;
    const start = clock.now();
    const destination =
      this.#byHost(request.headers.host, connection.local.port) ?? this.#destinationOf(connection.local);
    const upstream = destination === null ? { endpoint: connection.local, tls: null } : this.#choose(destination);
    const cluster = destination === null ? 'PassthroughCluster' : clusterName(destination);
    const requestId = String(request.headers['x-request-id'] ?? randomUuid(this.#context.randomBytes));
    const log = (rest: Partial<Parameters<typeof accessLogLine>[0]>): void =>
      this.#context.log(
        accessLogLine({
          startTime: start,
          method: request.method,
          path: request.url,
          protocol: `HTTP/${request.httpVersion}`,
          status: 0,
          bytesReceived: 0,
          bytesSent: 0,
          durationMs: Math.round(clock.now() - start),
          userAgent: request.headers['user-agent'],
          requestId,
          authority: request.headers.host,
          upstreamCluster: cluster,
          downstreamLocal: `${connection.local.ip}:${connection.local.port}`,
          downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
          route: destination === null ? 'allow_any' : 'default',
          ...rest,
        }),
      );
    if (upstream === null) {
      const body = 'no healthy upstream';
      localReply(response, { status: 503, body, server: 'envoy', now: clock.now() });
      log({ status: 503, flags: 'UH', details: 'no_healthy_upstream', bytesSent: body.length });
      return;
    }
    this.#pool ??= new UpstreamPool((target) => this.#dial(target, MESH_ALPN.http));
    const result = await forwardHttp(request, response, {
      connection: null,
      agent: this.#pool,
      target: { upstream },
      requestHeaders: {
        'x-forwarded-proto': 'http',
        'x-request-id': requestId,
        'x-envoy-attempt-count': '1',
        ...(destination !== null && upstream.tls === null
          ? { 'x-envoy-decorator-operation': `${hostOf(destination.service)}:${destination.port.port}/*` }
          : {}),
      },
      responseHeaders: (upstreamMs) => ({
        server: 'envoy',
        'x-envoy-upstream-service-time': String(upstreamMs),
        // Meant for this proxy, not for the program behind it.
        'x-envoy-decorator-operation': null,
      }),
      now: () => clock.now(),
    });
    const upstreamHost = `${upstream.endpoint.ip}:${upstream.endpoint.port}`;
    if (result.error === null) {
      log({
        status: result.status,
        details: 'via_upstream',
        bytesReceived: result.bytesReceived,
        bytesSent: result.bytesSent,
        upstreamMs: result.upstreamMs ?? undefined,
        upstreamHost,
      });
      return;
    }
    const failure = upstreamFailure(result.error, {
      connected: !(result.error instanceof ConnectFailed),
      retries: true,
    });
    localReply(response, { ...failure, server: 'envoy', now: clock.now() });
    log({ ...failure, bytesSent: failure.body.length, upstreamHost });
  }

  async #dial({ endpoint, tls }: Upstream, alpn: string[]): Promise<Duplex> {
    const connection = await this.#context.podNetwork.connect(endpoint, { uid: PROXY_UID });
    if (tls === null) return connection;
    const { socket } = await this.#tls.connect(connection, { ...tls, alpn });
    return socket;
  }

  /** The service that an HTTP request names; the port is that of the connection. */
  #byHost(host: string | undefined, port: number): Destination | null {
    if (host === undefined) return null;
    const { network, workload } = this.#context;
    const name = host.replace(/:\d+$/, '');
    const found = network.dns.resolve(name, workload.namespace);
    const [serviceName, namespace, suffix] = found?.name.split('.') ?? [];
    if (serviceName === undefined || namespace === undefined || suffix !== 'svc') return null;
    return withPort(network.services.byName(namespace, serviceName), port);
  }

  #destinationOf({ ip, port }: Endpoint): Destination | null {
    return withPort(this.#context.network.services.byClusterIp(ip), port);
  }

  /** The next ready endpoint, one after the other. */
  #choose({ service, port }: Destination): Upstream | null {
    const { network, mesh } = this.#context;
    const endpoints = network.services.endpoints(service, port);
    const endpoint = endpoints[this.#turn % Math.max(1, endpoints.length)];
    this.#turn += 1;
    if (endpoint === undefined) return null;
    const pod = network.at(endpoint.ip)?.pod;
    if (pod === undefined) return { endpoint, tls: null };
    const workload = mesh.workload(pod);
    const usesTls =
      workload.labels['security.istio.io/tlsMode'] === 'istio' &&
      mesh.serverMode(workload, endpoint.port).mode !== 'DISABLE';
    if (!usesTls) return { endpoint, tls: null };
    return {
      endpoint,
      tls: {
        serverName: `outbound_.${port.port}_._.${hostOf(service)}`,
        expectedUri: spiffeUri(workload.namespace, workload.serviceAccount),
      },
    };
  }
}

function withPort(service: ServiceObject | undefined, number: number): Destination | null {
  const port = service?.spec?.ports?.find((candidate) => candidate.port === number);
  return service === undefined || port === undefined ? null : { service, port };
}

function hostOf(service: ServiceObject): string {
  return `${service.metadata.name}.${service.metadata.namespace ?? 'default'}.svc.cluster.local`;
}

function clusterName({ service, port }: Destination): string {
  return `outbound|${port.port}||${hostOf(service)}`;
}
