import type { KubernetesObject } from '../../objects/object.ts';
import type {
  ClientTlsSettings,
  ConnectionPoolSettings,
  DestinationRule,
  PortPolicy,
  TrafficPolicy,
} from '../destination-rule.ts';
import type { LoadBalancerSettings } from '../load-balancing.ts';
import type { OutlierSettings } from '../outlier-detection.ts';
import {
  exportToProblems,
  labelProblemsOf,
  percentProblems,
  selectorProblems,
  subsetNameProblems,
  wildcardDomainProblems,
  type Problem,
} from './common-problems.ts';

export function* destinationRuleProblems(object: KubernetesObject): Generator<Problem> {
  const { host = '', trafficPolicy, subsets = [], exportTo, workloadSelector } = (object as DestinationRule).spec ?? {};
  yield* wildcardDomainProblems(host);
  yield* trafficPolicyProblems(trafficPolicy);
  const names = new Set<string>();
  for (const { name, labels, trafficPolicy: own } of subsets) {
    if (names.has(name)) yield `duplicate subset names: ${name}`;
    names.add(name);
    yield* subsetNameProblems(name);
    yield* labelProblemsOf(labels);
    yield* trafficPolicyProblems(own);
  }
  const isSelecting = workloadSelector !== undefined;
  yield* exportToProblems(object.metadata.namespace ?? '', exportTo, { isSelecting });
  yield* selectorProblems(workloadSelector?.matchLabels);
}

/** Warnings of all policies of a rule. */
export function* destinationRuleWarnings(object: KubernetesObject): Generator<string> {
  const { trafficPolicy, subsets = [] } = (object as DestinationRule).spec ?? {};
  const policies = [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].flatMap((policy) => [
    policy,
    ...(policy?.portLevelSettings ?? []),
  ]);
  if (policies.some((policy) => Boolean(policy?.outlierDetection?.consecutiveErrors))) {
    yield 'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead';
  }
}

function* trafficPolicyProblems(policy: TrafficPolicy | undefined): Generator<string> {
  if (policy === undefined) return;
  if (Object.keys(policy).length === 0) {
    yield 'traffic policy must have at least one field';
    return;
  }
  yield* settingsProblems(policy);
  for (const { port, ...settings } of policy.portLevelSettings ?? []) {
    if (port === undefined) yield 'portTrafficPolicy must have valid port';
    if (Object.keys(settings).length === 0) yield 'port traffic policy must have at least one field';
    else yield* settingsProblems(settings);
  }
}

function* settingsProblems({ outlierDetection, connectionPool, loadBalancer, tls }: PortPolicy): Generator<string> {
  yield* outlierProblems(outlierDetection);
  yield* connectionPoolProblems(connectionPool);
  yield* loadBalancerProblems(loadBalancer);
  yield* tlsProblems(tls);
}

function* outlierProblems(settings: OutlierSettings | undefined): Generator<string> {
  const { splitExternalLocalOriginErrors, consecutiveLocalOriginFailures, minHealthPercent } = (settings ?? {}) as {
    splitExternalLocalOriginErrors?: boolean;
    consecutiveLocalOriginFailures?: number;
    minHealthPercent?: number;
  };
  if (splitExternalLocalOriginErrors !== true && (consecutiveLocalOriginFailures ?? 0) > 0) {
    yield 'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false';
  }
  yield* percentProblems(settings?.maxEjectionPercent);
  yield* percentProblems(minHealthPercent);
}

function* connectionPoolProblems(settings: ConnectionPoolSettings | undefined): Generator<string> {
  if (settings === undefined) return;
  const { http, tcp } = settings;
  if (http === undefined && tcp === undefined) {
    yield 'connection pool must have at least one field';
    return;
  }
  const limits: [number | undefined, string][] = [
    [http?.http1MaxPendingRequests, 'http1 max pending requests'],
    [http?.http2MaxRequests, 'http2 max requests'],
    [http?.maxRequestsPerConnection, 'max requests per connection'],
    [http?.maxRetries, 'max retries'],
    [tcp?.maxConnections, 'max connections'],
  ];
  for (const [limit, name] of limits) if ((limit ?? 0) < 0) yield `${name} must be non-negative`;
  const { h2UpgradePolicy, useClientProtocol } = (http ?? {}) as {
    h2UpgradePolicy?: string;
    useClientProtocol?: boolean;
  };
  if (h2UpgradePolicy === 'UPGRADE' && useClientProtocol === true) {
    yield 'use client protocol must not be true when H2UpgradePolicy is UPGRADE';
  }
}

function* loadBalancerProblems(settings: LoadBalancerSettings | undefined): Generator<string> {
  const cookie = settings?.consistentHash?.httpCookie;
  if (cookie !== undefined && !cookie.name) yield 'name required for HttpCookie';
}

function* tlsProblems(settings: ClientTlsSettings | undefined): Generator<string> {
  const { mode, credentialName, clientCertificate, privateKey, caCertificates } = settings ?? {};
  if (settings?.insecureSkipVerify === true) {
    const names = settings.subjectAltNames !== undefined;
    if (mode === 'SIMPLE' && (caCertificates || credentialName || names)) {
      yield 'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true';
    }
    if (mode === 'MUTUAL' && (caCertificates || names)) {
      yield 'cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true';
    }
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credentialName) {
    if (clientCertificate || caCertificates || privateKey) {
      yield 'cannot specify client certificates or CA certificate or CA CRL If credentialName is set';
    }
  } else if (mode === 'MUTUAL') {
    if (!clientCertificate) yield 'client certificate required for mutual tls';
    if (!privateKey) yield 'private key required for mutual tls';
  }
}
