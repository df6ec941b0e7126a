/**
 * The OpenAPI document of version 2, which kubectl before 1.27 reads for `explain`, for its checks before it sends
 * anything, for patches and for `--dry-run=server`. It says what the documents of version 3 say, all in one.
 */
import { isJsonObject, setKey, type JsonObject } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { groupsOf, SERVER_VERSION } from './discovery.ts';
import { encodeOpenApiV2 } from './openapi-v2-protobuf.ts';
import { renderOpenApi } from './openapi.ts';

// By the list of kinds, which is replaced when it changes. Clusters without kinds of their own share one list.
const encoded = new WeakMap<readonly Kind[], Uint8Array>();

/** The document as protobuf, a gnostic openapi.v2.Document: built when first asked for, and again when kinds change. */
export function openApiV2Protobuf(kinds: KindRegistry): Uint8Array {
  const known = encoded.get(kinds.kinds);
  if (known) return known;
  const bytes = encodeOpenApiV2(openApiV2Document(kinds));
  encoded.set(kinds.kinds, bytes);
  return bytes;
}

/** The document as JSON. Built anew each time: only people ask for it. */
export function openApiV2Document(kinds: KindRegistry): JsonObject {
  const definitions: JsonObject = {};
  const paths: JsonObject = {};
  for (const { name, versions } of [{ name: '', versions: ['v1'] }, ...groupsOf(kinds)]) {
    for (const version of versions) {
      const document = renderOpenApi(kinds, name, version);
      if (document) addDocument(definitions, paths, document);
    }
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: SERVER_VERSION.gitVersion },
    paths,
    definitions,
  };
}

type Schemas = Readonly<Record<string, JsonObject>>;

function addDocument(definitions: JsonObject, paths: JsonObject, document: JsonObject): void {
  const { schemas } = document.components as { schemas: Schemas };
  for (const [name, schema] of Object.entries(schemas)) {
    const known = definitions[name] as JsonObject | undefined;
    const next = convertSchema(schema, schemas);
    const kinds = [...((known?.[GVK] as unknown[]) ?? []), ...((next[GVK] as unknown[]) ?? [])];
    // A type that is a kind in one document may be a mere part in another.
    const richer = known?.[GVK] ? known : next;
    definitions[name] = kinds.length > 0 ? { ...richer, [GVK]: kinds } : richer;
  }
  for (const [path, item] of Object.entries(document.paths as Record<string, Record<string, JsonObject>>)) {
    paths[path] = Object.fromEntries(
      Object.entries(item).map(([verb, operation]) => [verb, convertOperation(operation)]),
    );
  }
}

const GVK = 'x-kubernetes-group-version-kind';
const V3_SCHEMAS = '#/components/schemas/';
const V2_SCHEMAS = '#/definitions/';

/** An operation of `renderOpenApi`: its schema is a reference, and its parameters are plain values in the query. */
function convertOperation(operation: JsonObject): JsonObject {
  const { parameters, responses, ...rest } = operation as Operation;
  const { description, content } = responses[200];
  return {
    ...rest,
    ...(parameters ? { parameters: parameters.map(({ schema, ...parameter }) => ({ ...parameter, ...schema })) } : {}),
    responses: {
      200: {
        description,
        schema: { $ref: content['application/json'].schema.$ref.replace(V3_SCHEMAS, V2_SCHEMAS) },
      },
    },
  };
}

interface Operation extends JsonObject {
  parameters?: { schema: JsonObject }[];
  responses: { 200: { description: string; content: { 'application/json': { schema: { $ref: string } } } } };
}

const TYPES: unknown[] = ['object', 'array', 'string', 'integer', 'number', 'boolean'];

/**
 * Kubernetes 1.32, k8s.io/apiextensions-apiserver/pkg/controller/openapi/v2/conversion.go: kubectl knows a type with
 * its fields, or no type at all. Where a value may be of several types, or have fields that nobody knows, the type goes.
 * Schemas of definitions come from learners: what kubectl could not read goes too, or it would refuse the whole document.
 */
function convertSchema(schema: JsonObject, schemas: Schemas): JsonObject {
  const result: JsonObject = {};
  for (const key of Object.keys(schema)) if (!CONVERTED.has(key)) result[key] = schema[key];
  const reference = referenceOf(schema);
  if (reference !== undefined && Object.hasOwn(schemas, reference)) {
    return { ...result, $ref: `${V2_SCHEMAS}${reference}` };
  }
  const { type, properties, items, additionalProperties } = schema;
  const several =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true ||
    schema.nullable === true;
  if (several || !TYPES.includes(type) || (type === 'array' && !isJsonObject(items))) return result;
  if (Array.isArray(schema.required)) result.required = schema.required;
  result.type = type;
  if (type === 'array') result.items = convertSchema(items as JsonObject, schemas);
  if (type !== 'object') return result;
  if (isJsonObject(properties)) {
    const converted: JsonObject = {};
    for (const [name, part] of Object.entries(properties)) {
      if (isJsonObject(part)) setKey(converted, name, convertSchema(part, schemas));
    }
    result.properties = converted;
  }
  if (isJsonObject(additionalProperties)) {
    result.additionalProperties = convertSchema(additionalProperties, schemas);
  }
  return result;
}

/** Defaults, `nullable`, `oneOf`, `anyOf` and `not` are not of version 2, or upstream drops them; the rest is converted. */
const CONVERTED = new Set(
  'type properties items additionalProperties required allOf anyOf oneOf not nullable default $ref'.split(' '),
);

function referenceOf({ allOf }: JsonObject): string | undefined {
  const [only] = Array.isArray(allOf) && allOf.length === 1 ? (allOf as unknown[]) : [];
  const target = isJsonObject(only) ? only.$ref : undefined;
  return typeof target === 'string' && target.startsWith(V3_SCHEMAS) ? target.slice(V3_SCHEMAS.length) : undefined;
}
