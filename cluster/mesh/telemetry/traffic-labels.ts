import { serviceOfPort } from '../service-protocol.ts';
import type { AccessLogEntry } from '../access-log.ts';
import type { ServiceObject } from '../../network/services.ts';
import type { PodFacts } from './pod-facts.ts';
import { spiffeUri } from '../authority.ts';

/** What telemetry says where it does not know. */
export const UNKNOWN = 'unknown';

/** Istio's standard labels, in the order in which its proxies print them. Bytes have no `response_code`. */
export interface TrafficLabels {
  reporter: 'source' | 'destination';
  source_workload: string;
  source_canonical_service: string;
  source_canonical_revision: string;
  source_workload_namespace: string;
  source_principal: string;
  source_app: string;
  source_version: string;
  source_cluster: string;
  destination_workload: string;
  destination_workload_namespace: string;
  destination_principal: string;
  destination_app: string;
  destination_version: string;
  destination_service: string;
  destination_canonical_service: string;
  destination_canonical_revision: string;
  destination_service_name: string;
  destination_service_namespace: string;
  destination_cluster: string;
  request_protocol: 'http' | 'grpc' | 'tcp';
  response_code?: string;
  response_flags: string;
  connection_security_policy: 'mutual_tls' | 'none' | 'unknown';
}

export interface TrafficEnds {
  /** The pod whose proxy made the record. */
  local: PodFacts;
  /** The pod at the other end; null for what is none of the cluster. */
  remote: PodFacts | null;
}

/** Envoy's names of clusters for what is no service. */
const NO_SERVICE = ['PassthroughCluster', 'BlackHoleCluster'];

/**
 * The labels of one record, as Istio's stats filter sets them (istio.io, reference/config/metrics; Envoy,
 * source/extensions/filters/http/istio_stats). Surprises that are upstream's:
 *
 * - only the destination knows `connection_security_policy`; a source says `unknown`;
 * - a client without a sidecar, or one that goes past it, is `unknown` in everything, and so is a principal in plaintext;
 * - a source knows its destination's workload by the endpoint, so also where that has no sidecar.
 *
 * @param servicesOf services of a namespace, to find the one that a server's port belongs to
 */
export function trafficLabels(
  entry: AccessLogEntry,
  { local, remote }: TrafficEnds,
  servicesOf: (namespace: string) => readonly ServiceObject[],
): TrafficLabels {
  const inbound = isInbound(entry);
  const source = inbound ? (entry.peerKnown === true ? remote : null) : local;
  const destination = inbound ? local : remote;
  const mutual = entry.peerUri !== undefined && entry.peerUri !== null;
  const own = spiffeUri(local.namespace, local.serviceAccount);
  const [sourcePrincipal, destinationPrincipal] = !mutual
    ? [UNKNOWN, UNKNOWN]
    : inbound
      ? [entry.peerUri ?? UNKNOWN, own]
      : [own, entry.peerUri ?? UNKNOWN];
  const service = serviceOf(entry, inbound, local, servicesOf);
  const isHttp = entry.method !== undefined;
  return {
    reporter: inbound ? 'destination' : 'source',
    source_workload: source?.workload ?? UNKNOWN,
    source_canonical_service: source?.canonicalService ?? UNKNOWN,
    source_canonical_revision: source === null ? 'latest' : source.canonicalRevision,
    source_workload_namespace: source?.namespace ?? UNKNOWN,
    source_principal: sourcePrincipal,
    source_app: source?.app ?? UNKNOWN,
    source_version: source?.version ?? UNKNOWN,
    source_cluster: source === null ? UNKNOWN : 'Kubernetes',
    destination_workload: destination?.workload ?? UNKNOWN,
    destination_workload_namespace: destination?.namespace ?? UNKNOWN,
    destination_principal: destinationPrincipal,
    destination_app: destination?.app ?? UNKNOWN,
    destination_version: destination?.version ?? UNKNOWN,
    destination_service: service.host,
    destination_canonical_service: destination?.canonicalService ?? UNKNOWN,
    destination_canonical_revision: destination === null ? 'latest' : destination.canonicalRevision,
    destination_service_name: service.name,
    destination_service_namespace: service.namespace,
    destination_cluster: destination === null ? UNKNOWN : 'Kubernetes',
    request_protocol: isHttp ? (entry.grpc === true ? 'grpc' : 'http') : 'tcp',
    ...(isHttp ? { response_code: String(entry.status) } : {}),
    response_flags: entry.flags ?? '-',
    connection_security_policy: !inbound ? 'unknown' : mutual ? 'mutual_tls' : 'none',
  };
}

/** Whether the record is the server's side. */
export function isInbound({ upstreamCluster }: AccessLogEntry): boolean {
  return upstreamCluster?.startsWith('inbound|') === true;
}

interface NamedService {
  host: string;
  name: string;
  namespace: string;
}

function serviceOf(
  { upstreamCluster = '', serverName, authority, upstreamHost }: AccessLogEntry,
  inbound: boolean,
  local: PodFacts,
  servicesOf: (namespace: string) => readonly ServiceObject[],
): NamedService {
  if (!inbound) {
    if (NO_SERVICE.includes(upstreamCluster)) {
      const host = authority ?? upstreamHost ?? UNKNOWN;
      return { host, name: upstreamCluster, namespace: UNKNOWN };
    }
    return namedBy(upstreamCluster.split('|')[3]);
  }
  // A client of the mesh says in the TLS handshake which service it means: `outbound_.8000_._.httpbin.foo.svc…`.
  const meant = /^outbound_\.\d+_\.[^_]*_\.(.+)$/.exec(serverName ?? '')?.[1];
  if (meant !== undefined) return namedBy(meant);
  // Through 1.5 the name of an inbound cluster holds the service; later it holds the container port alone.
  const [, port, , host] = upstreamCluster.split('|');
  if (host !== undefined && host !== '') return namedBy(host);
  const found = serviceOfPort(servicesOf(local.namespace), local.labels, Number(port), local.portNames);
  return found === undefined
    ? { host: UNKNOWN, name: UNKNOWN, namespace: UNKNOWN }
    : namedBy(`${found.service.metadata.name}.${found.service.metadata.namespace ?? 'default'}.svc.cluster.local`);
}

function namedBy(host: string | undefined): NamedService {
  const [name, namespace] = host?.split('.') ?? [];
  return host === undefined || host === ''
    ? { host: UNKNOWN, name: UNKNOWN, namespace: UNKNOWN }
    : { host, name: name ?? UNKNOWN, namespace: namespace ?? UNKNOWN };
}
