/** What is served, for clients that ask: classic discovery in many answers, aggregated discovery in one. */
import { type JsonObject } from '../objects/json.ts';
import { ALL_VERBS, type Kind, type Subresource } from '../objects/kinds/kind.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';

export const SERVER_VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  // What a build outside of a git checkout says.
  gitCommit: '$Format:%H$',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.11',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;

/** Groups in the order in which upstream lists them; others follow by name. */
const GROUP_ORDER = [
  'apiregistration.k8s.io',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
];

interface Group {
  name: string;
  versions: string[];
}

export function groupsOf(kinds: KindRegistry): Group[] {
  const groups = new Map<string, Set<string>>();
  for (const kind of kinds.kinds) {
    if (!kind.group) continue;
    const versions = groups.get(kind.group) ?? new Set();
    for (const version of kind.versions) versions.add(version);
    groups.set(kind.group, versions);
  }
  const rank = (name: string) => (GROUP_ORDER.includes(name) ? GROUP_ORDER.indexOf(name) : GROUP_ORDER.length);
  return [...groups]
    .map(([name, versions]) => ({ name, versions: [...versions].toSorted(byStability) }))
    .toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

// v1 before v1beta1 before v1alpha3, as k8s.io/apimachinery/pkg/version compares them.
function byStability(left: string, right: string): number {
  const rank = (version: string) => (version.includes('alpha') ? 2 : version.includes('beta') ? 1 : 0);
  return rank(left) - rank(right) || (left < right ? 1 : -1);
}

const kindsIn = (kinds: KindRegistry, group: string, version: string) =>
  kinds.kinds.filter((kind) => kind.group === group && kind.versions.includes(version));

export function apiVersions(): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '172.18.0.2:6443' }],
  };
}

function renderGroup({ name, versions }: Group): JsonObject {
  const list = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

export function apiGroupList(kinds: KindRegistry): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(kinds).map(renderGroup) };
}

export function apiGroup(kinds: KindRegistry, name: string): JsonObject | undefined {
  const group = groupsOf(kinds).find((one) => one.name === name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...renderGroup(group) };
}

export function apiResourceList(kinds: KindRegistry, group: string, version: string): JsonObject | undefined {
  const served = kindsIn(kinds, group, version);
  if (served.length === 0) return undefined;
  const resources = served.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: kind.verbs ?? ALL_VERBS,
      ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories ? { categories: kind.categories } : {}),
      storageVersionHash: '',
    },
    ...subresourcesOf(kind).map((one) => ({
      name: `${kind.plural}/${one.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      kind: one.kind,
      verbs: one.verbs,
      ...(one.group ? { group: one.group, version: one.version } : {}),
    })),
  ]);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group ? `${group}/${version}` : version,
    resources,
  };
}

function subresourcesOf(kind: Kind): Subresource[] {
  return [
    ...(kind.subresources ?? []),
    ...(kind.scale
      ? [{ name: 'scale', kind: 'Scale', verbs: ['get', 'patch', 'update'], group: 'autoscaling', version: 'v1' }]
      : []),
    ...(kind.status ? [{ name: 'status', kind: kind.kind, verbs: ['get', 'patch', 'update'] }] : []),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param core for `/api`, else for `/apis` */
export function aggregatedDiscovery(kinds: KindRegistry, version: 'v2' | 'v2beta1', core: boolean): JsonObject {
  const groups: Group[] = core ? [{ name: '', versions: ['v1'] }] : groupsOf(kinds);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions.map((one) => ({
        version: one,
        freshness: 'Current',
        resources: kindsIn(kinds, name, one).map((kind) => aggregatedResource(kind, one)),
      })),
    })),
  };
}

function aggregatedResource(kind: Kind, version: string): JsonObject {
  const subresources = subresourcesOf(kind).map((one) => ({
    subresource: one.name,
    responseKind: { group: one.group ?? kind.group, version: one.version ?? version, kind: one.kind },
    verbs: one.verbs,
  }));
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs ?? ALL_VERBS,
    ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

/** The version of aggregated discovery that the client asks for first; undefined when it wants the classic form. */
export function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const form of accept.split(',')) {
    if (!form.includes('as=APIGroupDiscoveryList')) continue;
    const version = /\bv=(v2|v2beta1)\b/.exec(form)?.[1];
    if (version === 'v2' || version === 'v2beta1') return version;
  }
  return undefined;
}
