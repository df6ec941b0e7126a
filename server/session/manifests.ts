import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { Cluster, KubernetesObject } from '../../cluster/index.ts';
import { FileError } from '../errors.ts';

/** An object of a file, and the line that it begins in. */
export interface Manifest {
  object: KubernetesObject;
  line: number;
}

/**
 * Reads a YAML file of one or more manifests, empty documents left out.
 * @throws FileError MANIFEST_INVALID
 */
export async function readManifests(file: string): Promise<Manifest[]> {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(await readFile(file, 'utf8'), { lineCounter });
  const manifests: Manifest[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) {
      // The first line says what; below it stands a picture of the place, which the line number tells as well.
      const [what] = error.message.replace(/ at line \d+, column \d+:?/, '').split('\n');
      const line = error.linePos?.[0].line ?? 1;
      throw new FileError('MANIFEST_INVALID', { file, line }, `this is not YAML: ${what}. Mend the YAML.`);
    }
    const line = lineCounter.linePos(document.contents?.range?.[0] ?? 0).line;
    const value = toValue(document, { file, line });
    if (value === null) continue;
    if (!isManifest(value)) {
      throw new FileError('MANIFEST_INVALID', { file, line }, 'a manifest needs apiVersion, kind and metadata.name.');
    }
    manifests.push({ object: value, line });
  }
  return manifests;
}

/**
 * Reads a file and applies its objects, in order.
 * @throws FileError MANIFEST_INVALID, also when the cluster refuses an object.
 */
export async function applyManifests(cluster: Cluster, file: string): Promise<void> {
  for (const { object, line } of await readManifests(file)) {
    try {
      cluster.apply([asApplied(cluster, object)]);
    } catch (error) {
      const what = `the cluster refuses this ${object.kind}: ${(error as Error).message}`;
      throw new FileError('MANIFEST_INVALID', { file, line }, what, { cause: error });
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

function toValue(document: Pick<Document, 'toJS'>, place: { file: string; line: number }): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without its anchor, or too many of them.
    throw new FileError('MANIFEST_INVALID', place, `${(error as Error).message}.`, { cause: error });
  }
}

function isManifest(value: unknown): value is KubernetesObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    typeof (metadata as Record<string, unknown>).name === 'string'
  );
}
