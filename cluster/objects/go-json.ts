import { isJsonObject, type JsonObject } from './json.ts';
import { goStructures } from './schema/go-structures.ts';

/**
 * A value as encoding/json writes the Go structure that holds it: all fields under their Go names, nil as null. Types
 * that `schema/go-layout.ts` does not describe stay as they are.
 */
export function toGoJson(type: string, value: unknown): unknown {
  const nothing = value === undefined || value === null;
  if (type.startsWith('*')) return nothing ? null : toGoJson(type.slice(1), value);
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => toGoJson(type.slice(2), item)) : null;
  }
  if (goStructures().has(type)) return structure(type, isJsonObject(value) ? value : {});
  if (!nothing) return value;
  if (type.startsWith('map[') || type === 'v1.ResourceList') return null;
  if (type === 'bool') return false;
  if (type === 'int32' || type === 'int64') return 0;
  return '';
}

function structure(type: string, value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const { name, type: fieldType, json, inline, whole } of goStructures().get(type) ?? []) {
    if (inline) Object.assign(result, structure(fieldType, value));
    else result[name] = toGoJson(fieldType, whole ? value : at(value, json));
  }
  return result;
}

function at(value: JsonObject, path: string): unknown {
  let found: unknown = value;
  for (const key of path.split('.')) found = isJsonObject(found) ? found[key] : undefined;
  return found;
}
