import type { Cluster } from '../../../cluster/index.ts';
import { didYouMean } from '../nearest.ts';

/** Kinds that are suggested where the cluster has them; those of definitions are found in it. */
const KINDS = (
  'Pod Deployment Service ConfigMap Secret Namespace ServiceAccount DaemonSet StatefulSet ReplicaSet Job CronJob ' +
  'Ingress NetworkPolicy PersistentVolumeClaim Role RoleBinding ClusterRole ClusterRoleBinding Node Route Project ' +
  'DeploymentConfig CustomResourceDefinition'
).split(' ');

/** ` Did you mean "X"?` for a kind that the cluster does not have, empty when it has none that is near. */
export function nearKind(word: string, cluster: Pick<Cluster, 'findResource' | 'list'>): string {
  const defined = cluster.list('customresourcedefinitions.apiextensions.k8s.io').map(({ spec }) => {
    return (spec as { names: { kind: string } }).names.kind;
  });
  return didYouMean(word, [...KINDS.filter((kind) => cluster.findResource(kind)), ...defined]);
}
