import { isRecord, type ApiObject } from './api/object.ts';
import { compactJson } from './output/json.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with itself, as it stands, in the annotation. kubectl/pkg/util/apply.go, GetModifiedConfiguration. */
export function withLastApplied(object: ApiObject): ApiObject {
  const { metadata = {} } = object;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  const bare = { ...object, metadata: { ...metadata, annotations } };
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${compactJson(bare)}\n` } },
  };
}

/** What the annotation holds; null when there is none. */
export function lastApplied(object: ApiObject): ApiObject | null {
  const text = object.metadata?.annotations?.[LAST_APPLIED];
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? (value as ApiObject) : null;
}
