/** Kinds that are kept and shown but that nothing acts upon yet. */
import { type JsonObject } from '../json.ts';
import { type KubernetesObject } from '../object.ts';
import { AGE, column, CREATED_AT, NAME, selectorText } from './columns.ts';
import { type Kind } from './kind.ts';

const spec = (object: KubernetesObject) => (object.spec ?? {}) as Record<string, never>;
const status = (object: KubernetesObject) => (object.status ?? {}) as Record<string, never>;
const text = (value: unknown, otherwise = '') => (value === undefined || value === '' ? otherwise : String(value));

interface IngressRule {
  host?: string;
}

function quotaText(object: KubernetesObject, wanted: (name: string) => boolean): string {
  const used = (status(object).used ?? {}) as Record<string, string>;
  return Object.entries((status(object).hard ?? {}) as Record<string, string>)
    .filter(([name]) => wanted(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${used[name] ?? 0}/${hard}`)
    .join(', ');
}

export const KEPT_KINDS: readonly Kind[] = [
  {
    kind: 'LimitRange',
    group: '',
    versions: ['v1'],
    plural: 'limitranges',
    singular: 'limitrange',
    shortNames: ['limits'],
    namespaced: true,
    message: 'core.LimitRange',
    inertNote: 'no defaults and no limits come from it',
    columns: [NAME, CREATED_AT],
  },
  {
    kind: 'ResourceQuota',
    group: '',
    versions: ['v1'],
    plural: 'resourcequotas',
    singular: 'resourcequota',
    shortNames: ['quota'],
    namespaced: true,
    message: 'core.ResourceQuota',
    status: true,
    generation: false,
    setDefaults: (draft) => void (draft.spec ??= {}),
    columns: [
      NAME,
      column('Request', 'string', (object) => quotaText(object, (name) => !name.startsWith('limits.'))),
      column('Limit', 'string', (object) => quotaText(object, (name) => name.startsWith('limits.'))),
      AGE,
    ],
  },
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    versions: ['v2', 'v1'],
    plural: 'horizontalpodautoscalers',
    singular: 'horizontalpodautoscaler',
    shortNames: ['hpa'],
    categories: ['all'],
    namespaced: true,
    message: 'autoscalingv2.HorizontalPodAutoscaler',
    status: true,
    generation: false,
    inertNote: 'nothing is measured and nothing is scaled by it',
    columns: [
      NAME,
      column('Reference', 'string', (object) => {
        const target = spec(object).scaleTargetRef as { kind: string; name: string } | undefined;
        return `${target?.kind}/${target?.name}`;
      }),
      column('Targets', 'string', (object) => hpaTargets(object)),
      column('MinPods', 'string', (object) => text(spec(object).minReplicas, '<unset>')),
      column('MaxPods', 'integer', (object) => Number(spec(object).maxReplicas ?? 0)),
      column('Replicas', 'integer', (object) => Number(status(object).currentReplicas ?? 0)),
      AGE,
    ],
    prepareCreate: (draft) => void (draft.status = { currentMetrics: null, desiredReplicas: 0 }),
    setDefaults: setHpaDefaults,
  },
  {
    kind: 'Lease',
    group: 'coordination.k8s.io',
    versions: ['v1'],
    plural: 'leases',
    singular: 'lease',
    namespaced: true,
    message: 'coordination.Lease',
    columns: [NAME, column('Holder', 'string', (object) => text(spec(object).holderIdentity)), AGE],
  },
  {
    kind: 'IngressClass',
    group: 'networking.k8s.io',
    versions: ['v1'],
    plural: 'ingressclasses',
    singular: 'ingressclass',
    namespaced: false,
    message: 'networking.IngressClass',
    generation: true,
    columns: [
      NAME,
      column('Controller', 'string', (object) => text(spec(object).controller)),
      column('Parameters', 'string', (object) => {
        const parameters = spec(object).parameters as { apiGroup?: string; kind: string; name: string } | undefined;
        if (!parameters) return '<none>';
        return `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}`;
      }),
      AGE,
    ],
  },
  {
    kind: 'Ingress',
    group: 'networking.k8s.io',
    versions: ['v1'],
    plural: 'ingresses',
    singular: 'ingress',
    shortNames: ['ing'],
    namespaced: true,
    message: 'networking.Ingress',
    status: true,
    prepareCreate: (draft) => void (draft.status = { loadBalancer: {} }),
    columns: [
      NAME,
      column('Class', 'string', (object) => text(spec(object).ingressClassName, '<none>')),
      column('Hosts', 'string', (object) => {
        const hosts = ((spec(object).rules ?? []) as IngressRule[]).slice(0, 3).map(({ host }) => host || '*');
        const more = ((spec(object).rules ?? []) as IngressRule[]).length - 3;
        return hosts.length === 0 ? '*' : `${hosts.join(',')}${more > 0 ? ` + ${more} more...` : ''}`;
      }),
      column('Address', 'string', (object) =>
        ((status(object).loadBalancer as { ingress?: { ip?: string; hostname?: string }[] } | undefined)?.ingress ?? [])
          .map(({ ip, hostname }) => ip || hostname)
          .join(','),
      ),
      column('Ports', 'string', (object) => (spec(object).tls ? '80, 443' : '80')),
      AGE,
    ],
  },
  {
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    versions: ['v1'],
    plural: 'networkpolicies',
    singular: 'networkpolicy',
    shortNames: ['netpol'],
    namespaced: true,
    message: 'networking.NetworkPolicy',
    generation: true,
    inertNote: 'no traffic is blocked by it',
    columns: [NAME, column('Pod-Selector', 'string', (object) => selectorText(spec(object).podSelector)), AGE],
  },
  {
    kind: 'PodDisruptionBudget',
    group: 'policy',
    versions: ['v1'],
    plural: 'poddisruptionbudgets',
    singular: 'poddisruptionbudget',
    shortNames: ['pdb'],
    namespaced: true,
    message: 'policy.PodDisruptionBudget',
    status: true,
    inertNote: 'evictions do not ask it',
    columns: [
      NAME,
      column('Min Available', 'string', (object) => text(spec(object).minAvailable, 'N/A')),
      column('Max Unavailable', 'string', (object) => text(spec(object).maxUnavailable, 'N/A')),
      column('Allowed Disruptions', 'integer', (object) => Number(status(object).disruptionsAllowed ?? 0)),
      AGE,
    ],
  },
  {
    kind: 'PriorityClass',
    group: 'scheduling.k8s.io',
    versions: ['v1'],
    plural: 'priorityclasses',
    singular: 'priorityclass',
    shortNames: ['pc'],
    namespaced: false,
    message: 'scheduling.PriorityClass',
    generation: true,
    inertNote: 'its value is given to pods, but no pod makes room for another',
    columns: [
      NAME,
      column('Value', 'integer', (object) => Number(object.value ?? 0)),
      column('Global-Default', 'boolean', (object) => Boolean(object.globalDefault)),
      AGE,
      column('PreemptionPolicy', 'string', (object) => text(object.preemptionPolicy, 'PreemptLowerPriority')),
    ],
  },
  {
    kind: 'ControllerRevision',
    group: 'apps',
    versions: ['v1'],
    plural: 'controllerrevisions',
    singular: 'controllerrevision',
    namespaced: true,
    message: 'apps.ControllerRevision',
    columns: [
      NAME,
      column('Controller', 'string', (object) => {
        const owner = object.metadata.ownerReferences?.find((one) => one.controller);
        return owner ? `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0]}/${owner.name}` : '<none>';
      }),
      column('Revision', 'integer', (object) => Number(object.revision ?? 0)),
      AGE,
    ],
  },
];

/** v1 has one number where v2 has a list of metrics: kept as v2, whichever version it came in. */
function setHpaDefaults(draft: KubernetesObject): void {
  const given = draft.spec as JsonObject | undefined;
  if (!given) return;
  given.minReplicas ??= 1;
  const { targetCPUUtilizationPercentage: averageUtilization } = given;
  delete given.targetCPUUtilizationPercentage;
  // Kubernetes 1.36, pkg/apis/autoscaling/v2/defaults.go: 80 % of the requested CPU.
  given.metrics ??= [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: averageUtilization ?? 80 } },
    },
  ];
}

interface HpaMetric {
  resource?: { name: string; target?: { averageUtilization?: number } };
}

function hpaTargets(object: KubernetesObject): string {
  const metrics = (spec(object).metrics ?? []) as HpaMetric[];
  const texts = metrics.map(({ resource }) => `${resource?.name}: <unknown>/${resource?.target?.averageUtilization}%`);
  return texts.join(', ') || '<none>';
}
