/** How the lists and maps of built-in kinds are merged: the `patchStrategy` and `patchMergeKey` tags of k8s.io/api. */
export interface Strategy {
  /** Lists: items are told apart by this field; '' for lists of plain values that are merged as sets. */
  mergeKey?: string;
  /** Maps: the patch names the keys that stay, because at most one of them may be set. */
  retainKeys?: boolean;
}

/** Groups whose kinds kubectl was compiled with. All others take JSON merge patches. */
const BUILT_IN_GROUPS = new Set([
  '',
  'admissionregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

export function isBuiltIn(group: string): boolean {
  return BUILT_IN_GROUPS.has(group);
}

/** By the field's name, behind the name of the field that holds it where that matters. */
const STRATEGIES: Record<string, Strategy> = {
  'metadata.finalizers': { mergeKey: '' },
  'metadata.ownerReferences': { mergeKey: 'uid' },
  'containers.ports': { mergeKey: 'containerPort' },
  'initContainers.ports': { mergeKey: 'containerPort' },
  'ephemeralContainers.ports': { mergeKey: 'containerPort' },
  'spec.ports': { mergeKey: 'port' },
  'spec.strategy': { retainKeys: true },
  'spec.topologySpreadConstraints': { mergeKey: 'topologyKey' },
  'spec.imagePullSecrets': { mergeKey: 'name' },
  'spec.hostAliases': { mergeKey: 'ip' },
  'spec.resourceClaims': { mergeKey: 'name' },
  'spec.volumes': { mergeKey: 'name', retainKeys: true },
  'spec.containers': { mergeKey: 'name' },
  'spec.initContainers': { mergeKey: 'name' },
  'spec.ephemeralContainers': { mergeKey: 'name' },
  'status.conditions': { mergeKey: 'type' },
  'status.podIPs': { mergeKey: 'ip' },
  'status.addresses': { mergeKey: 'type' },
  // The fields of containers; no other built-in kind has lists of these names.
  env: { mergeKey: 'name' },
  volumeMounts: { mergeKey: 'mountPath' },
  volumeDevices: { mergeKey: 'devicePath' },
  // ServiceAccount.
  secrets: { mergeKey: 'name' },
};

/**
 * @param parent name of the field that holds the map, list items counting as in their list; '' at the top.
 */
export function strategyOf(parent: string, field: string): Strategy {
  return STRATEGIES[`${parent}.${field}`] ?? STRATEGIES[field] ?? {};
}
