/**
 * What of an object that the mesh follows has no effect in this cluster: told to who writes it, in words that cannot be
 * taken for Istio's own.
 */
import type { KubernetesObject } from '../../objects/object.ts';
import type { DestinationRule } from '../destination-rule.ts';
import type { Gateway } from '../gateway.ts';

interface InertField {
  kind: string;
  field: string;
  /** What does not happen. */
  effect: string;
  isWritten(object: KubernetesObject): boolean;
}

const atTop = (kind: string, field: string, effect: string): InertField => ({
  kind,
  field: `spec.${field}`,
  effect,
  isWritten: ({ spec }) => ((spec ?? {}) as Record<string, unknown>)[field] !== undefined,
});

const inPolicies = (field: string, effect: string, has: (policy: object) => boolean): InertField => ({
  kind: 'DestinationRule',
  field,
  effect,
  isWritten(object) {
    const { trafficPolicy, subsets = [] } = (object as DestinationRule).spec ?? {};
    return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].some(
      (policy) => policy !== undefined && has(policy),
    );
  },
});

const FIELDS: readonly InertField[] = [
  inPolicies(
    'loadBalancer.localityLbSetting',
    'there is one node, and no locality',
    (policy) => 'localityLbSetting' in ((policy as { loadBalancer?: object }).loadBalancer ?? {}),
  ),
  inPolicies('trafficPolicy.tunnel', 'connections are made directly', (policy) => 'tunnel' in policy),
  {
    kind: 'Gateway',
    field: 'tls.mode AUTO_PASSTHROUGH',
    effect: 'there is no other cluster, and it is taken as PASSTHROUGH',
    isWritten: (object) =>
      ((object as Gateway).spec?.servers ?? []).some(({ tls }) => tls?.mode === 'AUTO_PASSTHROUGH'),
  },
  atTop('Sidecar', 'ingress', 'sidecars listen for every port of their pod'),
  atTop('Sidecar', 'inboundConnectionPool', 'nothing is limited at a server'),
  atTop('Telemetry', 'metrics', 'metrics are counted as they are without it'),
  atTop('Telemetry', 'tracing', 'no traces are made'),
];

export function* inertFields(object: KubernetesObject): Generator<string> {
  for (const { kind, field, effect, isWritten } of FIELDS) {
    if (kind === object.kind && isWritten(object)) {
      yield `${kind}: ${field} is stored but not simulated by this cluster: ${effect}`;
    }
  }
}

/** All of them, for the page about what is simulated. */
export const FIELDS_WITHOUT_EFFECT = FIELDS.map(({ kind, field, effect }) => `${kind}, \`${field}\`: ${effect}`);
