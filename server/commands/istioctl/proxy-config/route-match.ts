import type { EnvoyRoute } from '../envoy.ts';

/** A route's path as istioctl shows it; headers are not shown. */
export function describeMatch(match: EnvoyRoute['match']): string {
  if (match?.path_separated_prefix) return `PathPrefix:${match.path_separated_prefix}`;
  if (match?.prefix) return `${match.prefix}*`;
  if (match?.path) return match.path;
  return match?.safe_regex ? `regex ${match.safe_regex.regex}` : '';
}
