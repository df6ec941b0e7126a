/**
 * `/stats` of Envoy: counters and gauges of one proxy, under Envoy's names and as few of them as Istio's bootstrap lets
 * through (Istio 1.27, pkg/bootstrap/config.go, getStatsOptions). See `proxy-stats.ts` for what is left out.
 */
import { parse, YAMLParseError } from 'yaml';
import { ClusterStats } from '../proxy-stats.ts';
import { dynamicClusters, staticClusters } from './envoy-clusters.ts';
import { clusterEndpoints } from './envoy-endpoints.ts';
import { listeners } from './envoy-listeners.ts';
import { jsonPage, type Page } from './serve-pages.ts';
import { isSince, type Subject } from './subject.ts';

interface Stat {
  name: string;
  type: 'counter' | 'gauge';
  value: number;
}

/** Envoy's word for no limit. */
const NO_LIMIT = 4_294_967_295;

/** What every proxy tells; `cluster.xds-grpc`, of which there is none here, is among them upstream. */
const REQUIRED = {
  prefixes: ['cluster_manager', 'listener_manager', 'server', 'cluster.xds-grpc', 'wasm'],
  suffixes: ['rbac.allowed', 'rbac.denied', 'shadow_allowed', 'shadow_denied'],
};

/** @param started when the proxy did. Milliseconds */
export function envoyStats(subject: Subject, started: number): Stat[] {
  const isIncluded = inclusionOf(subject);
  const all = [...serverStats(subject, started), ...listenerStats(subject), ...clusterStats(subject)];
  return all.filter(({ name }) => isIncluded(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `/stats`, with `filter`, `usedonly`, `type` and `format`. */
export function statsPage(subject: Subject, started: number, query: URLSearchParams): Page {
  let filter: RegExp;
  try {
    filter = new RegExp(query.get('filter') ?? '');
  } catch (error) {
    return { status: 400, body: `Invalid re2 regex: ${(error as Error).message}\n` };
  }
  const type = query.get('type')?.toLowerCase().replace(/s$/, '') ?? 'all';
  const stats = envoyStats(subject, started).filter(
    (stat) =>
      filter.test(stat.name) &&
      (type === 'all' || type === stat.type) &&
      // Envoy's sense of use is that it was ever written; a gauge of 0 may have been.
      (!query.has('usedonly') || stat.value !== 0),
  );
  if (query.get('format') === 'json') return jsonPage({ stats: stats.map(({ name, value }) => ({ name, value })) });
  return { body: stats.map(({ name, value }) => `${name}: ${value}\n`).join('') };
}

/** Envoy's statistics as Prometheus text: `cluster.NAME;.upstream_cx_total` as a label and the rest. */
export function envoyMetrics(subject: Subject, started: number): string {
  const families = new Map<string, string[]>();
  for (const { name, type, value } of envoyStats(subject, started)) {
    const [, cluster, rest = name] = /^cluster\.((?:.+?\|.*?\.svc\.cluster\.local)|.+?);?\.(.+)$/.exec(name) ?? [];
    const [, code] = /^upstream_rq_(\d{3})$/.exec(rest) ?? [];
    const [, codeClass] = /^upstream_rq_(\d)xx$/.exec(rest) ?? [];
    const labels = [
      ...(code === undefined ? [] : [`response_code="${code}"`]),
      ...(codeClass === undefined ? [] : [`response_code_class="${codeClass}xx"`]),
      ...(cluster === undefined ? [] : [`cluster_name="${cluster}"`]),
    ];
    const own = code !== undefined ? 'upstream_rq' : codeClass !== undefined ? 'upstream_rq_xx' : rest;
    const family = `envoy_${cluster === undefined ? '' : 'cluster_'}${own.replaceAll(/[^A-Za-z0-9_]/g, '_')}`;
    const lines = families.get(family) ?? [`# TYPE ${family} ${type}`];
    lines.push(`${family}{${labels.join(',')}} ${value}`);
    families.set(family, lines);
  }
  return [...families.keys()]
    .sort()
    .map((family) => `${(families.get(family) ?? []).join('\n')}\n`)
    .join('');
}

/** Release 1.0 kept everything; later ones what is required, and what annotations of the pod ask for. */
function inclusionOf(subject: Subject): (name: string) => boolean {
  if (!isSince(subject, 1)) return () => true;
  const annotations = subject.context.pod.metadata.annotations ?? {};
  const matcher = proxyStatsMatcher(annotations['proxy.istio.io/config']);
  const asked = (kind: 'Prefixes' | 'Suffixes' | 'Regexps'): string[] =>
    annotations[`sidecar.istio.io/statsInclusion${kind}`]?.split(',').filter(Boolean) ??
    matcher[`inclusion${kind}`] ??
    [];
  const prefixes = [...REQUIRED.prefixes, ...asked('Prefixes')];
  const suffixes = [...REQUIRED.suffixes, ...asked('Suffixes')];
  const expressions = asked('Regexps').flatMap((text) => {
    try {
      return new RegExp(`^(?:${text})$`);
    } catch {
      // A proxy would not start with it; here it asks for nothing.
      return [];
    }
  });
  return (name) =>
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix)) ||
    expressions.some((expression) => expression.test(name));
}

interface StatsMatcher {
  inclusionPrefixes?: string[];
  inclusionSuffixes?: string[];
  inclusionRegexps?: string[];
}

function proxyStatsMatcher(config: string | undefined): StatsMatcher {
  if (config === undefined) return {};
  try {
    return (parse(config) as { proxyStatsMatcher?: StatsMatcher } | null)?.proxyStatsMatcher ?? {};
  } catch (error) {
    // Upstream the webhook refuses such a pod.
    if (error instanceof YAMLParseError) return {};
    throw error;
  }
}

function serverStats(subject: Subject, started: number): Stat[] {
  return gauges('', {
    'cluster_manager.active_clusters': dynamicClusters(subject).length + staticClusters(subject).length,
    'listener_manager.total_listeners_active': listeners(subject).length,
    'server.live': 1,
    'server.state': 0,
    'server.uptime': Math.floor((subject.context.clock.now() - started) / 1000),
  });
}

function listenerStats(subject: Subject): Stat[] {
  return [...subject.context.stats.counters].map(([name, value]) => ({
    name: isSince(subject, 24) ? name.replace(/^(http\.(?:in|out)bound_[\d.]+_\d+)/, '$1;') : name,
    type: 'counter',
    value,
  }));
}

const NEVER_USED = new ClusterStats();

function clusterStats(subject: Subject): Stat[] {
  const { stats, clock } = subject.context;
  const now = clock.now();
  return clusterEndpoints(subject).flatMap(({ cluster, endpoints }) => {
    const { counts, codes, resources, outliers } = stats.clusters.get(cluster) ?? NEVER_USED;
    // A name of its own since 1.24, so that what follows it can be told apart.
    const prefix = `cluster.${cluster}${isSince(subject, 24) ? ';' : ''}.`;
    const ejected = outliers?.ejected(now) ?? 0;
    const ejections = outliers?.ejections;
    const outlierCounts: Record<string, number> = {};
    for (const kind of ['consecutive_5xx', 'consecutive_gateway_failure'] as const) {
      outlierCounts[`ejections_detected_${kind}`] = ejections?.[kind].detected ?? 0;
      outlierCounts[`ejections_enforced_${kind}`] = ejections?.[kind].enforced ?? 0;
    }
    outlierCounts['ejections_consecutive_5xx'] = ejections?.consecutive_5xx.detected ?? 0;
    outlierCounts['ejections_overflow'] = ejections?.overflow ?? 0;
    const enforced =
      (ejections?.consecutive_5xx.enforced ?? 0) + (ejections?.consecutive_gateway_failure.enforced ?? 0);
    outlierCounts['ejections_enforced_total'] = enforced;
    outlierCounts['ejections_total'] = enforced;
    return [
      ...counters(prefix, counts),
      ...counters(prefix, byCode(codes)),
      ...gauges(prefix, {
        membership_healthy: endpoints.length - ejected,
        membership_total: endpoints.length,
        upstream_cx_active: resources?.connections ?? 0,
        upstream_rq_active: resources?.requests ?? 0,
        upstream_rq_pending_active: resources?.pending ?? 0,
        'outlier_detection.ejections_active': ejected,
      }),
      ...gauges(`${prefix}circuit_breakers.`, breakers(resources)),
      ...counters(`${prefix}outlier_detection.`, outlierCounts),
    ];
  });
}

function byCode(codes: ReadonlyMap<number, number>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [code, count] of codes) {
    const family = `upstream_rq_${Math.floor(code / 100)}xx`;
    found[`upstream_rq_${code}`] = count;
    found[family] = (found[family] ?? 0) + count;
  }
  return found;
}

/** What is left, and whether nothing is. Retries have a limit that nobody reaches. */
function breakers(resources: ClusterStats['resources']): Record<string, number> {
  const found: Record<string, number> = {};
  const one = (name: string, remaining: string, used: number, limit: number): void => {
    found[`default.${name}_open`] = used >= limit ? 1 : 0;
    found[`high.${name}_open`] = 0;
    found[`default.remaining_${remaining}`] = Math.max(0, Math.min(limit, NO_LIMIT) - used);
  };
  one('cx', 'cx', resources?.connections ?? 0, resources?.maxConnections ?? Infinity);
  one('cx_pool', 'cx_pools', 0, Infinity);
  one('rq', 'rq', resources?.requests ?? 0, resources?.maxRequests ?? Infinity);
  one('rq_pending', 'pending', resources?.pending ?? 0, resources?.maxPending ?? Infinity);
  one('rq_retry', 'retries', 0, Infinity);
  return found;
}

const counters = (prefix: string, values: Readonly<Record<string, number>>): Stat[] =>
  statsOf('counter', prefix, values);
const gauges = (prefix: string, values: Readonly<Record<string, number>>): Stat[] => statsOf('gauge', prefix, values);

function statsOf(type: Stat['type'], prefix: string, values: Readonly<Record<string, number>>): Stat[] {
  return Object.entries(values).map(([name, value]) => ({ name: `${prefix}${name}`, type, value }));
}
