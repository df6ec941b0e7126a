/**
 * What of an object that the mesh follows has no effect in this cluster: told to who writes it, in words that cannot be
 * taken for Istio's own.
 */
import type { KubernetesObject } from '../../objects/object.ts';
import type { DestinationRule } from '../destination-rule.ts';
import type { Gateway } from '../gateway.ts';

type Spec = Record<string, unknown>;

/** Field by kind, with what does not happen. A name matches at any depth. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Sidecar: {
    ingress: 'sidecars listen for every port of their pod',
    inboundConnectionPool: 'nothing is limited at a server',
  },
  Telemetry: { metrics: 'metrics are counted as they are without it', tracing: 'no traces are made' },
};

export function* inertFields(object: KubernetesObject): Generator<string> {
  const spec = (object['spec'] ?? {}) as Spec;
  for (const [field, effect] of Object.entries(FIELDS[object.kind] ?? {})) {
    if (spec[field] !== undefined) yield note(object.kind, `spec.${field}`, effect);
  }
  if (object.kind === 'DestinationRule') {
    const { trafficPolicy, subsets = [] } = (object as DestinationRule).spec ?? {};
    const policies = [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)];
    if (policies.some((policy) => 'localityLbSetting' in (policy?.loadBalancer ?? {}))) {
      yield note('DestinationRule', 'loadBalancer.localityLbSetting', 'there is one node, and no locality');
    }
    if (policies.some((policy) => 'tunnel' in (policy ?? {}))) {
      yield note('DestinationRule', 'trafficPolicy.tunnel', 'connections are made directly');
    }
  }
  if (object.kind === 'Gateway') {
    const { servers = [] } = (object as Gateway).spec ?? {};
    if (servers.some(({ tls }) => tls?.mode === 'AUTO_PASSTHROUGH')) {
      yield note('Gateway', 'tls.mode AUTO_PASSTHROUGH', 'there is no other cluster, and it is taken as PASSTHROUGH');
    }
  }
}

function note(kind: string, field: string, effect: string): string {
  return `${kind}: ${field} is stored but not simulated by this cluster: ${effect}`;
}
