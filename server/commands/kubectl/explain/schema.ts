import { isRecord } from '../api/object.ts';

/** The part of an OpenAPI v3 schema that a reader needs. */
export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  allOf?: Schema[];
  $ref?: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
  [field: string]: unknown;
}

/** Schemas by the name that `$ref` uses. */
export type Schemas = Record<string, Schema>;

/** @returns undefined when the document has no schema of this kind. */
export function findKind(schemas: Schemas, group: string, version: string, kind: string): Schema | undefined {
  return Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
}

/** The schema that a field leads to, through `$ref`, a list's items or a map's values. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = refOf(schema);
  if (name !== null) return resolve(schemas[name] ?? {}, schemas);
  if (schema.items) return resolve(schema.items, schemas);
  if (isRecord(schema.additionalProperties)) return resolve(schema.additionalProperties as Schema, schemas);
  return schema;
}

/** `PodSpec`, `[]Container`, `map[string]string`. */
export function typeOf(schema: Schema, schemas: Schemas): string {
  const name = refOf(schema);
  if (name !== null) {
    const target = schemas[name];
    // Plain types behind a name, as Quantity, keep the name.
    return name.slice(name.lastIndexOf('.') + 1) || typeOf(target ?? {}, schemas);
  }
  if (schema.items) return `[]${typeOf(schema.items, schemas)}`;
  if (isRecord(schema.additionalProperties))
    return `map[string]${typeOf(schema.additionalProperties as Schema, schemas)}`;
  if (schema['x-kubernetes-int-or-string'] === true) return 'IntOrString';
  return schema.type === undefined || schema.type === 'object' ? 'Object' : schema.type;
}

/** What is said of a field: its own words, then those of its type. */
export function descriptionsOf(schema: Schema, schemas: Schemas): string[] {
  const own = schema.description ? [schema.description] : [];
  const name = refOf(schema);
  if (name !== null) return [...own, ...descriptionsOf(schemas[name] ?? {}, schemas)];
  if (schema.items) return [...own, ...descriptionsOf(schema.items, schemas)];
  if (isRecord(schema.additionalProperties))
    return [...own, ...descriptionsOf(schema.additionalProperties as Schema, schemas)];
  return own;
}

function refOf(schema: Schema): string | null {
  const ref = schema.$ref ?? schema.allOf?.find((each) => each.$ref !== undefined)?.$ref;
  return ref === undefined ? null : ref.slice(ref.lastIndexOf('/') + 1);
}
