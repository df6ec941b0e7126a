import type { KubernetesObject } from '../objects/object.ts';
import { mostSpecific, qualifyHost } from './host-name.ts';
import type { LoadBalancerSettings } from './load-balancing.ts';
import type { OutlierSettings } from './outlier-detection.ts';
import { isPrivate, isVisible } from './visibility.ts';
import { selects } from './workload-selector.ts';

export interface ClientTlsSettings {
  mode?: string;
  sni?: string;
  credentialName?: string;
  caCertificates?: string;
  clientCertificate?: string;
  privateKey?: string;
  subjectAltNames?: string[];
  insecureSkipVerify?: boolean;
}

/** Limits of what a client's proxy has on its way to a destination. */
export interface ConnectionPoolSettings {
  tcp?: { maxConnections?: number; connectTimeout?: string };
  http?: {
    http1MaxPendingRequests?: number;
    http2MaxRequests?: number;
    maxRequestsPerConnection?: number;
    maxRetries?: number;
  };
}

/** What a traffic policy says of one port, or of all. */
export interface PortPolicy {
  tls?: ClientTlsSettings;
  connectionPool?: ConnectionPoolSettings;
  outlierDetection?: OutlierSettings;
  loadBalancer?: LoadBalancerSettings;
}

export interface TrafficPolicy extends PortPolicy {
  portLevelSettings?: (PortPolicy & { port?: { number?: number } })[];
}

export interface Subset {
  name: string;
  labels?: Record<string, string>;
  trafficPolicy?: TrafficPolicy;
}

/** What the mesh reads of a DestinationRule. */
export interface DestinationRule extends KubernetesObject {
  spec?: {
    host?: string;
    trafficPolicy?: TrafficPolicy;
    subsets?: Subset[];
    exportTo?: string[];
    workloadSelector?: { matchLabels?: Record<string, string> };
  };
}

/** All rules of one host in one namespace as one: the subsets of all, the traffic policy of the oldest that has one. */
export interface MergedRule {
  host: string;
  trafficPolicy: TrafficPolicy | undefined;
  subsets: ReadonlyMap<string, Subset>;
  /** `namespace/name` of the oldest. */
  name: string;
  /** Whether it is for selected workloads alone. */
  isSelecting: boolean;
}

export interface RuleClient {
  namespace: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * The rule of a host, as one client sees it (Istio 1.27, pilot/pkg/model/push_context.go, destinationRule): the first of
 *
 * 1. the client's namespace; where that is the root namespace, only rules private to it;
 * 2. the service's namespace, exported rules only;
 * 3. the root namespace, exported rules only;
 *
 * that has any rule covering the host. There the exact host counts before the longest wildcard, and rules of the same
 * host are merged. Rules with a `workloadSelector` count before others, in the client's own namespace only.
 *
 * @param rules oldest first
 */
export function findDestinationRule(
  rules: readonly DestinationRule[],
  client: RuleClient,
  host: string,
  serviceNamespace: string | null,
  rootNamespace: string,
): MergedRule | null {
  const inRoot = client.namespace === rootNamespace;
  const own = rules.filter(
    (rule) =>
      namespaceOf(rule) === client.namespace &&
      (inRoot
        ? isPrivate(rule.spec?.exportTo, rootNamespace)
        : isVisible(rule.spec?.exportTo, client.namespace, client.namespace)),
  );
  const exportedFrom = (namespace: string | null): DestinationRule[] =>
    rules.filter(
      (rule) =>
        namespaceOf(rule) === namespace &&
        !isPrivate(rule.spec?.exportTo, namespace) &&
        isVisible(rule.spec?.exportTo, namespace, client.namespace),
    );
  return (
    mergeFor(own, client, host) ??
    mergeFor(exportedFrom(serviceNamespace), client, host) ??
    mergeFor(exportedFrom(rootNamespace), client, host)
  );
}

/**
 * The rule of a host for every client (Istio 1.0, pilot/pkg/model/push_context.go, DestinationRule): of all namespaces'
 * rules the most specific host, with rules of the same host merged. There is no `exportTo` yet.
 *
 * @param rules oldest first
 */
export function findMeshWideRule(rules: readonly DestinationRule[], host: string): MergedRule | null {
  return mergeFor(rules, { namespace: '', labels: {} }, host);
}

function mergeFor(rules: readonly DestinationRule[], client: RuleClient, host: string): MergedRule | null {
  const byHost = new Map<string, DestinationRule[]>();
  for (const rule of rules) {
    const ruleHost = qualifyHost(rule.spec?.host ?? '', namespaceOf(rule));
    byHost.set(ruleHost, [...(byHost.get(ruleHost) ?? []), rule]);
  }
  const best = mostSpecific(byHost.keys(), host);
  if (best === undefined) return null;
  const covering = byHost.get(best) ?? [];
  const selecting = covering.filter(
    (rule) =>
      rule.spec?.workloadSelector !== undefined &&
      namespaceOf(rule) === client.namespace &&
      selects(rule.spec.workloadSelector.matchLabels, client.labels),
  );
  const common = covering.filter((rule) => rule.spec?.workloadSelector === undefined);
  const merged = selecting.length > 0 ? selecting.slice(0, 1) : common;
  const [oldest] = merged;
  if (oldest === undefined) return null;
  const subsets = new Map<string, Subset>();
  let trafficPolicy: TrafficPolicy | undefined;
  for (const rule of merged) {
    trafficPolicy ??= rule.spec?.trafficPolicy;
    for (const subset of rule.spec?.subsets ?? []) if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  }
  const name = `${namespaceOf(oldest)}/${oldest.metadata.name}`;
  return { host: best, trafficPolicy, subsets, name, isSelecting: selecting.length > 0 };
}

function namespaceOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? 'default';
}

/** The TLS settings of one port, or undefined where the rule leaves it to automatic mTLS. See {@link portPolicy}. */
export function tlsSettings(
  rule: MergedRule | null,
  port: number,
  subset: string | null,
): ClientTlsSettings | undefined {
  return portPolicy(rule, port, subset).tls;
}

const NOTHING: PortPolicy = {};

/**
 * What a rule says of one port. The subset's port counts before the subset, and that before the rule's port and the
 * rule. A port's entry inherits nothing: without `tls` it takes what was said for the whole away
 * (pilot/pkg/networking/core/cluster_traffic_policy.go, MergeTrafficPolicy).
 *
 * @param port the service's port
 */
export function portPolicy(rule: MergedRule | null, port: number, subset: string | null): PortPolicy {
  if (rule === null) return NOTHING;
  const whole = overlay(NOTHING, rule.trafficPolicy, port);
  return overlay(whole, subset === null ? undefined : rule.subsets.get(subset)?.trafficPolicy, port);
}

function overlay(below: PortPolicy, policy: TrafficPolicy | undefined, port: number): PortPolicy {
  if (policy === undefined) return below;
  const atPort = policy.portLevelSettings?.find((entry) => entry.port?.number === port);
  if (atPort !== undefined) return atPort;
  const { tls, connectionPool, outlierDetection, loadBalancer } = policy;
  return {
    tls: tls ?? below.tls,
    connectionPool: connectionPool ?? below.connectionPool,
    outlierDetection: outlierDetection ?? below.outlierDetection,
    loadBalancer: loadBalancer ?? below.loadBalancer,
  } as PortPolicy;
}
