/** Names of hosts in Istio's objects: exact, `*.suffix` or `*` (Istio 1.27, pkg/config/host/name.go). */

/** Completes a short name with the namespace of the object that holds it. Whatever has a dot is left as it is. */
export function qualifyHost(host: string, namespace: string): string {
  return host === '*' || host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`;
}

/** Whether a host of an object covers a name. `*.foo.com` does not cover `foo.com`. */
export function hostCovers(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
  return pattern === host;
}

/** Whether some name is covered by both; either may be a pattern. */
export function hostsIntersect(a: string, b: string): boolean {
  if (!a.startsWith('*')) return hostCovers(b, a);
  if (!b.startsWith('*')) return hostCovers(a, b);
  return a.slice(1).endsWith(b.slice(1)) || b.slice(1).endsWith(a.slice(1));
}

/** Of the patterns that cover a host the one that says most: the exact name, then the longest suffix. */
export function mostSpecific(patterns: Iterable<string>, host: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (!hostCovers(pattern, host)) continue;
    if (pattern === host) return pattern;
    if (best === undefined || pattern.length > best.length) best = pattern;
  }
  return best;
}
