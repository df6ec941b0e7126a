/**
 * What a proxy counts of its own work, under the names of Envoy: docs/root/configuration/upstream/cluster_manager/
 * cluster_stats.rst. Left out: what has nothing to tell here, such as bytes of HTTP connections, zones, health checks,
 * histograms, and the split by internal and external callers.
 */
import type { Resources } from './http-client.ts';
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

/** Of one cluster; they outlive a change of its settings. */
export class ClusterStats {
  readonly counts = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<ClusterCounter, number>;
  /** Answers by status, those of the proxy's own for this cluster among them. */
  readonly codes = new Map<number, number>();
  /** What it has under way, and may have, by its settings of now. */
  resources: Resources | null = null;
  /** Null where no endpoints are chosen from. */
  outliers: OutlierDetection | null = null;

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
