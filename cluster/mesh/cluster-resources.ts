import type { ClusterStats } from './proxy-stats.ts';

/** What all requests to one cluster of upstreams may use together (Envoy's circuit breakers). */
export interface Resources {
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly maxRequests: number;
  /** On one connection, which is closed after them. */
  readonly maxRequestsPerConnection: number;
  connections: number;
  /** Requests that wait for a connection. */
  pending: number;
  /** Requests on connections. */
  requests: number;
  readonly stats: ClusterStats;
}

/** More was wanted than {@link Resources} allow. */
export class Overflow extends Error {
  override name = 'Overflow';
}

/** What knows no limits. */
export function unlimited(stats: ClusterStats): Resources {
  return {
    maxConnections: Infinity,
    maxPending: Infinity,
    maxRequests: Infinity,
    maxRequestsPerConnection: Infinity,
    connections: 0,
    pending: 0,
    requests: 0,
    stats,
  };
}
