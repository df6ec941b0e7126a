/** pkg/config/analysis/analyzers/annotations: those of Istio, and on which kinds they mean something. */
import type { Finding } from './finding.ts';
import type { KindName, KubernetesObject } from '../resources.ts';
import { isSystem, type Snapshot } from './snapshot.ts';

const POD = ['Pod'];
const SERVICE = ['Service'];

/** istio.io/api/annotation/annotations.yaml; `Any` fits everywhere. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'galley.istio.io/analyze-suppress': ['Any'],
  'inject.istio.io/templates': POD,
  'inject.istio.io/overrides': POD,
  'install.operator.istio.io/chart-owner': ['Any'],
  'install.operator.istio.io/owner-generation': ['Any'],
  'install.operator.istio.io/version': ['Any'],
  'istio.io/autoRegistrationGroup': ['WorkloadEntry'],
  'istio.io/dry-run': ['AuthorizationPolicy'],
  'istio.io/rev': POD,
  'istio.io/workloadController': ['WorkloadEntry'],
  'networking.istio.io/address-type': ['Gateway'],
  'networking.istio.io/exportTo': SERVICE,
  'networking.istio.io/service-type': ['Gateway'],
  'networking.istio.io/traffic-distribution': SERVICE,
  'prometheus.istio.io/merge-metrics': POD,
  'proxy.istio.io/config': POD,
  'proxy.istio.io/overrides': POD,
  'sidecar.istio.io/agentLogLevel': POD,
  'sidecar.istio.io/bootstrapOverride': POD,
  'sidecar.istio.io/componentLogLevel': POD,
  'sidecar.istio.io/controlPlaneAuthPolicy': POD,
  'sidecar.istio.io/discoveryAddress': POD,
  'sidecar.istio.io/enableCoreDump': POD,
  'sidecar.istio.io/extraStatTags': POD,
  'sidecar.istio.io/inject': POD,
  'sidecar.istio.io/interceptionMode': POD,
  'sidecar.istio.io/logLevel': POD,
  'sidecar.istio.io/nativeSidecar': POD,
  'sidecar.istio.io/proxyCPU': POD,
  'sidecar.istio.io/proxyCPULimit': POD,
  'sidecar.istio.io/proxyImage': POD,
  'sidecar.istio.io/proxyImageType': POD,
  'sidecar.istio.io/proxyMemory': POD,
  'sidecar.istio.io/proxyMemoryLimit': POD,
  'sidecar.istio.io/rewriteAppHTTPProbers': POD,
  'sidecar.istio.io/statsInclusionPrefixes': POD,
  'sidecar.istio.io/statsInclusionRegexps': POD,
  'sidecar.istio.io/statsInclusionSuffixes': POD,
  'sidecar.istio.io/status': POD,
  'sidecar.istio.io/userVolume': POD,
  'sidecar.istio.io/userVolumeMount': POD,
  'status.sidecar.istio.io/port': POD,
  'topology.istio.io/controlPlaneClusters': ['Namespace'],
  'traffic.sidecar.istio.io/excludeInboundPorts': POD,
  'traffic.sidecar.istio.io/excludeInterfaces': POD,
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': POD,
  'traffic.sidecar.istio.io/excludeOutboundPorts': POD,
  'traffic.sidecar.istio.io/includeInboundPorts': POD,
  'traffic.sidecar.istio.io/includeOutboundIPRanges': POD,
  'traffic.sidecar.istio.io/includeOutboundPorts': POD,
  'traffic.sidecar.istio.io/kubevirtInterfaces': POD,
};

const LOOKED_AT: readonly KindName[] = ['namespaces', 'services', 'pods', 'deployments'];

export function findAnnotations(snapshot: Snapshot): Finding[] {
  return LOOKED_AT.flatMap((kind) => snapshot.of(kind) as readonly KubernetesObject[])
    .filter(({ kind, metadata }) => !isSystem(kind === 'Namespace' ? metadata.name : metadata.namespace))
    .flatMap(findOnObject);
}

function findOnObject(object: KubernetesObject): Finding[] {
  return Object.keys(object.metadata.annotations ?? {}).flatMap((annotation): Finding[] => {
    const [prefix = ''] = annotation.split('/');
    if (prefix !== 'istio.io' && !prefix.endsWith('.istio.io')) return [];
    const kinds = KNOWN[annotation];
    if (kinds === undefined) {
      return [{ level: 'Warning', code: 'IST0108', object, text: `Unknown annotation: ${annotation}` }];
    }
    const old = deprecation(object, annotation);
    if (kinds.includes('Any') || kinds.includes(object.kind ?? '')) return old;
    const text = `Misplaced annotation: ${annotation} can only be applied to ${kinds.join(', ')}`;
    return [...old, { level: 'Warning', code: 'IST0107', object, text }];
  });
}

/** The one that has become a label; who has set both knows it. */
function deprecation(object: KubernetesObject, annotation: string): Finding[] {
  if (annotation !== INJECT || object.metadata.labels?.[INJECT] !== undefined) return [];
  const text = `Annotation "${INJECT}" has been deprecated in favor of the "${INJECT}" label and may not work in future Istio versions.`;
  return [{ level: 'Info', code: 'IST0135', object, text }];
}

const INJECT = 'sidecar.istio.io/inject';
