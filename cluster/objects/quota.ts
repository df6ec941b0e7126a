/**
 * What a ResourceQuota counts, and what that comes to.
 * Kubernetes 1.36, pkg/quota/v1/evaluator/core: scopes are left out, and so are the classes of storage.
 */
import { forbidden } from './api-error.ts';
import { type AdmissionStep } from './admission.ts';
import { type Kind } from './kinds/kind.ts';
import { type KubernetesObject, type ObjectReader } from './object.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';

export interface ResourceQuota extends KubernetesObject {
  spec: { hard?: Record<string, string> };
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** Amounts by the names that quotas use: `pods`, `count/jobs.batch`, `requests.cpu`. */
type Usage = Record<string, number>;

interface QuotaPod extends KubernetesObject {
  spec: {
    containers: { name: string; resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }[];
  };
  status?: { phase?: string };
}

interface QuotaService extends KubernetesObject {
  spec: { type?: string; ports?: object[] };
}

// Kinds of the core group that have a name of their own beside `count/`.
const COUNTED = [
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
];
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

/** What one object takes. */
function usageOf({ plural, group }: { plural: string; group: string }, object: KubernetesObject): Usage {
  const usage: Usage = { [`count/${group ? `${plural}.${group}` : plural}`]: 1 };
  if (group !== '') return usage;
  if (COUNTED.includes(plural)) usage[plural] = 1;
  if (plural === 'services') Object.assign(usage, serviceUsage(object as QuotaService));
  if (plural === 'pods') Object.assign(usage, podUsage(object as QuotaPod));
  return usage;
}

function serviceUsage({ spec }: QuotaService): Usage {
  const ports = spec.ports?.length ?? 0;
  if (spec.type === 'NodePort') return { 'services.nodeports': ports };
  if (spec.type === 'LoadBalancer') return { 'services.loadbalancers': 1, 'services.nodeports': ports };
  return {};
}

/** A pod that has ended takes nothing but its name. */
function podUsage({ spec, status }: QuotaPod): Usage {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return {};
  const usage: Usage = { pods: 1 };
  for (const { resources = {} } of spec.containers) {
    for (const name of COMPUTE) {
      const request = resources.requests?.[name] ?? resources.limits?.[name];
      if (request !== undefined) {
        usage[name] = usage[`requests.${name}`] = (usage[name] ?? 0) + parseQuantity(request);
      }
      const limit = resources.limits?.[name];
      if (limit !== undefined) usage[`limits.${name}`] = (usage[`limits.${name}`] ?? 0) + parseQuantity(limit);
    }
  }
  return usage;
}

/** Resources whose objects count for one of these names. */
function resourcesOf(names: readonly string[]): Set<string> {
  const resources = new Set<string>();
  for (const name of names) {
    if (name.startsWith('count/')) resources.add(name.slice('count/'.length));
    else if (COUNTED.includes(name)) resources.add(name);
    else resources.add(name.startsWith('services.') ? 'services' : 'pods');
  }
  return resources;
}

/** What a namespace uses of what the quota limits, as its status says it. */
export function usedOf(objects: ObjectReader, quota: ResourceQuota): Record<string, string> {
  const hard = quota.spec.hard ?? {};
  const names = Object.keys(hard);
  const total: Usage = Object.fromEntries(names.map((name) => [name, 0]));
  for (const resource of resourcesOf(names)) {
    const [plural = '', ...group] = resource.split('.');
    for (const object of objects.list(resource, quota.metadata.namespace)) {
      const usage = usageOf({ plural, group: group.join('.') }, object);
      for (const name of names) total[name] = (total[name] ?? 0) + (usage[name] ?? 0);
    }
  }
  return Object.fromEntries(names.toSorted().map((name) => [name, formatQuantity(total[name] ?? 0, hard[name] ?? '')]));
}

/** Refuses a new object that a quota of its namespace has no room for. */
export const admitWithinQuota: AdmissionStep = ({ kind, draft, objects }) => {
  if (!kind.namespaced) return;
  for (const quota of objects.list('resourcequotas', draft.metadata.namespace) as readonly ResourceQuota[]) {
    checkQuota(objects, quota, kind, draft);
  }
};

function checkQuota(objects: ObjectReader, quota: ResourceQuota, kind: Kind, draft: KubernetesObject): void {
  const hard = quota.spec.hard ?? {};
  const requested = usageOf(kind, draft);
  const refuse = (detail: string) => forbidden({ plural: kind.plural, group: kind.group }, draft.metadata.name, detail);
  if (kind.kind === 'Pod') {
    const missing = missingCompute(hard, draft as QuotaPod);
    if (missing) throw refuse(`failed quota: ${quota.metadata.name}: must specify ${missing}`);
  }
  const names = Object.keys(requested)
    .filter((name) => hard[name] !== undefined)
    .toSorted();
  if (names.length === 0) return;
  const used = usedOf(objects, quota);
  const exceeded = names.filter(
    (name) => (requested[name] ?? 0) + parseQuantity(used[name] ?? '0') > parseQuantity(hard[name] ?? '0'),
  );
  if (exceeded.length === 0) return;
  const list = (value: (name: string) => string) => exceeded.map((name) => `${name}=${value(name)}`).join(',');
  throw refuse(
    `exceeded quota: ${quota.metadata.name}, requested: ${list((name) => formatQuantity(requested[name] ?? 0, hard[name] ?? ''))}, used: ${list((name) => used[name] ?? '0')}, limited: ${list((name) => hard[name] ?? '0')}`,
  );
}

/** A quota for cpu or memory asks every container to say how much it takes. */
function missingCompute(hard: Readonly<Record<string, string>>, pod: QuotaPod): string | undefined {
  const complaints = Object.keys(hard)
    .toSorted()
    .flatMap((name) => {
      const [, list = 'requests', resource = ''] = /^(?:(requests|limits)\.)?([\w-]+)$/.exec(name) ?? [];
      if (!COMPUTE.includes(resource)) return [];
      const without = pod.spec.containers.filter(({ resources = {} }) =>
        list === 'limits'
          ? resources.limits?.[resource] === undefined
          : (resources.requests?.[resource] ?? resources.limits?.[resource]) === undefined,
      );
      return without.length > 0 ? [`${name} for: ${without.map((one) => one.name).join(',')}`] : [];
    });
  return complaints.length > 0 ? complaints.join('; ') : undefined;
}
