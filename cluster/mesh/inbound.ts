import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '../network/connection.ts';
import { accessLogLine, type AccessLogEntry } from './access-log.ts';
import { spiffeUri } from './authority.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { logBytes } from './bytes-log.ts';
import { operationOf } from './destination.ts';
import { localReply, relayAnswer, sendRequest, type SentRequest } from './http-forward.ts';
import { HttpFront } from './http-front.ts';
import { peerFields } from './peer-fields.ts';
import { isMeshProtocol, type MutualTls, type Peer } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { policyPath, type EffectiveMode } from './peer-authentication.ts';
import { RequestBody } from './request-body.ts';
import { APPLICATION_SIDE, ApplicationPool } from './application-pool.ts';
import { authorizeBytes, authorizeHttp } from './request-guard.ts';
import { randomUuid } from './request-id.ts';
import { portProtocol, serviceOfPort, type InboundPort } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import { upstreamFailure } from './upstream-failure.ts';
import type { Verdict } from './verdict-log.ts';
import { partyOf } from './workload.ts';

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
  #pool: ApplicationPool | null = null;

  constructor(context: SidecarContext, tls: MutualTls) {
    this.#context = context;
    this.#tls = tls;
    this.#http = new HttpFront((request, response, inbound) => this.#request(request, response, inbound));
  }

  dispose(): void {
    this.#pool?.destroy();
    this.#pool = null;
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
    const protocol = portProtocol(target?.port);
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

  async #request(request: IncomingMessage, response: ServerResponse, inbound: InboundConnection): Promise<void> {
    const { clock, podNetwork } = this.#context;
    const { connection, peer, target, serverName } = inbound;
    const start = clock.now();
    const { port } = connection.local;
    const requestId = request.headers['x-request-id'] ?? randomUuid(this.#context.randomBytes);
    const admitted = await authorizeHttp(this.#context, request, response, {
      local: connection.local,
      remote: connection.remote,
      peer,
      serverName,
      scheme: 'http',
      upstreamCluster: `inbound|${port}||`,
    });
    if (admitted === null) return;
    const body = new RequestBody(request);
    const log = (rest: Partial<AccessLogEntry>): void =>
      this.#context.record({
        startTime: start,
        method: request.method,
        path: request.url,
        protocol: `HTTP/${request.httpVersion}`,
        status: 0,
        bytesReceived: body.bytes,
        bytesSent: 0,
        durationMs: Math.max(0, Math.round(clock.now() - start)),
        forwardedFor: request.headers['x-forwarded-for']?.toString(),
        userAgent: request.headers['user-agent'],
        requestId: String(requestId),
        authority: request.headers.host,
        upstreamHost: `${connection.local.ip}:${port}`,
        upstreamCluster: `inbound|${port}||`,
        upstreamLocal: `127.0.0.6:${connection.remote.port}`,
        downstreamLocal: `${connection.local.ip}:${port}`,
        downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
        serverName,
        route: 'default',
        ...peerFields(request, peer),
        ...rest,
      });
    const fail = (error: Error & { code?: string }): void => {
      const failure = upstreamFailure(error, { connected: error.code !== 'ECONNREFUSED', retries: false });
      localReply(response, { ...failure, server: 'istio-envoy', now: clock.now() });
      log({ ...failure, bytesSent: failure.body.length });
    };
    let sent: SentRequest | null = null;
    const send = (): Promise<IncomingMessage> => {
      this.#pool ??= new ApplicationPool(podNetwork);
      sent = sendRequest(request, {
        body,
        connection: null,
        agent: this.#pool,
        target: { applicationPort: port },
        path: request.url ?? '/',
        headers: {
          'x-forwarded-proto': String(request.headers['x-forwarded-proto'] ?? 'http'),
          'x-request-id': String(requestId),
          ...(peer === null ? {} : { 'x-forwarded-client-cert': this.#clientCertificateHeader(request, peer) }),
          ...admitted,
        },
      });
      return sent.answer;
    };
    const onClose = (): void => sent?.abort();
    response.once('close', onClose);
    let answer: IncomingMessage;
    try {
      answer = await this.#askAgain(send, () => sent?.isReused() === true && body.bytes === 0 && !response.destroyed);
    } catch (error) {
      if (response.destroyed) log({ flags: 'DC', details: 'downstream_remote_disconnect' });
      else fail(error as Error);
      return;
    } finally {
      response.off('close', onClose);
    }
    const upstreamMs = Math.max(0, Math.round(clock.now() - start));
    const bytesSent = await relayAnswer(answer, response, {
      headers: {
        server: 'istio-envoy',
        'x-envoy-upstream-service-time': String(upstreamMs),
        ...(target === undefined ? {} : { 'x-envoy-decorator-operation': operationOf(target) }),
      },
      now: clock.now(),
    });
    log({ status: answer.statusCode ?? 502, details: 'via_upstream', bytesSent, upstreamMs });
  }

  /** A kept connection that the application has closed meanwhile is no answer (Envoy retries reset-before-request). */
  async #askAgain(send: () => Promise<IncomingMessage>, mayBeStale: () => boolean): Promise<IncomingMessage> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const { code } = error as { code?: string };
        if (!mayBeStale() || (code !== 'ECONNRESET' && code !== 'EPIPE')) throw error;
      }
    }
  }

  /** Appended to what an earlier proxy wrote (APPEND_FORWARD). */
  #clientCertificateHeader(request: IncomingMessage, peer: Peer): string {
    const { namespace, serviceAccount } = this.#context.workload;
    const own = `By=${spiffeUri(namespace, serviceAccount)};Hash=${peer.hash};Subject="";URI=${peer.uri}`;
    const earlier = request.headers['x-forwarded-client-cert'];
    return earlier === undefined ? own : `${String(earlier)},${own}`;
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
