/**
 * Writes an OpenAPI document of version 2 as the protobuf that Kubernetes serves: an openapi.v2.Document of
 * github.com/google/gnostic, openapiv2/OpenAPIv2.proto, whose field numbers stand below. Only what our documents have.
 */
import { isJsonObject, type JsonObject } from '../objects/json.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const { title, version } = document.info as JsonObject;
  return message(
    text(1, document.swagger),
    nested(2, message(text(1, title), text(2, version))),
    // Paths { path = 2 }, Definitions { additional_properties = 1 }
    nested(8, named(2, document.paths, encodePath)),
    nested(9, named(1, document.definitions, encodeSchema)),
  );
}

// PathItem
function encodePath(item: JsonObject): Buffer {
  const verb = (number: number, operation: unknown) =>
    isJsonObject(operation) ? nested(number, encodeOperation(operation)) : NOTHING;
  return message(verb(2, item.get), verb(3, item.put), verb(4, item.post), verb(5, item.delete), verb(8, item.patch));
}

// Operation
function encodeOperation(operation: JsonObject): Buffer {
  const parameters = (operation.parameters ?? []) as JsonObject[];
  return message(
    text(5, operation.operationId),
    ...parameters.map((parameter) => nested(8, encodeParameter(parameter))),
    // Responses { response_code = 1 } of ResponseValue { response = 1 }
    nested(
      9,
      named(1, operation.responses, (response) => message(nested(1, encodeResponse(response)))),
    ),
    ...extensions(13, operation),
  );
}

// ParametersItem { parameter = 1 }, Parameter { non_body_parameter = 2 }, NonBodyParameter { query_… = 3 }
function encodeParameter({ name, in: place, type, uniqueItems }: JsonObject): Buffer {
  const query = message(text(3, place), text(4, name), text(6, type), flag(20, uniqueItems));
  return message(nested(1, message(nested(2, message(nested(3, query))))));
}

// Response, its schema in SchemaItem { schema = 1 }
function encodeResponse({ description, schema }: JsonObject): Buffer {
  return message(text(1, description), nested(2, message(nested(1, encodeSchema(schema as JsonObject)))));
}

// Schema
function encodeSchema(schema: JsonObject): Buffer {
  const { type, items, properties, additionalProperties, required, enum: values } = schema;
  return message(
    text(1, schema.$ref),
    text(2, schema.format),
    text(3, schema.title),
    text(4, schema.description),
    real(6, schema.multipleOf),
    real(7, schema.maximum),
    flag(8, schema.exclusiveMaximum),
    real(9, schema.minimum),
    flag(10, schema.exclusiveMinimum),
    count(11, schema.maxLength),
    count(12, schema.minLength),
    text(13, schema.pattern),
    count(14, schema.maxItems),
    count(15, schema.minItems),
    flag(16, schema.uniqueItems),
    count(17, schema.maxProperties),
    count(18, schema.minProperties),
    ...listOf(required).map((name) => text(19, name)),
    ...listOf(values).map((value) => nested(20, encodeAny(value))),
    // AdditionalPropertiesItem { schema = 1 }
    isJsonObject(additionalProperties) ? nested(21, message(nested(1, encodeSchema(additionalProperties)))) : NOTHING,
    // TypeItem { value = 1 }, ItemsItem { schema = 1 }, Properties { additional_properties = 1 }
    type === undefined ? NOTHING : nested(22, text(1, type)),
    isJsonObject(items) ? nested(23, message(nested(1, encodeSchema(items)))) : NOTHING,
    properties === undefined ? NOTHING : nested(25, named(1, properties, encodeSchema)),
    ...extensions(31, schema),
  );
}

// NamedAny
function extensions(number: number, owner: JsonObject): Buffer[] {
  return Object.keys(owner)
    .filter((key) => key.startsWith('x-'))
    .map((key) => nested(number, message(text(1, key), nested(2, encodeAny(owner[key])))));
}

// Any { yaml = 2 }; JSON is YAML.
const encodeAny = (value: unknown): Buffer => text(2, `${JSON.stringify(value)}\n`);

/** The entries of an object as the Named… messages that stand for maps: name = 1, value = 2. */
function named(number: number, entries: unknown, encode: (value: JsonObject) => Buffer): Buffer {
  const parts = Object.entries(entries as Record<string, JsonObject>);
  return message(...parts.map(([name, value]) => nested(number, message(text(1, name), nested(2, encode(value))))));
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const NOTHING = Buffer.alloc(0);
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);

function nested(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([key(number, BYTES), varint(bytes.length), bytes]);
}

// Schemas of definitions are as learners wrote them: a value of another type than the field's is left out.
const text = (number: number, value: unknown): Buffer =>
  typeof value === 'string' ? nested(number, Buffer.from(value)) : NOTHING;
const flag = (number: number, value: unknown): Buffer =>
  value === true ? Buffer.concat([key(number, VARINT), varint(1)]) : NOTHING;
const count = (number: number, value: unknown): Buffer =>
  Number.isSafeInteger(value) && Number(value) >= 0
    ? Buffer.concat([key(number, VARINT), varint(Number(value))])
    : NOTHING;

function real(number: number, value: unknown): Buffer {
  if (typeof value !== 'number') return NOTHING;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(number, FIXED64), bytes]);
}

const key = (number: number, wireType: number): Buffer => varint(number * 8 + wireType);

// Nearly all keys and lengths are one byte: a buffer for each of them would be most of the work.
const SHORT_VARINTS = Array.from({ length: 0x80 }, (_, value) => Buffer.from([value]));

/** @param value 0 or more, a safe integer: beyond 32 bits, so no bit operations */
function varint(value: number): Buffer {
  const short = SHORT_VARINTS[value];
  if (short) return short;
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
