/** Whether what a definition gives as a schema is one, so that nothing that reads it later can stumble. */
import { RE2JS, RE2JSException } from 're2js';
import { invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { isJsonObject } from '../json.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const NUMBERS = ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];

/** k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation and pkg/apiserver/schema: the checks that matter here. */
export function checkStructural(schema: unknown, path: string): FieldError[] {
  if (!isJsonObject(schema)) return [invalid(path, schema, 'must be a schema')];
  const errors: FieldError[] = [];
  const { type, properties, additionalProperties, items, pattern } = schema;
  const open = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined && !open)
    errors.push(required(`${path}.type`, 'must not be empty for specified object fields'));
  else if (type !== undefined && !TYPES.includes(String(type))) errors.push(notSupported(`${path}.type`, type, TYPES));
  for (const name of ['enum', 'required']) {
    if (schema[name] !== undefined && !Array.isArray(schema[name])) {
      errors.push(invalid(`${path}.${name}`, schema[name], 'must be a list'));
    }
  }
  for (const name of NUMBERS) {
    if (schema[name] !== undefined && typeof schema[name] !== 'number') {
      errors.push(invalid(`${path}.${name}`, schema[name], 'must be a number'));
    }
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    errors.push(invalid(`${path}.pattern`, pattern, "must be a valid regular expression, but isn't"));
  }
  if (properties !== undefined && !isJsonObject(properties)) {
    errors.push(invalid(`${path}.properties`, properties, 'must be an object'));
  } else {
    for (const [name, part] of Object.entries(properties ?? {})) {
      errors.push(...checkStructural(part, `${path}.properties[${name}]`));
    }
  }
  if (items !== undefined) errors.push(...checkStructural(items, `${path}.items`));
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean') {
    errors.push(...checkStructural(additionalProperties, `${path}.additionalProperties`));
  }
  return errors;
}

function isPattern(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return false;
  try {
    RE2JS.compile(pattern);
    return true;
  } catch (error) {
    if (error instanceof RE2JSException) return false;
    throw error;
  }
}
