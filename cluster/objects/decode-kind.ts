import { type JsonObject } from './json.ts';
import { apiVersionOf, type Kind } from './kinds/kind.ts';
import { decodeObject, pruneCustom, type Decoded } from './schema/decode.ts';
import { messageOf } from './schema/schemas.ts';
import { pruneStructural, type StructuralSchema } from './schema/structural.ts';

/**
 * Reads JSON as an object of the kind: only known fields, without nulls; `strict` has what was dropped.
 * @throws DecodeError on a value of the wrong type; custom resources are checked later, against their schema
 */
export function decodeKind(kind: Kind, value: JsonObject): Decoded {
  const message = messageOf(kind.message);
  if (!kind.custom) return decodeObject(value, message);
  const schema = schemaOf(kind, String(value.apiVersion));
  if (!schema) return pruneCustom(value, message);
  const { apiVersion, kind: kindName, metadata, ...rest } = value;
  const head = pruneCustom({ apiVersion, kind: kindName, metadata }, message);
  const unknown: string[] = [];
  const body = pruneStructural(rest, schema, unknown) as JsonObject;
  return {
    value: { ...head.value, ...body },
    strict: [...head.strict, ...unknown.map((path) => `unknown field "${path}"`)],
  };
}

/** The schema of an object in this apiVersion, or of stored objects; undefined for kinds that no definition defines. */
export function schemaOf(kind: Kind, apiVersion = apiVersionOf(kind)): StructuralSchema | undefined {
  return kind.schemas?.[apiVersion.slice(apiVersion.indexOf('/') + 1)];
}
