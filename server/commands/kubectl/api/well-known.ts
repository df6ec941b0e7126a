import type { Resource } from './resource.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/**
 * Resources that every cluster since Kubernetes 1.21 has under these words: core and built-in groups come first
 * wherever a word is looked up, so that no definition can take one over. To know them saves the question to the
 * server, which is half of the time of a `get pods`.
 */
export const WELL_KNOWN: readonly Resource[] = [
  core('pods', 'Pod', ['po'], ['all']),
  core('services', 'Service', ['svc'], ['all']),
  core('configmaps', 'ConfigMap', ['cm']),
  core('secrets', 'Secret', []),
  core('serviceaccounts', 'ServiceAccount', ['sa']),
  core('endpoints', 'Endpoints', ['ep']),
  core('events', 'Event', ['ev']),
  core('persistentvolumeclaims', 'PersistentVolumeClaim', ['pvc']),
  { ...core('namespaces', 'Namespace', ['ns']), namespaced: false },
  { ...core('nodes', 'Node', ['no']), namespaced: false },
  { ...core('deployments', 'Deployment', ['deploy'], ['all']), group: 'apps' },
  { ...core('replicasets', 'ReplicaSet', ['rs'], ['all']), group: 'apps' },
  { ...core('statefulsets', 'StatefulSet', ['sts'], ['all']), group: 'apps' },
  { ...core('daemonsets', 'DaemonSet', ['ds'], ['all']), group: 'apps' },
  { ...core('jobs', 'Job', [], ['all']), group: 'batch' },
  { ...core('cronjobs', 'CronJob', ['cj'], ['all']), group: 'batch' },
];

function core(name: string, kind: string, shortNames: string[], categories: string[] = []): Resource {
  const singular = kind.toLowerCase();
  return { group: '', version: 'v1', name, singular, kind, namespaced: true, verbs: VERBS, shortNames, categories };
}
