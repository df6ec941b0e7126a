import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../cluster/index.ts';
import { UserError } from '../errors.ts';

/**
 * Reads a YAML file of one or more manifests, empty documents left out.
 * @throws UserError MANIFEST_INVALID with file and line.
 */
export async function readManifests(file: string): Promise<KubernetesObject[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'));
  const objects: KubernetesObject[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) {
      throw new UserError('MANIFEST_INVALID', `${file}:${error.linePos?.[0].line ?? 1}: ${error.message}`);
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null) continue;
    if (!isManifest(value)) {
      throw new UserError('MANIFEST_INVALID', `${file}: a manifest needs apiVersion, kind and metadata.name.`);
    }
    objects.push(value);
  }
  return objects;
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
