import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import { accessLogLine, type AccessLogEntry } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { logBytes } from './bytes-log.ts';
import { operationOf } from './destination.ts';
import { localReply, relayAnswer, sendRequest } from './http-forward.ts';
import { HttpPool } from './http-client.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import type { RequestHead } from './http-message.ts';
import type { SentRequest } from './http-client.ts';
import { peerFields } from './peer-fields.ts';
import { isMeshProtocol, type MutualTls, type Peer } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { policyPath, type EffectiveMode } from './peer-authentication.ts';
import { APPLICATION_SIDE, dialApplication } from './application-side.ts';
import { abandonedFields, cutFields, malformedFields } from './interrupted.ts';
import { authorizeBytes, authorizeHttp, type GuardedRequest } from './request-guard.ts';
import { randomUuid } from './request-id.ts';
import { portProtocol, serviceOfPort, type InboundPort } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import { upstreamFailure } from './upstream-failure.ts';
import type { Verdict } from './verdict-log.ts';
import { partyOf } from './workload.ts';

/** Connections to the program that are kept for each of its ports. */
const KEPT_CONNECTIONS = 8;

interface InboundConnection {
  connection: Connection;
  peer: Peer | null;
  serverName: string | null;
  target: InboundPort | undefined;
}

/**
 * The server's side of a sidecar: looks at the first bytes and decides by the effective mode who may come in.
 * Istio 1.27, pilot/pkg/networking/core/filterchain_options.go:
 *
 * | mode       | plaintext         | mesh TLS | other TLS                                       |
 * | STRICT     | no chain: reset   | accepted | handshake, fails for want of a certificate      |
 * | PERMISSIVE | accepted          | accepted | HTTP port: no chain, reset; else to the program |
 * | DISABLE    | accepted          | no chain | HTTP port: no chain, reset; else to the program |
 */
export class InboundProxy {
  readonly #context: SidecarContext;
  readonly #tls: MutualTls;
  readonly #http: HttpFront<InboundConnection>;
  readonly #pool = new HttpPool(KEPT_CONNECTIONS);

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
    this.#http = new HttpFront({
      clock: context.clock,
      server: 'istio-envoy',
      handle: (exchange, inbound) => this.#request(exchange, inbound),
      malformed: (problem, { connection, serverName, peer }) =>
        context.record({
          ...malformedFields(problem, connection, context.clock.now()),
          upstreamCluster: `inbound|${connection.local.port}||`,
          serverName,
          peerUri: peer?.uri ?? null,
          peerKnown: peer !== null,
        }),
    });
  }

  dispose(): void {
    this.#pool.dispose();
  }

  take(connection: Connection): void {
    this.#judge(connection).catch(() => connection.resetAndDestroy());
  }

  async #judge(connection: Connection): Promise<void> {
    const { pod, network, mesh } = this.#context;
    const workload = mesh.workload(pod);
    const { port } = connection.local;
    const target = serviceOfPort(
      network.services.inNamespace(workload.namespace),
      workload.labels,
      port,
      workload.portNames,
    );
    if (target === undefined && !mesh.era.guardsUnknownPorts) {
      this.#toApplication(connection, { connection, peer: null, serverName: null, target });
      return;
    }
    const protocol = portProtocol(target?.port, mesh.era.detectsProtocols);
    const bytes = await peek(connection, isEnough);
    if (bytes === null) {
      connection.destroy();
      return;
    }
    const first = readFirstBytes(bytes);
    const effective = mesh.config.serverMode(workload, port);
    const { mode } = effective;

    if (first.kind !== 'tls') {
      if (mode === 'STRICT') {
        this.#refuse(connection, effective, 'plaintext-refused', null);
        return;
      }
      this.#pass(connection, first.kind, protocol, { connection, peer: null, serverName: null, target });
      return;
    }
    const fromMesh = first.applicationProtocols.some(isMeshProtocol);
    if (mode === 'STRICT' || (mode === 'PERMISSIVE' && fromMesh)) {
      await this.#terminate(connection, effective, protocol, first.serverName, target);
      return;
    }
    if (fromMesh || protocol === 'http' || protocol === 'http2') {
      this.#refuse(connection, effective, 'foreign-tls-refused', first.serverName);
      return;
    }
    this.#pass(connection, 'tls', 'tcp', { connection, peer: null, serverName: first.serverName, target });
  }

  async #terminate(
    connection: Connection,
    effective: EffectiveMode,
    protocol: string,
    serverName: string | null,
    target: InboundPort | undefined,
  ): Promise<void> {
    let accepted;
    try {
      accepted = await this.#tls.accept(connection);
    } catch {
      this.#record(connection, effective, 'handshake-failed');
      connection.destroy();
      return;
    }
    const { socket, peer } = accepted;
    const inner = await peek(socket, isEnough);
    if (inner === null) {
      socket.destroy();
      return;
    }
    this.#pass(socket, readFirstBytes(inner).kind, protocol, { connection, peer, serverName, target });
  }

  #pass(stream: Duplex, kind: string, protocol: string, inbound: InboundConnection): void {
    // gRPC and other HTTP/2 pass as bytes: the application speaks it, and nothing here changes its headers yet.
    const isHttp =
      (protocol === 'http' && kind !== 'http2') ||
      (protocol === 'auto' && kind === 'http1') ||
      (protocol === 'http2' && kind === 'http1');
    if (isHttp) {
      this.#http.serve(stream, inbound);
      return;
    }
    const { connection, peer, serverName } = inbound;
    if (authorizeBytes(this.#context, { local: connection.local, remote: connection.remote, peer, serverName })) {
      this.#toApplication(stream, inbound);
    } else {
      stream.destroy();
      connection.destroy();
    }
  }

  #toApplication(stream: Duplex, { connection, serverName, peer }: InboundConnection): void {
    const { port } = connection.local;
    const local = this.#context.podNetwork.connectLocal(port, APPLICATION_SIDE);
    logBytes(this.#context, connection, stream, local, {
      ...(local === null ? { flags: 'UF' } : {}),
      upstreamHost: `${connection.local.ip}:${port}`,
      upstreamCluster: `inbound|${port}||`,
      upstreamLocal: `127.0.0.6:${connection.remote.port}`,
      serverName,
      peerUri: peer?.uri ?? null,
      peerKnown: peer !== null,
    });
    if (local === null) connection.resetAndDestroy();
    else splice(stream, local);
  }

  async #request(exchange: HttpExchange, inbound: InboundConnection): Promise<void> {
    const { clock, mesh, podNetwork } = this.#context;
    const { request, body } = exchange;
    const { connection, peer, target, serverName } = inbound;
    const start = clock.now();
    const { port } = connection.local;
    const requestId = request.headers.get('x-request-id') ?? randomUuid(this.#context.randomBytes);
    const guarded: GuardedRequest = {
      local: connection.local,
      remote: connection.remote,
      peer,
      serverName,
      scheme: 'http',
      upstreamCluster: `inbound|${port}||`,
    };
    const admitted = await authorizeHttp(this.#context, exchange, guarded);
    if (admitted === null) return;
    const log = (rest: Partial<AccessLogEntry>): void =>
      this.#context.record({
        startTime: start,
        method: request.method,
        path: request.path,
        protocol: `HTTP/${request.version}`,
        status: 0,
        bytesReceived: body.bytes,
        bytesSent: 0,
        durationMs: Math.max(0, Math.round(clock.now() - start)),
        forwardedFor: request.headers.get('x-forwarded-for'),
        userAgent: request.headers.get('user-agent'),
        requestId,
        authority: request.headers.get('host'),
        upstreamHost: `${connection.local.ip}:${port}`,
        upstreamCluster: `inbound|${port}||`,
        upstreamLocal: `127.0.0.6:${connection.remote.port}`,
        downstreamLocal: `${connection.local.ip}:${port}`,
        downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
        serverName,
        route: 'default',
        ...peerFields(request.headers, peer),
        ...rest,
      });
    if (exchange.abandoned !== null) {
      log(abandonedFields(exchange.abandoned));
      return;
    }
    const headers: Record<string, string | null> = {
      'x-forwarded-proto': request.headers.get('x-forwarded-proto') ?? 'http',
      'x-request-id': requestId,
    };
    if (peer !== null) headers['x-forwarded-client-cert'] = this.#clientCertificateHeader(request, peer);
    Object.assign(headers, admitted);
    const send = (): SentRequest =>
      sendRequest(
        exchange,
        {
          pool: this.#pool,
          key: String(port),
          dial: () => dialApplication(podNetwork, port),
          path: request.path,
          headers,
        },
        {
          answered: (answer) => {
            const upstreamMs = Math.max(0, Math.round(clock.now() - start));
            relayAnswer(answer, exchange, {
              headers: {
                server: 'istio-envoy',
                'x-envoy-upstream-service-time': String(upstreamMs),
                ...(target === undefined ? {} : { 'x-envoy-decorator-operation': operationOf(target) }),
              },
              now: clock.now(),
              done: (bytesSent, cut) => {
                if (cut === 'client') sent.abort();
                log({ status: answer.status, ...cutFields(cut), bytesSent, upstreamMs });
              },
            });
          },
          failed: (error: Error & { code?: string }) => {
            // A kept connection that the application has closed meanwhile is no answer.
            if (sent.isReused() && body.bytes === 0 && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
              sent = send();
              return;
            }
            exchange.onAbandoned = null;
            const connected = error.code !== 'ECONNREFUSED';
            const failure = upstreamFailure(error, { connected, retries: false, texts: mesh.era.failureTexts });
            localReply(exchange, { ...failure, server: 'istio-envoy', now: clock.now() });
            log({ ...failure, bytesSent: failure.body.length });
          },
        },
      );
    exchange.onAbandoned = (why) => {
      sent.abort();
      log(abandonedFields(why));
    };
    let sent = send();
  }

  /** Appended to what an earlier proxy wrote (APPEND_FORWARD). */
  #clientCertificateHeader(request: RequestHead, peer: Peer): string {
    const { namespace, serviceAccount } = this.#context.workload;
    const own = `By=${spiffeUri(namespace, serviceAccount)};Hash=${peer.hash};Subject="";URI=${peer.uri}`;
    const earlier = request.headers.get('x-forwarded-client-cert');
    return earlier === undefined ? own : `${earlier},${own}`;
  }

  /** No filter chain matches: Envoy closes what it only peeked at, and the kernel resets for the unread bytes. */
  #refuse(connection: Connection, effective: EffectiveMode, code: Verdict['code'], serverName: string | null): void {
    this.#record(connection, effective, code);
    this.#context.log(
      accessLogLine({
        startTime: this.#context.clock.now(),
        status: 0,
        flags: 'NR',
        details: 'filter_chain_not_found',
        bytesReceived: 0,
        bytesSent: 0,
        durationMs: 0,
        downstreamLocal: `${connection.local.ip}:${connection.local.port}`,
        downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
        serverName,
      }),
    );
    connection.destroy();
  }

  #record(connection: Connection, effective: EffectiveMode, code: Verdict['code']): void {
    const { mesh, network, workload, clock } = this.#context;
    const client = network.at(connection.remote.ip);
    mesh.verdicts.record({
      time: clock.now(),
      code,
      client: client === undefined ? null : partyOf(mesh.workload(client.pod)),
      server: partyOf(workload),
      port: connection.local.port,
      mode: effective.mode,
      kind: effective.policy?.kind ?? null,
      detail: null,
      request: null,
      policy: effective.policy === null ? null : policyPath(effective.policy),
    });
  }
}
