import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const deployment = (name: string, extra: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:1' },
        ],
      },
    },
    ...extra,
  },
});

test('an object is created, read, replaced and deleted', async () => {
  const { request } = await serveCluster();

  const created = await request('POST', CONFIG_MAPS, configMap('a', { k: '1' }));
  const read = await request('GET', `${CONFIG_MAPS}/a`);
  const replaced = await request('PUT', `${CONFIG_MAPS}/a`, { ...read.json, data: { k: '2' } });
  const deleted = await request('DELETE', `${CONFIG_MAPS}/a`);
  const gone = await request('GET', `${CONFIG_MAPS}/a`);

  expect([created.status, read.status, replaced.status, deleted.status, gone.status]).toEqual([
    201, 200, 200, 200, 404,
  ]);
  expect(read.json.data).toEqual({ k: '1' });
  expect(read.json.metadata).toMatchObject({
    namespace: 'default',
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  });
  expect(Number(replaced.json.metadata.resourceVersion)).toBeGreaterThan(Number(created.json.metadata.resourceVersion));
  expect(deleted.json).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } });
  expect(gone.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'configmaps "a" not found',
    reason: 'NotFound',
    details: { name: 'a', kind: 'configmaps' },
    code: 404,
  });
});

test('an update from an old resourceVersion is a conflict', async () => {
  const { request } = await serveCluster();
  const { json: first } = await request('POST', CONFIG_MAPS, configMap('a'));
  await request('PUT', `${CONFIG_MAPS}/a`, { ...first, data: { k: '1' } });

  const second = await request('PUT', `${CONFIG_MAPS}/a`, { ...first, data: { k: '2' } });

  expect(second.status).toBe(409);
  expect(second.json.message).toBe(
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  );
});

test('a dry run checks and changes nothing', async () => {
  const { request } = await serveCluster();

  const good = await request('POST', `${CONFIG_MAPS}?dryRun=All`, configMap('a'));
  const bad = await request('POST', `${CONFIG_MAPS}?dryRun=All`, configMap('A_b'));
  const read = await request('GET', `${CONFIG_MAPS}/a`);

  expect([good.status, bad.status, read.status]).toEqual([201, 422, 404]);
});

test.each([
  [
    'a missing namespace',
    '/api/v1/namespaces/nowhere/configmaps',
    configMap('a'),
    404,
    'namespaces "nowhere" not found',
  ],
  [
    'an unknown field under strict validation',
    `${DEPLOYMENTS}?fieldValidation=Strict`,
    deployment('web', { relpicas: 1 }),
    400,
    'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.relpicas"',
  ],
  [
    'a value of the wrong type',
    DEPLOYMENTS,
    deployment('web', { replicas: 'two' }),
    400,
    'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'labels that the selector does not match',
    DEPLOYMENTS,
    deployment('web', { selector: { matchLabels: { app: 'other' } } }),
    422,
    'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'base64 that is none',
    '/api/v1/namespaces/default/secrets',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'no!' } },
    400,
    'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 2',
  ],
  [
    'a mode that PeerAuthentication does not have',
    '/apis/security.istio.io/v1/namespaces/default/peerauthentications',
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'default' },
      spec: { mtls: { mode: 'STRCT' } },
    },
    422,
    'PeerAuthentication.security.istio.io "default" is invalid: [spec.mtls.mode: Unsupported value: "STRCT": supported values: "UNSET", "DISABLE", "PERMISSIVE", "STRICT", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  ],
])('%s is refused in upstream words', async (_, path, body, status, message) => {
  const { request } = await serveCluster();

  const answer = await request('POST', path, body);

  expect(answer.json.message).toBe(message);
  expect(answer.status).toBe(status);
});

test('unknown fields are dropped with a warning unless the client wants them refused', async () => {
  const { request } = await serveCluster();

  const answer = await request('POST', DEPLOYMENTS, deployment('web', { relpicas: 1 }));

  expect(answer.status).toBe(201);
  expect(answer.headers.get('warning')).toBe('299 - "unknown field \\"spec.relpicas\\""');
  expect(answer.json.spec).not.toHaveProperty('relpicas');
});

test('a list comes as a Table with the columns of kubectl', async () => {
  const { request } = await serveCluster();
  await request('POST', DEPLOYMENTS, deployment('web', { replicas: 2 }));

  const { json } = await request('GET', DEPLOYMENTS, undefined, TABLE);

  const columns = json.columnDefinitions as { name: string; priority: number }[];
  expect(columns.map(({ name, priority }) => `${name}${priority ? ' wide' : ''}`)).toEqual([
    'Name',
    'Ready',
    'Up-to-date',
    'Available',
    'Age',
    'Containers wide',
    'Images wide',
    'Selector wide',
  ]);
  expect(json.rows).toMatchObject([
    {
      cells: [
        'web',
        expect.stringMatching(/^\d\/2$/),
        expect.any(String),
        '0',
        expect.stringMatching(/^\d+s$/),
        'a,b',
        'a:1,b:1',
        'app=web',
      ],
      object: { kind: 'PartialObjectMetadata', metadata: { name: 'web' } },
    },
  ]);
});

test('a long list comes in pages', async () => {
  const { request } = await serveCluster();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await request('POST', CONFIG_MAPS, configMap(name));
  const names = (json: Record<string, unknown>) =>
    (json.items as { metadata: { name: string } }[]).map((item) => item.metadata.name);

  const first = await request('GET', `${CONFIG_MAPS}?limit=3`);
  const second = await request('GET', `${CONFIG_MAPS}?limit=30&continue=${String(first.json.metadata.continue)}`);

  expect(first.json.metadata.remainingItemCount).toBeGreaterThanOrEqual(2);
  expect([...names(first.json), ...names(second.json)].filter((name) => name.length === 1)).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
  expect(second.json.metadata).not.toHaveProperty('continue');
});

test('labels and fields select', async () => {
  const { request } = await serveCluster();
  for (const [name, tier] of [
    ['a', 'x'],
    ['b', 'y'],
    ['c', 'z'],
  ] as const) {
    await request('POST', CONFIG_MAPS, { ...configMap(name), metadata: { name, labels: { tier } } });
  }
  const names = async (query: string) =>
    ((await request('GET', `${CONFIG_MAPS}?${query}`)).json.items as { metadata: { name: string } }[]).map(
      (item) => item.metadata.name,
    );

  expect(await names('labelSelector=tier in (x,y)')).toEqual(['a', 'b']);
  expect(await names('labelSelector=tier,tier!=x')).toEqual(['b', 'c']);
  expect(await names('fieldSelector=metadata.name=b')).toEqual(['b']);
  expect((await request('GET', `${CONFIG_MAPS}?labelSelector=tier=x=y`)).json.message).toBe(
    "found '=', expected: ',' or 'end of string'",
  );
  expect((await request('GET', `${CONFIG_MAPS}?fieldSelector=data.k=1`)).json.message).toBe(
    'field label not supported: data.k',
  );
});

test('strategic merge patches merge containers by name and obey directives', async () => {
  const { request } = await serveCluster();
  await request('POST', DEPLOYMENTS, deployment('web'));
  const patch = {
    spec: {
      template: {
        spec: {
          $setElementOrder: undefined,
          containers: [
            { name: 'b', image: 'b:2' },
            { name: 'a', $patch: 'delete' },
            { name: 'c', image: 'c:1' },
          ],
        },
      },
    },
  };

  const { json, status } = await request('PATCH', `${DEPLOYMENTS}/web`, patch, {
    'content-type': 'application/strategic-merge-patch+json',
  });

  expect(status).toBe(200);
  const spec = json.spec as { template: { spec: { containers: { name: string; image: string }[] } } };
  expect(spec.template.spec.containers.map(({ name, image }) => `${name} ${image}`)).toEqual(['b b:2', 'c c:1']);
});

test('custom resources refuse strategic merge patches', async () => {
  const { request } = await serveCluster();
  const path = '/apis/security.istio.io/v1/namespaces/default/peerauthentications';
  await request('POST', path, {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default' },
    spec: {},
  });

  const refused = await request(
    'PATCH',
    `${path}/default`,
    {},
    { 'content-type': 'application/strategic-merge-patch+json' },
  );
  const merged = await request(
    'PATCH',
    `${path}/default`,
    { spec: { mtls: { mode: 'STRICT' } } },
    { 'content-type': 'application/merge-patch+json' },
  );

  expect(refused.status).toBe(415);
  expect(merged.json.spec).toEqual({ mtls: { mode: 'STRICT' } });
});

test('an object is the same under all versions of its API', async () => {
  const { request } = await serveCluster();
  await request('POST', '/apis/networking.istio.io/v1beta1/namespaces/default/destinationrules', {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'DestinationRule',
    metadata: { name: 'web' },
    spec: { host: 'web' },
  });

  const { json } = await request('GET', '/apis/networking.istio.io/v1alpha3/namespaces/default/destinationrules/web');

  expect(json).toMatchObject({ apiVersion: 'networking.istio.io/v1alpha3', spec: { host: 'web' } });
});

test('server-side apply creates, merges, and reports conflicts with their owner', async () => {
  const { request } = await serveCluster();
  const apply = (manager: string, data: Record<string, string>, force = false) =>
    request(
      'PATCH',
      `${CONFIG_MAPS}/shared?fieldManager=${manager}&force=${force}`,
      JSON.stringify(configMap('shared', data)),
      {
        'content-type': 'application/apply-patch+yaml',
      },
    );

  const created = await apply('one', { owner: 'one', level: '1', extra: 'x' });
  const refused = await apply('two', { owner: 'two', level: '1' });
  const forced = await apply('two', { owner: 'two', level: '1' }, true);
  const dropped = await apply('one', { level: '1' });

  expect([created.status, refused.status, forced.status, dropped.status]).toEqual([201, 409, 200, 200]);
  expect(refused.json.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.owner');
  expect(forced.json.data).toEqual({ owner: 'two', level: '1', extra: 'x' });
  expect(dropped.json.data).toEqual({ owner: 'two', level: '1' });
});

test('the scale subresource reads and writes replicas', async () => {
  const { request } = await serveCluster();
  await request('POST', DEPLOYMENTS, deployment('web'));

  const patched = await request(
    'PATCH',
    `${DEPLOYMENTS}/web/scale`,
    { spec: { replicas: 3 } },
    { 'content-type': 'application/merge-patch+json' },
  );
  const { json } = await request('GET', `${DEPLOYMENTS}/web`);

  expect(patched.json).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 3 },
    status: { selector: 'app=web' },
  });
  expect(json.spec).toMatchObject({ replicas: 3 });
});

test('the status is written apart from everything else', async () => {
  const { request } = await serveCluster();
  const path = '/api/v1/namespaces/default/persistentvolumeclaims';
  await request('POST', path, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'p' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const merge = { 'content-type': 'application/merge-patch+json' };

  const ordinary = await request('PATCH', `${path}/p`, { status: { phase: 'Lost' } }, merge);
  const status = await request(
    'PATCH',
    `${path}/p/status`,
    { status: { phase: 'Bound' }, metadata: { labels: { a: 'b' } } },
    merge,
  );

  expect(ordinary.json.status).toEqual({ phase: 'Pending' });
  expect(status.json.status).toEqual({ phase: 'Bound' });
  expect(status.json.metadata).not.toHaveProperty('labels');
});

test('a collection is deleted by selector', async () => {
  const { request } = await serveCluster();
  for (const name of ['a', 'b'])
    await request('POST', CONFIG_MAPS, { ...configMap(name), metadata: { name, labels: { name } } });

  await request('DELETE', `${CONFIG_MAPS}?labelSelector=name=a`);

  expect((await request('GET', `${CONFIG_MAPS}/a`)).status).toBe(404);
  expect((await request('GET', `${CONFIG_MAPS}/b`)).status).toBe(200);
});

test('YAML and Kubernetes protobuf bodies are read as JSON is', async () => {
  const { request } = await serveCluster();
  const text = (field: number, value: string) => [(field << 3) | 2, value.length, ...Buffer.from(value)];
  const message = (field: number, bytes: number[]) => [(field << 3) | 2, bytes.length, ...bytes];
  const metadata = message(1, text(1, 'proto'));
  const data = message(2, [...text(1, 'k'), ...text(2, 'v')]);
  const unknown = [...message(1, [...text(1, 'v1'), ...text(2, 'ConfigMap')]), ...message(2, [...metadata, ...data])];
  const body = Uint8Array.from([0x6b, 0x38, 0x73, 0, ...unknown]);

  const protobuf = await request('POST', CONFIG_MAPS, body, { 'content-type': 'application/vnd.kubernetes.protobuf' });
  const yaml = await request(
    'POST',
    CONFIG_MAPS,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {k: v}\n',
    { 'content-type': 'application/yaml' },
  );

  expect(protobuf.json).toMatchObject({ metadata: { name: 'proto' }, data: { k: 'v' } });
  expect(yaml.json).toMatchObject({ metadata: { name: 'y' }, data: { k: 'v' } });
});

test('both forms of discovery name the same resources', async () => {
  const { request } = await serveCluster();
  const classic = await request('GET', '/apis/apps/v1');
  const aggregated = await request('GET', '/apis', undefined, {
    accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
  });

  const names = (classic.json.resources as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !name.includes('/'));
  const groups = aggregated.json.items as {
    metadata: { name: string };
    versions: { resources: { resource: string }[] }[];
  }[];
  const apps = groups
    .find((group) => group.metadata.name === 'apps')
    ?.versions[0]?.resources.map(({ resource }) => resource);
  expect(aggregated.headers.get('content-type')).toBe(
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  expect(names).toContain('deployments');
  expect(apps).toEqual(names);
});

test.each([
  ['broken JSON', 'POST', CONFIG_MAPS, '{"a":', 400],
  ['text', 'POST', CONFIG_MAPS, 'hello', 400],
  ['a list', 'POST', CONFIG_MAPS, '[]', 400],
  ['a body of 4 MiB', 'POST', CONFIG_MAPS, `"${'x'.repeat(4 * 1024 * 1024)}"`, 413],
  ['a bad escape in the path', 'GET', '/api/v1/namespaces/%zz/pods', undefined, 400],
  ['an unknown kind', 'GET', '/apis/apps/v1/namespaces/default/widgets', undefined, 404],
  ['an unknown path', 'GET', '/nosuch', undefined, 404],
  ['a name with a slash in it', 'GET', '/api/v1/namespaces/default/pods/a%2Fb', undefined, 404],
  ['metadata that is a number', 'POST', CONFIG_MAPS, '{"metadata":7}', 400],
  ['__proto__ as a key', 'POST', CONFIG_MAPS, '{"metadata":{"name":"p"},"data":{"__proto__":"x"}}', 201],
  ['a strange method', 'POST', `${CONFIG_MAPS}/a`, '{}', 405],
  ['a negative page', 'GET', `${CONFIG_MAPS}?limit=abc`, undefined, 400],
  ['a forged continue token', 'GET', `${CONFIG_MAPS}?continue=zzz`, undefined, 400],
])('%s gets a proper answer and the server goes on', async (_, method, path, body, status) => {
  const { request } = await serveCluster();

  const answer = await request(method, path, body).catch(() => ({ status: 413 }));

  expect(answer.status).toBe(status);
  expect((await request('GET', '/readyz')).text).toBe('ok');
});

test('deeply nested bodies are refused', async () => {
  const { request } = await serveCluster();
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;

  const pod = await request('POST', '/api/v1/namespaces/default/pods', `{"metadata":{"name":"x"},"spec":${deep}}`);
  const custom = await request(
    'POST',
    '/apis/telemetry.istio.io/v1/namespaces/default/telemetries',
    `{"metadata":{"name":"x"},"spec":{"tracing":[${deep}]}}`,
  );

  expect(pod.status).toBe(400);
  expect(custom.status).toBe(400);
  const yaml = await request('POST', CONFIG_MAPS, `a:\n  ${'- '.repeat(50_000)}x`, {
    'content-type': 'application/yaml',
  });
  expect(yaml.status).toBe(400);
  expect((await request('GET', '/readyz')).text).toBe('ok');
});
