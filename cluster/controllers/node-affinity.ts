/** Which nodes a pod may run on by `spec.affinity.nodeAffinity`. k8s.io/component-helpers/scheduling/corev1/nodeaffinity. */
import { type Pod } from '../objects/kinds/pod-types.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { matchesLabels, type LabelSelector } from '../objects/selector.ts';

interface Expression {
  key: string;
  operator: string;
  values?: readonly string[];
}

interface Term {
  matchExpressions?: readonly Expression[];
  matchFields?: readonly Expression[];
}

interface Affinity {
  nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: readonly Term[] } };
}

const OPERATORS = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' } as const;

/** Whether the labels and the name of the node meet the pod's nodeSelector and required affinity. */
export function matchesNode({ spec }: Pick<Pod, 'spec'>, { metadata }: KubernetesObject): boolean {
  const labels = metadata.labels ?? {};
  if (Object.entries(spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value)) return false;
  const required = (spec.affinity as Affinity | undefined)?.nodeAffinity
    ?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  // One of the terms is enough; a term that asks for nothing matches nothing.
  return (required.nodeSelectorTerms ?? []).some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchesLabels(selectorOf(matchExpressions), labels) &&
      matchesLabels(selectorOf(matchFields), { 'metadata.name': metadata.name })
    );
  });
}

function selectorOf(expressions: readonly Expression[]): LabelSelector {
  return expressions.map(({ key, operator, values = [] }) => ({
    key,
    // An operator that does not exist is one that nothing meets.
    operator: Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator as keyof typeof OPERATORS] : 'in',
    values: Object.hasOwn(OPERATORS, operator) ? values : [],
  }));
}

/** An affinity for one node alone, as pods of a DaemonSet have it (pkg/controller/daemon/util/daemonset_util.go). */
export function affinityForNode(nodeName: string, given: unknown): Record<string, unknown> {
  const affinity = (given ?? {}) as Record<string, unknown> & Affinity;
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    },
  };
}
