import type { EdgeHealth, EdgeLock, MeshEdge } from '../../common/mesh.ts';

/** Kiali's thresholds of errors: orange from the first, red above the second. */
const DEGRADED_FROM = 0.001;
const FAILING_ABOVE = 0.2;

/** As Kiali colours edges; refused connections, which it does not know, are ours. */
export function healthOf(edge: Pick<MeshEdge, 'protocol' | 'count' | 'errors'>): EdgeHealth {
  if (edge.protocol === 'refused') return 'refused';
  if (edge.count === 0) return 'idle';
  const share = edge.errors / edge.count;
  if (share > FAILING_ABOVE) return 'failing';
  if (share >= DEGRADED_FROM) return 'degraded';
  return edge.protocol === 'tcp' ? 'tcp' : 'healthy';
}

/** From what the destination reports; where it has no proxy, nothing was mutual. */
export function lockOf({ count, mutual }: Pick<MeshEdge, 'count' | 'mutual'>): EdgeLock {
  if (count === 0 || mutual.count === 0) return 'none';
  return mutual.count >= mutual.of ? 'all' : 'some';
}
