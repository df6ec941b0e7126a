/**
 * What a proxy counts of its own work, under the names of Envoy: docs/root/configuration/upstream/cluster_manager/
 * cluster_stats.rst. Left out: what has nothing to tell here, such as bytes of HTTP connections, zones, health checks,
 * histograms, and the split by internal and external callers.
 */
import type { Resources } from './cluster-resources.ts';
import type { OutlierDetection } from './outlier-detection.ts';

const COUNTERS = [
  'ssl.connection_error',
  'ssl.fail_verify_error',
  'ssl.fail_verify_san',
  'ssl.handshake',
  'upstream_cx_connect_fail',
  'upstream_cx_connect_timeout',
  'upstream_cx_destroy',
  'upstream_cx_destroy_with_active_rq',
  'upstream_cx_http1_total',
  'upstream_cx_max_requests',
  'upstream_cx_none_healthy',
  'upstream_cx_overflow',
  'upstream_cx_total',
  'upstream_rq_cancelled',
  'upstream_rq_completed',
  'upstream_rq_pending_failure_eject',
  'upstream_rq_pending_overflow',
  'upstream_rq_pending_total',
  'upstream_rq_per_try_timeout',
  'upstream_rq_retry',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_retry_success',
  'upstream_rq_timeout',
  'upstream_rq_total',
] as const;

export type ClusterCounter = (typeof COUNTERS)[number];

/** Of one endpoint, as `/clusters` shows them, in its order. */
export interface HostStats {
  cx_active: number;
  cx_connect_fail: number;
  cx_total: number;
  rq_active: number;
  /** Answers of 500 and more, and requests without one. */
  rq_error: number;
  rq_success: number;
  rq_timeout: number;
  rq_total: number;
}

export const NO_HOST_STATS: Readonly<HostStats> = {
  cx_active: 0,
  cx_connect_fail: 0,
  cx_total: 0,
  rq_active: 0,
  rq_error: 0,
  rq_success: 0,
  rq_timeout: 0,
  rq_total: 0,
};

/** Of one cluster; they outlive a change of its settings. */
export class ClusterStats {
  readonly counts = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<ClusterCounter, number>;
  /** Answers by status, those of the proxy's own for this cluster among them. */
  readonly codes = new Map<number, number>();
  /** What it has under way, and may have, by its settings of now. */
  resources: Resources | null = null;
  /** Null where no endpoints are chosen from. */
  outliers: OutlierDetection | null = null;

  /** By address; those of endpoints that are gone stay. */
  readonly hosts = new Map<string, HostStats>();

  host(address: string): HostStats {
    let host = this.hosts.get(address);
    if (host === undefined) this.hosts.set(address, (host = { ...NO_HOST_STATS }));
    return host;
  }

  answered(status: number): void {
    this.counts.upstream_rq_completed += 1;
    this.codes.set(status, (this.codes.get(status) ?? 0) + 1);
  }
}

/** Of one proxy. */
export class ProxyStats {
  /** By Envoy's name of the cluster. */
  readonly clusters = new Map<string, ClusterStats>();
  /** Of listeners and filters, by full name. */
  readonly counters = new Map<string, number>();

  cluster(name: string): ClusterStats {
    let stats = this.clusters.get(name);
    if (stats === undefined) this.clusters.set(name, (stats = new ClusterStats()));
    return stats;
  }

  count(name: string): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + 1);
  }
}
