/**
 * OpenAPI documents as far as kubectl needs them: v3 per group and version, with the schemas that `explain` and
 * client-side checks read and, per kind, a POST and a PATCH that declare dryRun and fieldValidation.
 */
import { createHash } from 'node:crypto';
import { type JsonObject } from '../objects/json.ts';
import { schemaOf } from '../objects/decode-kind.ts';
import { apiVersionOf, type Kind } from '../objects/kinds/kind.ts';
import { type KindRegistry } from '../objects/kinds/registry.ts';
import { fieldText, typeText } from '../objects/schema/field-texts.ts';
import { type FieldType } from '../objects/schema/schema-table.ts';
import { messageOf, type Message } from '../objects/schema/schemas.ts';
import { type StructuralSchema } from '../objects/schema/structural.ts';
import { groupsOf, SERVER_VERSION } from './discovery.ts';

const PACKAGES: Record<string, string> = {
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  autoscalingv2: 'io.k8s.api.autoscaling.v2',
  istioextensions: 'io.istio.extensions.v1alpha1',
  istionetworking: 'io.istio.networking.v1',
  istioauthentication: 'io.istio.authentication.v1alpha1',
  istiosecurity: 'io.istio.security.v1',
  istiosecurity14: 'io.istio.security.v1beta1',
  istiosecurity16: 'io.istio.security.v1beta1',
  istiotelemetry: 'io.istio.telemetry.v1',
  meta: 'io.k8s.apimachinery.pkg.apis.meta.v1',
  openshift: 'com.github.openshift.api.v1',
};

// By path and types: kinds without schemas of their own are the same for all clusters of the process that have them.
// Documents with others are rendered anew.
const documents = new Map<string, string>();

const pathOf = (group: string, version: string) => (group ? `apis/${group}/${version}` : `api/${version}`);

/** The index of documents at `/openapi/v3`. */
export function openApiIndex(kinds: KindRegistry): JsonObject {
  const paths: JsonObject = {};
  const versions = [{ name: '', versions: ['v1'] }, ...groupsOf(kinds)];
  for (const { name, versions: list } of versions) {
    for (const version of list) {
      const path = pathOf(name, version);
      // Clients cache by this hash; the document of a group and version is a function of its kinds and their schemas.
      const contents = kindsAt(kinds, name, version).map((kind) => [
        kind.kind,
        kind.message,
        kind.schemas?.[version] ?? null,
      ]);
      const hash = createHash('sha512').update(JSON.stringify([path, contents]));
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash.digest('hex').toUpperCase()}` };
    }
  }
  return { paths };
}

/** @returns JSON text; undefined when nothing is served there */
export function openApiDocument(kinds: KindRegistry, group: string, version: string): string | undefined {
  const served = kindsAt(kinds, group, version);
  if (served.length === 0) return undefined;
  const key = [pathOf(group, version), ...served.map((kind) => kind.message)].join(' ');
  const shared = served.every((kind) => kind.schemas === undefined);
  const cached = shared ? documents.get(key) : undefined;
  if (cached !== undefined) return cached;
  const text = JSON.stringify(renderDocument(served, version));
  if (shared) documents.set(key, text);
  return text;
}

/** The same, as an object of the caller's own that is kept nowhere. */
export function renderOpenApi(kinds: KindRegistry, group: string, version: string): JsonObject | undefined {
  const served = kindsAt(kinds, group, version);
  return served.length === 0 ? undefined : renderDocument(served, version);
}

const kindsAt = (kinds: KindRegistry, group: string, version: string) =>
  kinds.kinds.filter((kind) => kind.group === group && kind.versions.includes(version));

function renderDocument(kinds: readonly Kind[], version: string): JsonObject {
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  for (const kind of kinds) {
    const gvk = { group: kind.group, version, kind: kind.kind };
    const custom = schemaOf(kind, apiVersionOf(kind, version)) ?? (kind.message === UNTYPED ? ANYTHING : undefined);
    const root = custom ? addCustomSchema(schemas, kind, version, custom) : addSchema(schemas, messageOf(kind.message));
    const schema = schemas[root] as JsonObject;
    schema['x-kubernetes-group-version-kind'] = [gvk];
    schema.properties = {
      apiVersion: { type: 'string', description: API_VERSION_TEXT },
      kind: { type: 'string', description: KIND_TEXT },
      ...(schema.properties as JsonObject),
    };
    addPaths(paths, kind, version, gvk, root);
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: SERVER_VERSION.gitVersion },
    paths,
    components: { schemas },
  };
}

// Kinds that are listed and not simulated: what their objects hold is not written down.
const UNTYPED = 'apiextensions.CustomObject';
const ANYTHING: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Named as upstream names it: the group backwards, the version, the kind. */
function addCustomSchema(schemas: JsonObject, kind: Kind, version: string, schema: StructuralSchema): string {
  const group = kind.group ? kind.group.split('.').toReversed() : ['core'];
  const name = [...group, version, kind.kind].join('.');
  const metadata = { allOf: [{ $ref: `#/components/schemas/${addSchema(schemas, messageOf('meta.ObjectMeta'))}` }] };
  schemas[name] = { ...schema, properties: { ...schema.properties, metadata } };
  return name;
}

const API_VERSION_TEXT = 'The version of the schema that this object is written in.';
const KIND_TEXT = 'The kind of thing that this object is.';

const OPTIONS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

function addPaths(paths: JsonObject, kind: Kind, version: string, gvk: JsonObject, schema: string): void {
  const base = `/${pathOf(kind.group, version)}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const operation = (action: string, options: boolean) => ({
    operationId: `${action}${kind.group.replaceAll('.', '')}${version}${kind.kind}`,
    ...(options ? { parameters: OPTIONS } : {}),
    responses: {
      200: {
        description: 'OK',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
      },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  });
  paths[base] = { get: operation('list', false), post: operation('post', true) };
  paths[`${base}/{name}`] = {
    get: operation('get', false),
    put: operation('put', true),
    patch: operation('patch', true),
    delete: operation('delete', true),
  };
}

function schemaName(message: Message): string {
  const prefix = Object.hasOwn(PACKAGES, message.package)
    ? PACKAGES[message.package]
    : `io.k8s.api.${message.package}.v1`;
  return `${prefix}.${message.name}`;
}

function addSchema(schemas: JsonObject, message: Message): string {
  const name = schemaName(message);
  if (schemas[name]) return name;
  // Known by its name before its fields are: types may hold themselves.
  const schema: JsonObject = {};
  schemas[name] = schema;
  Object.assign(schema, renderMessage(schemas, message));
  return name;
}

function renderMessage(schemas: JsonObject, message: Message): JsonObject {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const field of message.fields) {
    const said = fieldText(message, field.name);
    const rendered = renderType(schemas, field.type);
    // A type says of itself what its field would repeat.
    if (said?.text && said.text !== textOfType(field.type)) rendered.description = said.text;
    if (said && said.values.length > 0) rendered.enum = [...said.values];
    const strategies = [field.merge && 'merge', field.retainKeys && 'retainKeys'].filter(Boolean);
    if (strategies.length > 0) rendered['x-kubernetes-patch-strategy'] = strategies.join(',');
    if (field.mergeKey) rendered['x-kubernetes-patch-merge-key'] = field.mergeKey;
    properties[field.name] = rendered;
    if (field.required || said?.required) required.push(field.name);
  }
  const description = typeText(message);
  return {
    ...(description ? { description } : {}),
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
  };
}

function textOfType(type: FieldType): string | undefined {
  if (type.kind === 'list' || type.kind === 'map') return textOfType(type.of);
  return type.kind === 'message' ? typeText(messageOf(`${type.package}.${type.name}`)) : undefined;
}

const SCALARS: Record<string, JsonObject> = {
  string: { type: 'string' },
  Duration: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint32: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bool: { type: 'boolean' },
  Time: { type: 'string', format: 'date-time' },
  MicroTime: { type: 'string', format: 'date-time' },
  Quantity: { type: 'string' },
  IntOrString: { type: 'string', format: 'int-or-string' },
  object: { type: 'object' },
  RawExtension: { type: 'object' },
  FieldsV1: { type: 'object' },
  any: {},
};

function renderType(schemas: JsonObject, type: FieldType): JsonObject {
  switch (type.kind) {
    case 'message': {
      const message = messageOf(`${type.package}.${type.name}`);
      // Schemas of CustomResourceDefinitions have no names within.
      if (type.package.startsWith('istio')) return renderMessage(schemas, message);
      return { allOf: [{ $ref: `#/components/schemas/${addSchema(schemas, message)}` }] };
    }
    case 'list':
      return { type: 'array', items: renderType(schemas, type.of) };
    case 'map':
      return { type: 'object', additionalProperties: renderType(schemas, type.of) };
    case 'enum':
      return { type: 'string', enum: [...type.values] };
    case 'scalar':
      return { ...SCALARS[type.name] };
  }
}
