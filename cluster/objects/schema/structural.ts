/**
 * Structural schemas of CustomResourceDefinitions (k8s.io/apiextensions-apiserver): pruning, defaults, validation.
 * Left out: validation rules in CEL, `format`, `not`, `allOf`, `anyOf` and `oneOf`; what they would refuse is accepted.
 */
import { RE2JS } from 're2js';
import { invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { cloneJson, isJsonObject, setKey, type JsonObject } from '../json.ts';

export interface StructuralSchema {
  type?: string;
  description?: string;
  properties?: Readonly<Record<string, StructuralSchema>>;
  additionalProperties?: boolean | StructuralSchema;
  items?: StructuralSchema;
  required?: readonly string[];
  enum?: readonly unknown[];
  default?: unknown;
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  pattern?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: readonly string[];
}

/**
 * The value without what the schema does not know, and with its defaults.
 * @param root the top of an object: apiVersion, kind and metadata are known there
 * @param unknown receives the paths of what was dropped
 */
export function pruneStructural(
  value: unknown,
  schema: StructuralSchema,
  unknown: string[],
  path = '',
  root = true,
): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return value;
    return value.map((item, index) => pruneStructural(item, items, unknown, `${path}[${index}]`, false));
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const part = value[key];
    const partPath = path ? `${path}.${key}` : key;
    const partSchema = propertyOf(schema, key);
    if (root && ROOT_FIELDS.has(key)) setKey(result, key, part);
    else if (partSchema) {
      // A null where none is allowed gives way to the default.
      if (part === null && !partSchema.nullable && partSchema.default !== undefined) continue;
      setKey(result, key, pruneStructural(part, partSchema, unknown, partPath, false));
    } else if (schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties === true) {
      setKey(result, key, part);
    } else unknown.push(partPath);
  }
  for (const [key, { default: byDefault }] of Object.entries(schema.properties ?? {})) {
    if (byDefault !== undefined && result[key] === undefined) setKey(result, key, cloneJson(byDefault));
  }
  return result;
}

const ROOT_FIELDS = new Set(['apiVersion', 'kind', 'metadata']);

function propertyOf(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** What is wrong with an object, in the words of kube-openapi's validation. */
export function validateStructural(object: JsonObject, schema: StructuralSchema): FieldError[] {
  const errors: FieldError[] = [];
  check(object, schema, '', errors);
  return errors;
}

function check(value: unknown, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  if (value === null && schema.nullable) return;
  if (!hasType(value, schema)) {
    const got = JSON.stringify(typeName(value));
    errors.push({
      field: path,
      reason: 'FieldValueTypeInvalid',
      message: `Invalid value: ${got}: ${path} in body must be of type ${schema.type}: ${got}`,
    });
    return;
  }
  if (schema.enum && !schema.enum.some((one) => one === value)) {
    errors.push(notSupported(path, value, schema.enum.map(String)));
  }
  if (typeof value === 'number') checkNumber(value, schema, path, errors);
  else if (typeof value === 'string') checkString(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value, schema, path, errors);
  else if (isJsonObject(value)) checkObject(value, schema, path, errors);
}

function checkNumber(value: number, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const refuse = (detail: string) => errors.push(invalid(path, value, `${path} in body should be ${detail}`));
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum && value === minimum))) {
    refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum && value === maximum))) {
    refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
}

function checkString(value: string, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const { minLength, maxLength, pattern } = schema;
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    errors.push({
      field: path,
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${maxLength} bytes`,
    });
  }
  if (minLength !== undefined && length < minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (pattern !== undefined && !matches(pattern, value)) {
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
}

// Patterns come from learners: on this engine none takes more than linear time.
function matches(pattern: string, value: string): boolean {
  return RE2JS.compile(pattern).matcher(value).find();
}

function checkList(value: unknown[], schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const { items, minItems, maxItems } = schema;
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push({
      field: path,
      reason: 'FieldValueTooMany',
      message: `Too many: ${value.length}: must have at most ${maxItems} item${maxItems === 1 ? '' : 's'}`,
    });
  }
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (items) value.forEach((item, index) => check(item, items, `${path}[${index}]`, errors));
}

function checkObject(value: JsonObject, schema: StructuralSchema, path: string, errors: FieldError[]): void {
  const inside = (key: string) => (path ? `${path}.${key}` : key);
  for (const key of Object.keys(value)) {
    const part = propertyOf(schema, key);
    if (part && !(path === '' && key === 'metadata')) check(value[key], part, inside(key), errors);
  }
  for (const key of schema.required ?? []) if (value[key] === undefined) errors.push(required(inside(key)));
}

function hasType(value: unknown, schema: StructuralSchema): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    default:
      return true;
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
