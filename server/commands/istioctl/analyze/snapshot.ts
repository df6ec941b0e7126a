import type { Invocation } from '../command.ts';
import type { DestinationRule, Gateway, SecurityPolicy, Service, VirtualService } from '../istio-objects.ts';
import type { MeshPod } from '../describe/report.ts';
import type { Document } from '../manifest-text.ts';
import { KINDS, listObjects, type KindName, type KubernetesObject } from '../resources.ts';

export interface Workload extends KubernetesObject {
  spec?: { template?: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> } } };
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
  serviceEntries: KubernetesObject & { spec?: { hosts?: string[]; exportTo?: string[] } };
  sidecars: KubernetesObject;
  authorizationPolicies: SecurityPolicy;
  peerAuthentications: SecurityPolicy;
  requestAuthentications: SecurityPolicy;
  policies: KubernetesObject;
  meshPolicies: KubernetesObject;
}

/** All that analyzers look at: the cluster's objects, with those of files over them. */
export interface Snapshot {
  istioNamespace: string;
  of<K extends KindName>(kind: K): readonly KindTypes[K][];
}

/**
 * @param files objects that are to be applied; without a namespace they are for `namespace`
 * @param useCluster false to look at the files alone
 */
export async function takeSnapshot(
  { session, istioNamespace }: Invocation,
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
  return { istioNamespace, of: (kind) => (objects.get(kind) ?? []) as never };
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

/** A pod of the mesh. */
export function hasProxy({ spec }: MeshPod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === 'istio-proxy');
}
