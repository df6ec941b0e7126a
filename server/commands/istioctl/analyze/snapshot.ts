import type { Invocation } from '../command.ts';
import type { DestinationRule, Gateway, SecurityPolicy, Service, VirtualService } from '../istio-objects.ts';
import type { MeshPod } from '../describe/report.ts';
import type { Document } from '../manifest-text.ts';
import { KINDS, listObjects, type KindName, type KubernetesObject } from '../resources.ts';

/** A pod, or what one is made from. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { containers?: readonly { name: string }[]; initContainers?: readonly { name: string }[] };
}

export interface Workload extends KubernetesObject {
  spec?: { template?: PodTemplate };
}

export interface ServiceEntry extends KubernetesObject {
  spec?: { hosts?: string[]; exportTo?: string[]; ports?: { number?: number }[] };
}

interface KindTypes {
  namespaces: KubernetesObject;
  pods: MeshPod;
  services: Service;
  secrets: KubernetesObject;
  configMaps: KubernetesObject & { data?: Record<string, string> };
  deployments: Workload;
  destinationRules: DestinationRule;
  virtualServices: VirtualService;
  gateways: Gateway;
  serviceEntries: ServiceEntry;
  sidecars: KubernetesObject;
  telemetries: KubernetesObject;
  authorizationPolicies: SecurityPolicy;
  peerAuthentications: SecurityPolicy;
  requestAuthentications: SecurityPolicy;
  policies: KubernetesObject;
  meshPolicies: KubernetesObject;
}

/** All that analyzers look at: the cluster's objects, with those of files over them. */
export interface Snapshot {
  /** Of the release that looks. */
  minor: number;
  istioNamespace: string;
  of<K extends KindName>(kind: K): readonly KindTypes[K][];
}

/**
 * @param files objects that are to be applied; without a namespace they are for `namespace`
 * @param useCluster false to look at the files alone
 */
export async function takeSnapshot(
  { session, istioNamespace, release }: Invocation,
  files: readonly Document[],
  namespace: string,
  useCluster: boolean,
): Promise<Snapshot> {
  const names = Object.keys(KINDS) as KindName[];
  const lists = await Promise.all(names.map((name) => (useCluster ? listObjects(session, name) : [])));
  const objects = new Map<KindName, KubernetesObject[]>();
  for (const [index, name] of names.entries()) {
    const { kind, group, namespaced } = KINDS[name];
    const own = files.flatMap(({ object }) => {
      if (object?.kind !== kind || groupOf(object) !== group) return [];
      return namespaced
        ? [{ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } }]
        : [object];
    });
    const isReplaced = ({ metadata }: KubernetesObject): boolean =>
      own.some((each) => each.metadata.name === metadata.name && each.metadata.namespace === metadata.namespace);
    const stored = (lists[index] ?? []).filter((object) => !isReplaced(object));
    // Lists leave the kind of their items out.
    objects.set(name, [...stored.map((object) => ({ ...object, kind })), ...own]);
  }
  return { minor: release.minor, istioNamespace, of: (kind) => (objects.get(kind) ?? []) as never };
}

function groupOf({ apiVersion = '' }: KubernetesObject): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

const SYSTEM = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

export function isSystem(namespace: string | undefined): boolean {
  return SYSTEM.includes(namespace ?? '');
}

export function namespaceOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? 'default';
}

/** `a=b,c=d` */
export function renderLabels(labels: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

/** What an installation of Istio brings along. pkg/config/analysis/analyzers/util, IsIstioControlPlane */
export function isControlPlane({ metadata: { labels = {} } }: KubernetesObject): boolean {
  return labels['istio'] !== undefined || labels['release'] === 'istio';
}

export function hasProxy({ spec }: PodTemplate): boolean {
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some(({ name }) => name === 'istio-proxy');
}

/** By its proxy, by its own label or annotation, or by its namespace. pkg/config/analysis/analyzers/util/in_mesh.go */
export function isInMesh(snapshot: Snapshot, namespace: string, template: PodTemplate = {}): boolean {
  if (hasProxy(template)) return true;
  const { labels = {}, annotations = {} } = template.metadata ?? {};
  const wish = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
  if (wish !== undefined) return wish.toLowerCase() === 'true';
  const around = snapshot.of('namespaces').find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {};
  const told = around['istio-injection'];
  return told === undefined ? around['istio.io/rev'] !== undefined : told === 'enabled';
}
