import { expect, test } from 'vitest';
import { serveCluster, type ServedCluster } from '../serve-cluster.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TOYS = '/apis/play.example.com/v1/namespaces/default/toys';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['colour'],
      properties: {
        colour: { type: 'string', enum: ['red', 'blue'] },
        count: { type: 'integer', minimum: 1, default: 1 },
        note: { type: 'string', pattern: '^[a-z]*$', maxLength: 5 },
        tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { count: { type: 'integer' } } },
  },
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'toys.play.example.com' },
  spec: {
    group: 'play.example.com',
    scope: 'Namespaced',
    names: { plural: 'toys', kind: 'Toy', shortNames: ['ty'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' } },
        additionalPrinterColumns: [{ name: 'Colour', type: 'string', jsonPath: '.spec.colour' }],
      },
    ],
  },
};
const toy = (name: string, spec: Record<string, unknown>) => ({
  apiVersion: 'play.example.com/v1',
  kind: 'Toy',
  metadata: { name },
  spec,
});

async function serveToys(): Promise<ServedCluster> {
  const served = await serveCluster();
  const { status } = await served.request('POST', DEFINITIONS, definition);
  expect(status).toBe(201);
  return served;
}

test('a definition is established, and its kind is discovered, stored and shown', async () => {
  const { request, cluster } = await serveToys();

  const crd = await request('GET', `${DEFINITIONS}/toys.play.example.com`);
  const resources = await request('GET', '/apis/play.example.com/v1');
  const created = await request('POST', TOYS, toy('one', { colour: 'red' }));
  const shown = await request('GET', TOYS, undefined, TABLE);

  expect(crd.json.status).toMatchObject({ conditions: [{ type: 'NamesAccepted' }, { type: 'Established' }] });
  expect(resources.json.resources).toMatchObject([{ name: 'toys' }, { name: 'toys/scale' }, { name: 'toys/status' }]);
  expect(created.json.spec).toEqual({ colour: 'red', count: 1 });
  expect(shown.json).toMatchObject({
    columnDefinitions: [{ name: 'Name' }, { name: 'Colour' }],
    rows: [{ cells: ['one', 'red'] }],
  });
  expect(cluster.findResource('ty')).toEqual({ resource: 'toys.play.example.com', kind: 'Toy', namespaced: true });
});

test.each([
  [
    'a value outside of an enum',
    { colour: 'pink' },
    'spec.colour: Unsupported value: "pink": supported values: "red", "blue"',
  ],
  ['a missing field', {}, 'spec.colour: Required value'],
  [
    'a number below the minimum',
    { colour: 'red', count: 0 },
    'spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1',
  ],
  [
    'a wrong type',
    { colour: 'red', count: 'x' },
    'spec.count: Invalid value: "string": spec.count in body must be of type integer: "string"',
  ],
  [
    'a text against the pattern',
    { colour: 'red', note: 'A' },
    `spec.note: Invalid value: "A": spec.note in body should match '^[a-z]*$'`,
  ],
  ['a long text', { colour: 'red', note: 'abcdef' }, 'spec.note: Too long: may not be more than 5 bytes'],
  ['a long list', { colour: 'red', tags: ['a', 'b', 'c'] }, 'spec.tags: Too many: 3: must have at most 2 items'],
])('%s is refused', async (_what, spec, message) => {
  const { request } = await serveToys();

  const refused = await request('POST', TOYS, toy('one', spec));

  expect([refused.status, refused.json.message]).toEqual([422, `Toy.play.example.com "one" is invalid: ${message}`]);
});

test('unknown fields are dropped with a warning, or refused where the client asks for it', async () => {
  const { request } = await serveToys();
  const odd = toy('one', { colour: 'red', color: 'blue' });

  const strict = await request('POST', `${TOYS}?fieldValidation=Strict`, odd);
  const warned = await request('POST', TOYS, odd);

  expect(strict.json.message).toBe(
    'Toy in version "v1" cannot be handled as a Toy: strict decoding error: unknown field "spec.color"',
  );
  expect(warned.headers.get('warning')).toBe('299 - "unknown field \\"spec.color\\""');
  expect(warned.json.spec).toEqual({ colour: 'red', count: 1 });
});

test('status and scale are subresources where the definition says so', async () => {
  const { request } = await serveToys();
  await request('POST', TOYS, toy('one', { colour: 'red' }));
  const merge = { 'content-type': 'application/merge-patch+json' };

  const status = await request(
    'PATCH',
    `${TOYS}/one/status`,
    { status: { count: 3 }, spec: { colour: 'blue' } },
    merge,
  );
  const scale = await request('PATCH', `${TOYS}/one/scale`, { spec: { replicas: 4 } }, merge);
  const read = await request('GET', `${TOYS}/one`);

  expect(status.json.status).toEqual({ count: 3 });
  expect(scale.json).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 3 } });
  expect(read.json.spec).toEqual({ colour: 'red', count: 4 });
});

test('with its definition a kind and its objects are gone', async () => {
  const { request, cluster } = await serveToys();
  await request('POST', TOYS, toy('one', { colour: 'red' }));

  await request('DELETE', `${DEFINITIONS}/toys.play.example.com`);
  const gone = await request('GET', TOYS);

  expect([gone.status, gone.text]).toEqual([404, '404 page not found\n']);
  expect(cluster.list('toys.play.example.com')).toEqual([]);
});

test('definitions of one cluster are not served by another', async () => {
  await serveToys();
  const { request } = await serveCluster();

  expect((await request('GET', TOYS)).status).toBe(404);
});

test.each([
  [
    'a pattern that is none',
    { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
    'properties[a].pattern: Invalid value: "("',
  ],
  ['a type that is none', { type: 'thing' }, 'openAPIV3Schema.type: Unsupported value: "thing"'],
  ['properties that are a text', { type: 'object', properties: 'x' }, 'openAPIV3Schema.properties: Invalid value: "x"'],
  ['an enum that is a number', { type: 'string', enum: 1 }, 'openAPIV3Schema.enum: Invalid value: 1'],
  ['a schema that is a list', { type: 'object', properties: { a: [] } }, 'properties[a]: Invalid value: []'],
])('a definition is refused for %s', async (_what, openAPIV3Schema, message) => {
  const { request } = await serveCluster();
  const [version] = definition.spec.versions;
  const spec = { ...definition.spec, versions: [{ ...version, schema: { openAPIV3Schema } }] };

  const refused = await request('POST', DEFINITIONS, { ...definition, spec });

  expect(refused.status).toBe(422);
  expect(refused.json.message).toContain(message);
});
