import { isRecord } from '../api/object.ts';
import { isEqual } from './equal.ts';

type Json = Record<string, unknown>;

/** RFC 7396. The document is not changed. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Json = isRecord(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}

/** The merge patch that leads from one document to the other. */
export function createMergePatch(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (isEqual(before, value) && key in from) continue;
    patch[key] = isRecord(before) && isRecord(value) ? createMergePatch(before, value) : value;
  }
  return patch;
}

/**
 * What `apply` sends for kinds without merge keys: what the file adds or changes against the live object, and what
 * it dropped since it was applied last. apimachinery, util/jsonmergepatch.
 */
export function createThreeWayMergePatch(original: Json, modified: Json, current: Json): Json {
  const changes = keep(createMergePatch(current, modified), (value) => value !== null);
  const deletions = keep(createMergePatch(original, modified), (value) => value === null);
  return applyBoth(deletions, changes);
}

/** The leaves of a patch that pass, and the maps that still hold one. */
function keep(patch: Json, passes: (value: unknown) => boolean): Json {
  const kept: Json = {};
  for (const [key, value] of Object.entries(patch)) {
    if (isRecord(value)) {
      const inner = keep(value, passes);
      if (Object.keys(inner).length > 0 || (passes(value) && Object.keys(value).length === 0)) kept[key] = inner;
    } else if (passes(value)) {
      kept[key] = value;
    }
  }
  return kept;
}

function applyBoth(first: Json, second: Json): Json {
  const result = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = result[key];
    result[key] = isRecord(before) && isRecord(value) ? applyBoth(before, value) : value;
  }
  return result;
}
