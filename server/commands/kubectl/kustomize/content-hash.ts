import { createHash } from 'node:crypto';
import { isRecord, type ApiObject } from '../api/object.ts';
import { compactJson, sortKeys } from '../output/json.ts';

const LETTERS: Record<string, string> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

/** What stands behind the name of a generated config map or secret. kustomize, api/hasher/hasher.go: the name is left out. */
export function contentHash({ kind = '', data, binaryData, type }: ApiObject): string {
  const content = {
    kind,
    name: '',
    data: isRecord(data) ? data : '',
    ...(isRecord(binaryData) ? { binaryData } : {}),
    ...(kind === 'Secret' ? { type } : {}),
  };
  const digest = createHash('sha256')
    .update(compactJson(sortKeys(content)).trimEnd())
    .digest('hex');
  return digest.slice(0, 10).replace(/[013ae]/g, (letter) => LETTERS[letter] ?? letter);
}
