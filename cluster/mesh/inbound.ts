import type { Duplex } from 'node:stream';
import { NetworkError, type Connection } from '../network/connection.ts';
import type { AccessLogEntry } from './access-log.ts';
import type { Era } from './era.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { isEnough, readFirstBytes } from './first-bytes.ts';
import { logBytes } from './bytes-log.ts';
import { unlimited, type Resources } from './cluster-resources.ts';
import { HttpPool } from './http-pool.ts';
import { HttpFront, type HttpExchange } from './http-front.ts';
import { isMeshProtocol, type MutualTls } from './mutual-tls.ts';
import { peek } from './peek.ts';
import { policyPath, type EffectiveMode } from './peer-authentication.ts';
import { connectApplication, INBOUND_PORT } from './application-side.ts';
import { inboundClusterName, inboundWay } from './inbound-cluster.ts';
import { InboundRequest, type InboundConnection } from './inbound-request.ts';
import { malformedFields } from './interrupted.ts';
import { authorizeBytes, authorizeHttp, type Admission, type GuardedRequest } from './request-guard.ts';
import { portProtocol, serviceOfPort, type InboundPort } from './service-protocol.ts';
import type { SidecarContext } from './sidecar.ts';
import { splice } from './splice.ts';
import type { Verdict } from './verdict-log.ts';
import { partyOf } from './workload.ts';

/** Envoy's name of the statistics of what comes in. */
const LISTENER = `listener.0.0.0.0_${INBOUND_PORT}`;
const NO_CERTIFICATE = /PEER_DID_NOT_RETURN|NO_CERT/;

/** Connections to the program that are kept for each of its ports. */
const KEPT_CONNECTIONS = 8;

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
      malformed: (problem, { connection, serverName, peer, upstreamCluster }) =>
        context.record({
          ...malformedFields(problem, connection, context.clock.now()),
          upstreamCluster,
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
    const { pod, network, mesh, stats } = this.#context;
    stats.count(`${LISTENER}.downstream_cx_total`);
    connection.once('close', () => stats.count(`${LISTENER}.downstream_cx_destroy`));
    const workload = mesh.workload(pod);
    const { port } = connection.local;
    const target = serviceOfPort(
      network.services.inNamespace(workload.namespace),
      workload.labels,
      port,
      workload.portNames,
    );
    const common = { connection, target, upstreamCluster: inboundClusterName(port, target, mesh.era) };
    if (target === undefined && !mesh.era.guardsUnknownPorts) {
      this.#toApplication(connection, { ...common, peer: null, serverName: null });
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
      this.#pass(connection, first.kind, protocol, { ...common, peer: null, serverName: null });
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
    this.#pass(connection, 'tls', 'tcp', { ...common, peer: null, serverName: first.serverName });
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
    } catch (error) {
      const { code = '' } = error as Error & { code?: string };
      this.#context.stats.count(
        `${LISTENER}.ssl.${NO_CERTIFICATE.test(code) ? 'fail_verify_no_cert' : code.includes('CERT') ? 'fail_verify_error' : 'connection_error'}`,
      );
      this.#record(connection, effective, 'handshake-failed');
      connection.destroy();
      return;
    }
    const { socket, peer } = accepted;
    this.#context.stats.count(`${LISTENER}.ssl.handshake`);
    const inner = await peek(socket, isEnough);
    if (inner === null) {
      socket.destroy();
      return;
    }
    this.#pass(socket, readFirstBytes(inner).kind, protocol, {
      connection,
      peer,
      serverName,
      target,
      upstreamCluster: inboundClusterName(connection.local.port, target, this.#context.mesh.era),
    });
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
    const { connection, peer, serverName, upstreamCluster } = inbound;
    const { local, remote } = connection;
    if (authorizeBytes(this.#context, { local, remote, peer, serverName, upstreamCluster })) {
      this.#toApplication(stream, inbound);
    } else {
      stream.destroy();
      connection.destroy();
    }
  }

  #toApplication(stream: Duplex, { connection, serverName, peer, upstreamCluster }: InboundConnection): void {
    const { port } = connection.local;
    const { podNetwork, mesh } = this.#context;
    const local = connectApplication(podNetwork, port);
    const resources = this.#resourcesOf(upstreamCluster);
    const { counts } = resources.stats;
    counts.upstream_cx_total += 1;
    if (local === null) counts.upstream_cx_connect_fail += 1;
    else {
      resources.connections += 1;
      local.once('close', () => {
        resources.connections -= 1;
        counts.upstream_cx_destroy += 1;
      });
    }
    logBytes(this.#context, connection, stream, local, {
      ...inboundWay(connection, mesh.era),
      ...(local === null ? refusedFields(mesh.era) : {}),
      upstreamCluster,
      serverName,
      peerUri: peer?.uri ?? null,
      peerKnown: peer !== null,
    });
    if (local === null) connection.resetAndDestroy();
    else splice(stream, local);
  }

  #resourcesOf(cluster: string): Resources {
    const stats = this.#context.stats.cluster(cluster);
    return (stats.resources ??= unlimited(stats));
  }

  #request(exchange: HttpExchange, inbound: InboundConnection): void | Promise<void> {
    const { connection, peer, serverName, upstreamCluster } = inbound;
    const start = this.#context.clock.now();
    const { local, remote } = connection;
    const guarded: GuardedRequest = { local, remote, peer, serverName, scheme: 'http', upstreamCluster };
    const send = (admitted: Admission): void => {
      if (admitted === null || exchange.abandoned !== null) return;
      const resources = this.#resourcesOf(upstreamCluster);
      new InboundRequest(this.#context, this.#pool, resources, exchange, inbound, start, admitted).send();
    };
    const admission = authorizeHttp(this.#context, exchange, guarded);
    return admission instanceof Promise ? admission.then(send) : send(admission);
  }

  /** No filter chain matches: Envoy closes what it only peeked at, and the kernel resets for the unread bytes. */
  #refuse(connection: Connection, effective: EffectiveMode, code: Verdict['code'], serverName: string | null): void {
    this.#context.stats.count(`${LISTENER}.no_filter_chain_match`);
    this.#record(connection, effective, code);
    const { accessLog } = this.#context.mesh.era;
    // Earlier listeners have no log of their own, and no filter has seen the connection.
    if (accessLog === 'details') {
      this.#context.logAccess({
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
      });
    }
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

/** What the log says of bytes for a port at which no program listens. */
function refusedFields({ failureTexts: texts }: Era): Partial<AccessLogEntry> {
  const error = new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED');
  const { transportFailure } = upstreamFailure(error, { connected: false, retries: false, texts });
  return { flags: 'UF,URX', upstreamLocal: undefined, ...(transportFailure === undefined ? {} : { transportFailure }) };
}
