import type { Cluster, KubernetesObject } from '../../cluster/index.ts';
import { FileError } from '../errors.ts';
import { explainRefusal } from './explain-refusal.ts';
import { readManifests } from './read-manifests.ts';

/**
 * Reads a file and applies its objects, in order.
 * @throws FileError MANIFEST_INVALID, also when the cluster refuses an object.
 */
export async function applyManifests(cluster: Cluster, file: string): Promise<void> {
  for (const { object, line, lineOf } of await readManifests(file)) {
    try {
      cluster.apply([asApplied(cluster, object)]);
    } catch (error) {
      const { message, path } = explainRefusal((error as Error).message, object, cluster);
      const place = { file, line: path === null ? line : lineOf(path) };
      throw new FileError('MANIFEST_INVALID', place, message, { cause: error });
    }
  }
}

/**
 * With the annotation that `kubectl apply` leaves, letter for letter: a learner's own apply compares with it, warns
 * without it, and says `unchanged` only when it is the same.
 */
function asApplied(cluster: Cluster, object: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = object.metadata;
  const group = object.apiVersion.includes('/') ? `.${object.apiVersion.replace(/\/.*/, '')}` : '';
  const isNamespaced = cluster.findResource(`${object.kind}${group}`)?.namespaced === true;
  const written = {
    ...object,
    metadata: { ...(isNamespaced ? { namespace: 'default' } : {}), ...metadata, annotations: annotations ?? {} },
  };
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: { ...annotations, 'kubectl.kubernetes.io/last-applied-configuration': `${goJson(written)}\n` },
    },
  };
}

/** Go's encoding/json: keys in order, and nothing that HTML would read. */
function goJson(value: unknown): string {
  const sorted = (_key: string, one: unknown): unknown =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;
  return JSON.stringify(value, sorted).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
