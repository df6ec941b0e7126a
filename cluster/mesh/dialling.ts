import type { Duplex } from 'node:stream';
import type { Endpoint } from '../network/connection.ts';
import type { ClusterStats, HostStats } from './proxy-stats.ts';

/** A connection that was made, and from where. */
export interface Dialled {
  stream: Duplex;
  local: Endpoint;
}

/** Code of an error: the connection was not made in its time. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

/** Counts a connection that could not be made. */
export function countFailedConnection(
  { counts }: ClusterStats,
  host: HostStats,
  { code }: Error & { code?: string },
): void {
  host.cx_connect_fail += 1;
  host.cx_active -= 1;
  counts.upstream_cx_connect_fail += 1;
  if (code === CONNECT_TIMEOUT) counts.upstream_cx_connect_timeout += 1;
  counts.upstream_cx_destroy += 1;
}
