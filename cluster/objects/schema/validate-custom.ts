import { invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import { type Field, type FieldType } from './schema-table.ts';
import { messageOf, type Message } from './schemas.ts';

/**
 * Checks a custom resource as the structural schema of its CRD would be checked
 * (k8s.io/apiextensions-apiserver/pkg/apiserver/validation): required fields, enums, ranges, types.
 * Schemas with validation rules add a line once something else is wrong, as upstream does; Istio's all have some.
 */
export function validateCustom(object: JsonObject, message: Message): FieldError[] {
  const errors: FieldError[] = [];
  checkMessage(object, message, '', errors);
  const broken = errors.filter((error) => !isRule(error));
  if (broken.length > 0) {
    errors.splice(0, errors.length, ...broken);
    errors.push({
      field: '<nil>',
      reason: 'FieldValueInvalid',
      message:
        'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    });
  }
  return errors;
}

// Durations are checked by a rule, everything else by the schema itself.
const DURATION_RULE = 'must be a valid duration greater than 1ms';
const isRule = (error: FieldError) => error.message.endsWith(DURATION_RULE);

function checkMessage(value: JsonObject, message: Message, path: string, errors: FieldError[]): void {
  for (const field of message.fields) {
    const fieldPath = path ? `${path}.${field.name}` : field.name;
    if (fieldPath === 'metadata') continue;
    const part = value[field.name];
    if (part === undefined) {
      if (field.required) errors.push(required(fieldPath));
    } else {
      checkValue(part, field.type, field, fieldPath, errors);
    }
  }
}

function checkValue(value: unknown, type: FieldType, field: Field, path: string, errors: FieldError[]): void {
  const wrongType = (expected: string) =>
    errors.push({
      field: path,
      reason: 'FieldValueTypeInvalid',
      message: `Invalid value: ${JSON.stringify(typeName(value))}: ${path} in body must be of type ${expected}: ${JSON.stringify(typeName(value))}`,
    });
  switch (type.kind) {
    case 'message':
      if (!isJsonObject(value)) wrongType('object');
      else checkMessage(value, messageOf(`${type.package}.${type.name}`), path, errors);
      return;
    case 'list':
      if (!Array.isArray(value)) wrongType('array');
      else value.forEach((item, index) => checkValue(item, type.of, field, `${path}[${index}]`, errors));
      return;
    case 'map':
      if (!isJsonObject(value)) wrongType('object');
      else for (const key of Object.keys(value)) checkValue(value[key], type.of, field, `${path}.${key}`, errors);
      return;
    case 'enum':
      if (typeof value !== 'string') wrongType('string');
      else if (!type.values.includes(value)) errors.push(notSupported(path, value, type.values));
      return;
    case 'scalar':
      checkScalar(value, type.name, field, path, errors, wrongType);
  }
}

// One or more numbers with units, as Go's time.ParseDuration reads them.
const DURATION = /^[+-]?(\d+(\.\d*)?|\.\d+)(h|m|s|ms|us|µs|ns)((\d+(\.\d*)?|\.\d+)(h|m|s|ms|us|µs|ns))*$/;

function checkScalar(
  value: unknown,
  name: string,
  field: Field,
  path: string,
  errors: FieldError[],
  wrongType: (expected: string) => void,
): void {
  if (name === 'string' && typeof value !== 'string') return void wrongType('string');
  if (name === 'bool' && typeof value !== 'boolean') return void wrongType('boolean');
  if ((name === 'int32' || name === 'int64') && !Number.isInteger(value)) return void wrongType('integer');
  if (name === 'double' && typeof value !== 'number') return void wrongType('number');
  if (name === 'object' && !isJsonObject(value)) return void wrongType('object');
  if (name === 'Duration') {
    if (typeof value !== 'string') return void wrongType('string');
    if (!DURATION.test(value)) errors.push(invalid(path, value, DURATION_RULE));
  }
  if (typeof value !== 'number') return;
  if (field.min !== undefined && value < field.min) {
    errors.push(invalid(path, value, `${path} in body should be greater than or equal to ${field.min}`));
  }
  if (field.max !== undefined && value > field.max) {
    errors.push(invalid(path, value, `${path} in body should be less than or equal to ${field.max}`));
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
