import { isJsonObject, setKey, type JsonObject } from '../json.ts';
import { type FieldType } from './schema-table.ts';
import { messageOf, type Message } from './schemas.ts';

export interface Decoded {
  /** The value with only known fields and without nulls. */
  value: JsonObject;
  /** What strict decoding complains about: `unknown field "spec.foo"`, in the order of the text. */
  strict: string[];
}

/** The value cannot be read as its type. `message` is what Go's decoder says. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

// Deeper values come from nobody's manifest; the limit keeps recursion bounded.
const MAX_DEPTH = 100;

/**
 * Reads JSON as a built-in type the way k8s.io/apimachinery's JSON serializer does: fields are case-sensitive, unknown
 * ones are dropped and reported, nulls count as absent.
 * @throws DecodeError on a value of the wrong type.
 */
export function decodeObject(value: JsonObject, message: Message): Decoded {
  const strict: string[] = [];
  return { value: decodeMessage(value, message, '', '', strict, 0, true), strict };
}

/** Drops what the schema of a custom resource does not know. Wrong types stay: its validation says what is wrong. */
export function pruneCustom(value: JsonObject, message: Message): Decoded {
  const strict: string[] = [];
  const pruned = pruneMessage(value, message, '', strict, 0) as JsonObject;
  for (const key of ['apiVersion', 'kind']) if (value[key] !== undefined) pruned[key] = value[key];
  if (isJsonObject(value.metadata)) {
    const metadata = decodeMessage(
      value.metadata,
      messageOf('meta.ObjectMeta'),
      'metadata',
      'metadata',
      strict,
      1,
      false,
    );
    pruned.metadata = metadata;
  }
  return { value: pruned, strict };
}

function pruneMessage(value: unknown, message: Message, path: string, strict: string[], depth: number): unknown {
  if (depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const part = value[key];
    if (depth === 0 && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) continue;
    const field = message.byName.get(key);
    const fieldPath = path ? `${path}.${key}` : key;
    if (!field) strict.push(`unknown field "${fieldPath}"`);
    else if (part !== null) setKey(result, key, pruneValue(part, field.type, fieldPath, strict, depth + 1));
  }
  return result;
}

function pruneValue(value: unknown, type: FieldType, path: string, strict: string[], depth: number): unknown {
  if (type.kind === 'message') {
    return pruneMessage(value, messageOf(`${type.package}.${type.name}`), path, strict, depth);
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    return value.map((item, index) => pruneValue(item, type.of, `${path}[${index}]`, strict, depth + 1));
  }
  if (type.kind === 'map' && isJsonObject(value)) {
    const result: JsonObject = {};
    for (const key of Object.keys(value)) {
      setKey(result, key, pruneValue(value[key], type.of, `${path}.${key}`, strict, depth + 1));
    }
    return result;
  }
  return value;
}

function decodeMessage(
  value: JsonObject,
  message: Message,
  path: string,
  goPath: string,
  strict: string[],
  depth: number,
  root: boolean,
): JsonObject {
  if (depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const part = value[key];
    const fieldPath = path ? `${path}.${key}` : key;
    if (root && (key === 'apiVersion' || key === 'kind')) {
      setKey(result, key, part);
      continue;
    }
    const field = message.byName.get(key);
    if (!field) {
      strict.push(`unknown field "${fieldPath}"`);
      continue;
    }
    if (part === null || part === undefined) continue;
    const goField = goPath ? `${goPath}.${key}` : key;
    setKey(
      result,
      key,
      decodeValue(part, field.type, fieldPath, { owner: message.name, path: goField }, strict, depth + 1),
    );
  }
  return result;
}

interface GoField {
  /** Go type that holds the field. */
  owner: string;
  /** Path without indices, as encoding/json names it. */
  path: string;
}

function decodeValue(
  value: unknown,
  type: FieldType,
  path: string,
  go: GoField,
  strict: string[],
  depth: number,
): unknown {
  if (depth > MAX_DEPTH) throw new DecodeError('exceeded max depth');
  switch (type.kind) {
    case 'message': {
      if (!isJsonObject(value)) throw mismatch(value, type, go);
      return decodeMessage(value, messageOf(`${type.package}.${type.name}`), path, go.path, strict, depth, false);
    }
    case 'list': {
      if (!Array.isArray(value)) throw mismatch(value, type, go);
      return value.map((item, index) =>
        item === null && type.of.kind !== 'message'
          ? zeroOf(type.of)
          : decodeValue(item ?? {}, type.of, `${path}[${index}]`, go, strict, depth + 1),
      );
    }
    case 'map': {
      if (!isJsonObject(value)) throw mismatch(value, type, go);
      const result: JsonObject = {};
      for (const key of Object.keys(value)) {
        const item = value[key];
        setKey(
          result,
          key,
          item === null ? zeroOf(type.of) : decodeValue(item, type.of, `${path}.${key}`, go, strict, depth + 1),
        );
      }
      return result;
    }
    case 'enum':
      if (typeof value !== 'string') throw mismatch(value, type, go);
      return value;
    case 'scalar':
      return decodeScalar(value, type.name, go);
  }
}

function zeroOf(type: FieldType): unknown {
  if (type.kind === 'list') return [];
  if (type.kind === 'map' || type.kind === 'message') return {};
  if (type.kind === 'scalar' && (type.name === 'int32' || type.name === 'int64')) return 0;
  if (type.kind === 'scalar' && type.name === 'bool') return false;
  return '';
}

// k8s.io/apimachinery/pkg/api/resource/quantity.go, ErrFormatWrong and its pattern.
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
const QUANTITY_MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
// The parser looks at the form first, then at what the suffix says.
const QUANTITY_FORM = /^[+-]?\d[0-9.]*[eEinumkKMGTP]*([-+]?\d*)$/;
const QUANTITY_SUFFIX = "unable to parse quantity's suffix";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function decodeScalar(value: unknown, name: string, go: GoField): unknown {
  const wrong = () => mismatch(value, { kind: 'scalar', name }, go);
  switch (name) {
    case 'any':
    case 'FieldsV1':
      return value;
    case 'object':
    case 'RawExtension':
      if (!isJsonObject(value)) throw wrong();
      return value;
    case 'string':
    case 'Duration':
      if (typeof value !== 'string') throw wrong();
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong();
      return value;
    case 'int32':
    case 'int64':
    case 'uint32':
      if (typeof value !== 'number' || !Number.isInteger(value) || (name === 'int32' && Math.abs(value) > 2 ** 31)) {
        throw wrong();
      }
      return value;
    case 'double':
      if (typeof value !== 'number') throw wrong();
      return value;
    case 'IntOrString':
      if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value))) throw wrong();
      return value;
    case 'Quantity': {
      if (typeof value !== 'string' && typeof value !== 'number') throw wrong();
      const text = String(value);
      if (!QUANTITY.test(text)) throw new DecodeError(QUANTITY_FORM.test(text) ? QUANTITY_SUFFIX : QUANTITY_MESSAGE);
      return text;
    }
    case 'bytes': {
      if (typeof value !== 'string') throw wrong();
      const offset = base64ErrorOffset(value);
      if (offset !== undefined) throw new DecodeError(`illegal base64 data at input byte ${offset}`);
      return value;
    }
    case 'Time':
    case 'MicroTime':
      if (typeof value !== 'string') throw wrong();
      if (!TIME.test(value)) {
        throw new DecodeError(
          `parsing time ${JSON.stringify(JSON.stringify(value))} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
        );
      }
      return value;
    default:
      throw new Error(`schema tables name no scalar "${name}"`);
  }
}

/** Where encoding/base64's decoder stops, or undefined when it accepts the text. */
function base64ErrorOffset(text: string): number | undefined {
  const clean = text.replace(/[\r\n]/g, '');
  for (let i = 0; i < clean.length; i += 1) {
    const character = clean[i] ?? '';
    if (/[A-Za-z0-9+/]/.test(character)) continue;
    const rest = clean.slice(i);
    const position = i % 4;
    if (character !== '=' || position < 2) return i;
    if (position === 2 ? rest !== '==' : rest !== '=') return position === 2 && rest.length < 2 ? clean.length : i + 1;
    return undefined;
  }
  return clean.length % 4 === 0 ? undefined : clean.length - (clean.length % 4);
}

function mismatch(value: unknown, type: FieldType, go: GoField): DecodeError {
  return new DecodeError(
    `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${go.owner}.${go.path} of type ${goType(type)}`,
  );
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value;
}

const GO_SCALARS: Record<string, string> = {
  double: 'float64',
  bytes: '[]uint8',
  Time: 'v1.Time',
  MicroTime: 'v1.MicroTime',
  Quantity: 'resource.Quantity',
  IntOrString: 'intstr.IntOrString',
  object: 'map[string]interface {}',
  Duration: 'string',
};

function goType(type: FieldType): string {
  switch (type.kind) {
    case 'message':
      return `v1.${type.name}`;
    case 'list':
      return `[]${goType(type.of)}`;
    case 'map':
      return `map[string]${goType(type.of)}`;
    case 'enum':
      return 'string';
    case 'scalar':
      return GO_SCALARS[type.name] ?? type.name;
  }
}
