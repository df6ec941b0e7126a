import { stringify } from 'yaml';

/** A kubeconfig for the cluster at `url`, whose path is its secret; any kubectl can use it. */
export function renderKubeconfig(url: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'taller', cluster: { server: url } }],
    users: [{ name: 'learner', user: {} }],
    contexts: [{ name: 'taller', context: { cluster: 'taller', user: 'learner', namespace: 'default' } }],
    'current-context': 'taller',
    preferences: {},
  });
}
