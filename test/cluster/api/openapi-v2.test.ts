import { expect, test } from 'vitest';
import { serveCluster, type ServedCluster } from '../serve-cluster.ts';

const PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface Document {
  swagger: string;
  paths: Record<string, Record<string, Record<string, unknown>>>;
  definitions: Record<string, Record<string, unknown> & { properties: Record<string, Record<string, unknown>> }>;
}

async function readDocument({ request }: ServedCluster): Promise<Document> {
  const { json } = await request('GET', '/openapi/v2');
  return json as unknown as Document;
}

async function readProtobuf({ url }: ServedCluster): Promise<{ contentType: string | null; bytes: Buffer }> {
  const response = await fetch(`${url}/openapi/v2`, { headers: { accept: PROTOBUF } });
  return { contentType: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
}

const define = ({ request }: ServedCluster, openAPIV3Schema: object) =>
  request('POST', DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'toys.play.example.com' },
    spec: {
      group: 'play.example.com',
      scope: 'Namespaced',
      names: { plural: 'toys', kind: 'Toy' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  });

/** The fields of a protobuf message by number: bytes of what has a length, numbers of the rest. */
function fieldsOf(bytes: Buffer): Map<number, (Buffer | number)[]> {
  const fields = new Map<number, (Buffer | number)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wireType = key % 8;
    expect([0, 1, 2]).toContain(wireType);
    let value: Buffer | number = wireType === 1 ? bytes.readDoubleLE(at) : varint();
    if (wireType === 1) at += 8;
    if (wireType === 2) {
      const end = at + value;
      expect(end).toBeLessThanOrEqual(bytes.length);
      value = bytes.subarray(at, end);
      at = end;
    }
    const number = Math.floor(key / 8);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const bytesAt = (bytes: Buffer, ...path: number[]): Buffer =>
  path.reduce((inside, number) => fieldsOf(inside).get(number)?.[0] as Buffer, bytes);
const textAt = (bytes: Buffer, ...path: number[]) => bytesAt(bytes, ...path).toString();

/** The value with this name among entries { name = 1, value = 2 }. */
function entry(bytes: Buffer, number: number, name: string): Buffer {
  const found = (fieldsOf(bytes).get(number) ?? []).find((one) => textAt(one as Buffer, 1) === name);
  if (!found) throw new Error(`no entry "${name}"`);
  return bytesAt(found as Buffer, 2);
}

test('types refer to each other as definitions', async () => {
  const { swagger, definitions } = await readDocument(await serveCluster());

  expect(swagger).toBe('2.0');
  expect(definitions['io.k8s.api.core.v1.Pod']).toMatchObject({
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
      spec: { $ref: '#/definitions/io.k8s.api.core.v1.PodSpec' },
    },
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
  });
});

test('lists say how patches merge them, and the strategy of a deployment which keys stay', async () => {
  const { definitions } = await readDocument(await serveCluster());

  expect(definitions['io.k8s.api.core.v1.PodSpec']?.properties.volumes).toMatchObject({
    type: 'array',
    items: { $ref: '#/definitions/io.k8s.api.core.v1.Volume' },
    'x-kubernetes-patch-strategy': 'merge,retainKeys',
    'x-kubernetes-patch-merge-key': 'name',
  });
  expect(definitions['io.k8s.api.apps.v1.DeploymentSpec']?.properties.strategy).toMatchObject({
    $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentStrategy',
    'x-kubernetes-patch-strategy': 'retainKeys',
  });
});

test('every reference has its definition, and every kind is one definition only', async () => {
  const document = await readDocument(await serveCluster());

  const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name);
  const kinds = Object.values(document.definitions).flatMap((definition) =>
    ((definition['x-kubernetes-group-version-kind'] ?? []) as object[]).map((kind) => JSON.stringify(kind)),
  );

  expect(referred.length).toBeGreaterThan(500);
  expect(referred.filter((name) => !Object.hasOwn(document.definitions, name ?? ''))).toEqual([]);
  expect(kinds.length).toBeGreaterThan(50);
  expect(kinds.filter((kind, index) => kinds.indexOf(kind) !== index)).toEqual([]);
});

test('one type that is a kind in several versions names them all', async () => {
  const { definitions } = await readDocument(await serveCluster());

  expect(definitions['io.istio.networking.v1.Gateway']?.['x-kubernetes-group-version-kind']).toEqual(
    ['v1', 'v1beta1', 'v1alpha3'].map((version) => ({ group: 'networking.istio.io', version, kind: 'Gateway' })),
  );
});

test('a kind whose fields are not written down takes any', async () => {
  const { definitions } = await readDocument(await serveCluster());

  const definition = definitions['io.k8s.node.v1.RuntimeClass'];

  expect(definition).toEqual({
    'x-kubernetes-preserve-unknown-fields': true,
    'x-kubernetes-group-version-kind': [{ group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass' }],
  });
});

test('a patch declares dryRun and what it patches', async () => {
  const { paths } = await readDocument(await serveCluster());

  const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.patch;

  expect(patch).toMatchObject({
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' },
    responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/io.k8s.api.apps.v1.Deployment' } } },
  });
  expect(patch?.parameters).toContainEqual({ name: 'dryRun', in: 'query', type: 'string', uniqueItems: true });
});

test('the schema of a definition loses its type where values are of several, and comes and goes with it', async () => {
  const served = await serveCluster();
  const before = await readProtobuf(served);
  const created = await define(served, {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['colour'],
        properties: {
          colour: { type: 'string', description: 'Its colour.', enum: ['red', 'blue'], default: 'red' },
          port: { 'x-kubernetes-int-or-string': true },
          note: { type: 'string', nullable: true },
          open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
    },
  });
  const { definitions } = await readDocument(served);
  const during = await readProtobuf(served);
  await served.request('DELETE', `${DEFINITIONS}/toys.play.example.com`);
  const after = await readProtobuf(served);

  expect(created.status).toBe(201);
  expect(definitions['com.example.play.v1.Toy']?.properties.spec).toEqual({
    type: 'object',
    required: ['colour'],
    properties: {
      colour: { type: 'string', description: 'Its colour.', enum: ['red', 'blue'] },
      port: { 'x-kubernetes-int-or-string': true },
      note: {},
      open: { 'x-kubernetes-preserve-unknown-fields': true },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  });
  expect(before.bytes.includes('com.example.play.v1.Toy')).toBe(false);
  expect(during.bytes.includes('com.example.play.v1.Toy')).toBe(true);
  expect(after.bytes.equals(before.bytes)).toBe(true);
});

test('as protobuf it has the field numbers of gnostic', async () => {
  const served = await serveCluster();
  await define(served, {
    type: 'object',
    properties: { spec: { type: 'object', properties: { n: { type: 'number', minimum: -2.5, maxLength: 300 } } } },
  });

  const { contentType, bytes } = await readProtobuf(served);

  expect(contentType).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect(textAt(bytes, 1)).toBe('2.0');
  expect(textAt(bytes, 2, 1)).toBe('Kubernetes');
  const definitions = bytesAt(bytes, 9);
  const podSpec = entry(definitions, 1, 'io.k8s.api.core.v1.PodSpec');
  const containers = entry(bytesAt(podSpec, 25), 1, 'containers');
  expect(textAt(podSpec, 22, 1)).toBe('object');
  expect(textAt(containers, 22, 1)).toBe('array');
  expect(textAt(containers, 23, 1, 1)).toBe('#/definitions/io.k8s.api.core.v1.Container');
  expect(textAt(entry(containers, 31, 'x-kubernetes-patch-merge-key'), 2)).toBe('"name"\n');
  const toy = entry(definitions, 1, 'com.example.play.v1.Toy');
  const number = fieldsOf(entry(bytesAt(entry(bytesAt(toy, 25), 1, 'spec'), 25), 1, 'n'));
  expect(number.get(9)).toEqual([-2.5]);
  expect(number.get(11)).toEqual([300]);
  const patch = bytesAt(entry(bytesAt(bytes, 8), 2, '/api/v1/namespaces/{namespace}/pods/{name}'), 8);
  expect(textAt(patch, 8, 1, 2, 3, 4)).toBe('dryRun');
  expect(JSON.parse(textAt(entry(patch, 13, 'x-kubernetes-group-version-kind'), 2))).toEqual({
    group: '',
    version: 'v1',
    kind: 'Pod',
  });
});

test('what kubectl could not read of a schema is left out, and the rest is served', async () => {
  const served = await serveCluster();
  const created = await define(served, {
    type: 'object',
    properties: {
      described: { type: 'object', description: 5, title: {} },
      list: { type: 'array' },
      several: { type: ['string'] },
      nowhere: { type: 'object', allOf: [{ $ref: '#/components/schemas/nowhere' }], $ref: '#/definitions/nowhere' },
      ['__proto__']: { type: 'string' },
    },
  });

  const { definitions } = await readDocument(served);
  const { bytes } = await readProtobuf(served);

  expect(created.status).toBe(201);
  expect(definitions['com.example.play.v1.Toy']?.properties).toMatchObject({ list: {}, nowhere: { type: 'object' } });
  const properties = bytesAt(entry(bytesAt(bytes, 9), 1, 'com.example.play.v1.Toy'), 25);
  const numbersOf = (name: string) => [...fieldsOf(entry(properties, 1, name)).keys()];
  // 22 is the type; a description is 4, a title 3, a reference 1.
  expect(numbersOf('described')).toEqual([22]);
  expect(numbersOf('list')).toEqual([]);
  expect(numbersOf('several')).toEqual([]);
  expect(numbersOf('nowhere')).toEqual([22]);
  expect(numbersOf('__proto__')).toEqual([22]);
});
