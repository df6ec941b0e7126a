/**
 * Reads Kubernetes protobuf bodies, as kubectl 1.32 and later send them for typed creates: `k8s\0`, a
 * `runtime.Unknown` with apiVersion and kind, and the object in it. Field numbers come from the schema tables.
 * Nothing is ever written as protobuf: clients also accept JSON.
 */
import { type JsonObject, setKey } from '../json.ts';
import { type Field, type FieldType } from './schema-table.ts';
import { messageOf, type Message } from './schemas.ts';

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const MAX_DEPTH = 64;

/** The body is not what it claims to be. */
export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

export interface ProtobufEnvelope {
  apiVersion: string;
  kind: string;
  raw: Uint8Array;
}

/** @throws ProtobufError */
export function readEnvelope(body: Uint8Array): ProtobufEnvelope {
  if (MAGIC.some((byte, i) => body[i] !== byte))
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const envelope: ProtobufEnvelope = { apiVersion: '', kind: '', raw: new Uint8Array() };
  for (const { number, value } of readFields(body.subarray(MAGIC.length))) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 1) {
      for (const part of readFields(value)) {
        if (!(part.value instanceof Uint8Array)) continue;
        if (part.number === 1) envelope.apiVersion = utf8(part.value);
        if (part.number === 2) envelope.kind = utf8(part.value);
      }
    } else if (number === 2) {
      envelope.raw = value;
    }
  }
  return envelope;
}

/** @throws ProtobufError */
export function decodeProtobuf(bytes: Uint8Array, message: Message): JsonObject {
  return decodeMessage(bytes, message, 0);
}

function decodeMessage(bytes: Uint8Array, message: Message, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw new ProtobufError('message is nested too deeply');
  const result: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const field = message.byNumber.get(number);
    if (!field) continue;
    if (field.inline && field.type.kind === 'message') {
      if (!(value instanceof Uint8Array)) throw new ProtobufError(`wrong wire type for field "${field.name}"`);
      Object.assign(result, decodeMessage(value, messageOf(`${field.type.package}.${field.type.name}`), depth + 1));
    } else {
      decodeField(result, field, value, depth);
    }
  }
  return result;
}

function decodeField(result: JsonObject, field: Field, value: WireValue, depth: number): void {
  const { type, name } = field;
  if (type.kind === 'list') {
    const list = (result[name] ??= []) as unknown[];
    list.push(decodeValue(value, type.of, name, depth));
  } else if (type.kind === 'map') {
    if (!(value instanceof Uint8Array)) throw new ProtobufError(`wrong wire type for field "${name}"`);
    const map = (result[name] ??= {}) as JsonObject;
    let key = '';
    let item: unknown = type.of.kind === 'scalar' && type.of.name === 'string' ? '' : undefined;
    for (const entry of readFields(value)) {
      if (entry.number === 1 && entry.value instanceof Uint8Array) key = utf8(entry.value);
      if (entry.number === 2) item = decodeValue(entry.value, type.of, name, depth);
    }
    setKey(map, key, item ?? '');
  } else {
    const decoded = decodeValue(value, type, name, depth);
    // Go writes every field that is not a pointer, zero or not; JSON omits the zeros again.
    const zero = decoded === '' || decoded === 0 || decoded === false || decoded === null;
    if (!zero || field.pointer || field.always) setKey(result, name, decoded);
  }
}

function decodeValue(value: WireValue, type: FieldType, name: string, depth: number): unknown {
  if (type.kind === 'message') {
    if (!(value instanceof Uint8Array)) throw new ProtobufError(`wrong wire type for field "${name}"`);
    return decodeMessage(value, messageOf(`${type.package}.${type.name}`), depth + 1);
  }
  if (type.kind !== 'scalar') throw new ProtobufError(`field "${name}" cannot come as protobuf`);
  if (type.name === 'bool') return value === 1n;
  if (type.name === 'int32' || type.name === 'int64' || type.name === 'uint32') {
    if (typeof value !== 'bigint') throw new ProtobufError(`wrong wire type for field "${name}"`);
    return Number(BigInt.asIntN(64, value));
  }
  if (!(value instanceof Uint8Array)) throw new ProtobufError(`wrong wire type for field "${name}"`);
  switch (type.name) {
    case 'string':
      return utf8(value);
    case 'bytes':
      return Buffer.from(value).toString('base64');
    case 'Time':
    case 'MicroTime':
      return decodeTime(value, type.name === 'MicroTime');
    case 'Quantity':
      return stringField(value, 1);
    case 'IntOrString':
      return decodeIntOrString(value);
    case 'RawExtension':
    case 'FieldsV1':
      return parseRawJson(value);
    default:
      throw new ProtobufError(`field "${name}" cannot come as protobuf`);
  }
}

function decodeTime(bytes: Uint8Array, micro: boolean): string | null {
  let seconds = 0n;
  let nanos = 0n;
  for (const { number, value } of readFields(bytes)) {
    if (typeof value !== 'bigint') continue;
    if (number === 1) seconds = BigInt.asIntN(64, value);
    if (number === 2) nanos = value;
  }
  // The zero time of Go, year 1, is how an absent time is written.
  if (seconds <= 0n) return null;
  const milliseconds = Number(seconds) * 1000;
  if (milliseconds > 8.64e15) throw new ProtobufError('time is out of range');
  const text = new Date(milliseconds).toISOString().slice(0, 19);
  return micro ? `${text}.${String(nanos / 1000n).padStart(6, '0')}Z` : `${text}Z`;
}

function decodeIntOrString(bytes: Uint8Array): string | number {
  let isString = false;
  let number = 0;
  let text = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) isString = field.value === 1n;
    if (field.number === 2 && typeof field.value === 'bigint') number = Number(BigInt.asIntN(64, field.value));
    if (field.number === 3 && field.value instanceof Uint8Array) text = utf8(field.value);
  }
  return isString ? text : number;
}

function stringField(bytes: Uint8Array, wanted: number): string {
  for (const { number, value } of readFields(bytes)) {
    if (number === wanted && value instanceof Uint8Array) return utf8(value);
  }
  return '';
}

function parseRawJson(bytes: Uint8Array): unknown {
  const text = stringField(bytes, 1);
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProtobufError('raw field holds no JSON', { cause: error });
  }
}

type WireValue = bigint | Uint8Array;

function* readFields(bytes: Uint8Array): Generator<{ number: number; value: WireValue }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('integer overflow');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtobufError('unexpected EOF');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    const wire = Number(key & 7n);
    if (number === 0) throw new ProtobufError('illegal tag 0');
    if (wire === 0) yield { number, value: varint() };
    else if (wire === 2) yield { number, value: take(Number(varint())) };
    else if (wire === 1) yield { number, value: take(8) };
    else if (wire === 5) yield { number, value: take(4) };
    else throw new ProtobufError(`illegal wireType ${wire}`);
  }
}

const decoder = new TextDecoder('utf-8');
const utf8 = (bytes: Uint8Array) => decoder.decode(bytes);
