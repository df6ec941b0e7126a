import type { Connection } from '../network/connection.ts';
import { APPLICATION_SIDE } from './application-side.ts';
import type { AccessLogEntry } from './access-log.ts';
import { hostOf, PASSTHROUGH } from './destination.ts';
import type { Era } from './era.ts';
import type { InboundPort } from './service-protocol.ts';

/** Envoy's name for the way from a sidecar to its program; through 1.7 it told of the service. */
export function inboundClusterName(port: number, target: InboundPort | undefined, era: Era): string {
  // Ports that no service names; before 1.3 they passed a sidecar like any connection that it knows nothing of.
  if (target === undefined) {
    if (era.inboundClusters === 'by-port') return 'InboundPassthroughCluster';
    return era.accessLog === 'route' ? 'InboundPassthroughClusterIpv4' : PASSTHROUGH;
  }
  if (era.inboundClusters === 'by-port') return `inbound|${port}||`;
  return `inbound|${target.port.port}|${target.port.name ?? ''}|${hostOf(target.service)}`;
}

/** How the log tells of that way: to the pod's own address from 127.0.0.6, and before 1.10 just to the local host. */
export function inboundWay(
  { local, remote }: Connection,
  era: Era,
): Pick<AccessLogEntry, 'upstreamHost' | 'upstreamLocal'> {
  return era.inboundClusters === 'by-port'
    ? { upstreamHost: `${local.ip}:${local.port}`, upstreamLocal: `${APPLICATION_SIDE.ip}:${remote.port}` }
    : { upstreamHost: `127.0.0.1:${local.port}` };
}
