import { expect, test } from 'vitest';
import { createKubectl, hasKubectl, serveCluster, type ServedCluster } from '../serve-cluster.ts';

const PROJECTS = '/apis/project.openshift.io/v1/projects';
const REQUESTS = '/apis/project.openshift.io/v1/projectrequests';
const ROUTES = '/apis/route.openshift.io/v1/namespaces/default/routes';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const openshift = () => serveCluster({ openshift: true, mesh: false });

const request = (name: string, more: Record<string, unknown> = {}) => ({
  apiVersion: 'project.openshift.io/v1',
  kind: 'ProjectRequest',
  metadata: { name },
  ...more,
});

const route = (name: string, spec: Record<string, unknown> = {}) => ({
  apiVersion: 'route.openshift.io/v1',
  kind: 'Route',
  metadata: { name },
  spec: { to: { kind: 'Service', name: 'web' }, ...spec },
});

async function rowsOf(served: ServedCluster, path: string): Promise<string[]> {
  const { json } = await served.request('GET', path, undefined, TABLE);
  const { columnDefinitions, rows } = json as unknown as {
    columnDefinitions: { name: string }[];
    rows: { cells: unknown[] }[];
  };
  return [columnDefinitions.map(({ name }) => name), ...rows.map(({ cells }) => cells)].map((cells) => cells.join('|'));
}

/** A GET again and again until the answer is as wanted. */
async function answerOf(served: ServedCluster, path: string, accept: (text: string) => boolean): Promise<string> {
  return expect
    .poll(async () => (await served.request('GET', path)).text)
    .toSatisfy(accept)
    .then(async () => (await served.request('GET', path)).text);
}

test('without OpenShift switched on its groups are not served', async () => {
  const served = await serveCluster({ mesh: false });

  const answers = await Promise.all([PROJECTS, ROUTES].map((path) => served.request('GET', path)));

  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
});

test('each namespace is a project, with its columns', async () => {
  const served = await openshift();

  expect(await rowsOf(served, PROJECTS)).toEqual([
    'Name|Display Name|Status',
    'default||Active',
    'kube-node-lease||Active',
    'kube-public||Active',
    'kube-system||Active',
  ]);
});

test('a project request makes a namespace that remembers who asked', async () => {
  const served = await openshift();

  const made = await served.request(
    'POST',
    REQUESTS,
    request('shop', { displayName: 'The shop', description: 'Fruit' }),
  );
  const namespace = await served.request('GET', '/api/v1/namespaces/shop');
  const again = await served.request('POST', REQUESTS, request('shop'));

  const annotations = {
    'openshift.io/description': 'Fruit',
    'openshift.io/display-name': 'The shop',
    'openshift.io/requester': 'kube:admin',
  };
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    kind: 'Project',
    metadata: { name: 'shop', annotations },
    status: { phase: 'Active' },
  });
  expect(namespace.json.metadata).toMatchObject({ annotations, uid: made.json.metadata.uid });
  expect(again.json).toMatchObject({
    code: 409,
    message: 'project.project.openshift.io "shop" already exists',
  });
  expect(await rowsOf(served, PROJECTS)).toContain('shop|The shop|Active');
});

test('who requests a project is its administrator, and of nothing else', async () => {
  const served = await openshift();
  const ann = { 'impersonate-user': 'ann', 'impersonate-group': 'system:authenticated:oauth' };

  const made = await served.request('POST', REQUESTS, request('shop'), ann);
  const own = await served.request('GET', '/api/v1/namespaces/shop/pods', undefined, ann);
  const other = await served.request('GET', '/api/v1/namespaces/default/pods', undefined, ann);

  expect([made.status, own.status, other.status]).toEqual([201, 200, 403]);
});

test('who asks whether a project may be requested is told yes', async () => {
  const served = await openshift();

  expect((await served.request('GET', REQUESTS)).json).toMatchObject({ kind: 'Status', status: 'Success' });
});

test('a project that is deleted takes its namespace along', async () => {
  const served = await openshift();
  await served.request('POST', REQUESTS, request('shop'));

  const deleted = await served.request('DELETE', `${PROJECTS}/shop`);
  await answerOf(served, `${PROJECTS}/shop`, (text) => text.includes('not found'));

  expect(deleted.json).toMatchObject({ metadata: { name: 'shop' }, status: { phase: 'Terminating' } });
  expect((await served.request('GET', '/api/v1/namespaces/shop')).status).toBe(404);
});

test('a label on a project is one on its namespace, and the other way round', async () => {
  const served = await openshift();
  await served.request('POST', REQUESTS, request('shop'));
  const merge = { 'content-type': 'application/merge-patch+json' };

  await served.request('PATCH', `${PROJECTS}/shop`, { metadata: { labels: { team: 'a' } } }, merge);
  await served.request('PATCH', '/api/v1/namespaces/shop', { metadata: { labels: { tier: 'b' } } }, merge);

  const labels = { team: 'a', tier: 'b', 'kubernetes.io/metadata.name': 'shop' };
  expect((await served.request('GET', '/api/v1/namespaces/shop')).json.metadata.labels).toEqual(labels);
  expect((await served.request('GET', `${PROJECTS}/shop`)).json.metadata.labels).toEqual(labels);
});

test('the namespace that everything needs cannot be deleted as a project either', async () => {
  const served = await openshift();

  const refused = await served.request('DELETE', `${PROJECTS}/default`);

  expect(refused.json).toMatchObject({
    code: 403,
    message: 'projects.project.openshift.io "default" is forbidden: this namespace may not be deleted',
  });
});

test('a route without a host is given one and admitted', async () => {
  const served = await openshift();

  const created = await served.request('POST', ROUTES, route('web', { port: { targetPort: 8080 } }));
  const admitted = await answerOf(served, `${ROUTES}/web`, (text) => text.includes('Admitted'));

  expect(created.json).toMatchObject({
    metadata: { annotations: { 'openshift.io/host.generated': 'true' } },
    spec: {
      host: 'web-default.apps-crc.testing',
      to: { kind: 'Service', name: 'web', weight: 100 },
      wildcardPolicy: 'None',
    },
  });
  expect(JSON.parse(admitted)).toMatchObject({
    status: {
      ingress: [
        {
          host: 'web-default.apps-crc.testing',
          routerCanonicalHostname: 'router-default.apps-crc.testing',
          routerName: 'default',
          conditions: [{ type: 'Admitted', status: 'True' }],
        },
      ],
    },
  });
});

test('routes are shown with host, services in shares, port and termination', async () => {
  const served = await openshift();
  await served.request('POST', ROUTES, route('plain'));
  await served.request(
    'POST',
    ROUTES,
    route('split', {
      host: 'shop.example.com',
      path: '/cart',
      to: { kind: 'Service', name: 'a', weight: 60 },
      alternateBackends: [{ kind: 'Service', name: 'b', weight: 20 }],
      port: { targetPort: 'http' },
      tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' },
    }),
  );
  await answerOf(served, ROUTES, (text) => text.split('"Admitted"').length === 3);

  expect(await rowsOf(served, ROUTES)).toEqual([
    'Name|Host/Port|Path|Services|Port|Termination|Wildcard',
    'plain|plain-default.apps-crc.testing||web|<all>||None',
    'split|shop.example.com|/cart|a(75%),b(25%)|http|edge/Redirect|None',
  ]);
});

test('a host that another route has is refused until that route goes', async () => {
  const served = await openshift();
  await served.request('POST', ROUTES, route('first', { host: 'shop.example.com' }));
  await answerOf(served, `${ROUTES}/first`, (text) => text.includes('Admitted'));
  // Creation counts in whole seconds: the second one must be younger.
  const late = { ...route('second', { host: 'shop.example.com' }) };
  await expect
    .poll(() => Math.floor(Date.now() / 1000))
    .toBeGreaterThan(
      Math.floor(
        Date.parse(String((await served.request('GET', `${ROUTES}/first`)).json.metadata.creationTimestamp)) / 1000,
      ),
    );
  await served.request('POST', ROUTES, late);
  await answerOf(served, `${ROUTES}/second`, (text) => text.includes('HostAlreadyClaimed'));
  const refused = await rowsOf(served, ROUTES);

  await served.request('DELETE', `${ROUTES}/first`);
  await answerOf(served, `${ROUTES}/second`, (text) => !text.includes('HostAlreadyClaimed'));

  expect(refused.at(-1)).toBe('second|HostAlreadyClaimed||web|<all>||None');
  expect((await rowsOf(served, ROUTES)).at(-1)).toBe('second|shop.example.com||web|<all>||None');
});

test.each([
  [{ to: { kind: 'Service' } }, 'spec.to.name: Required value'],
  [{ to: { kind: 'Pod', name: 'web' } }, 'spec.to.kind: Invalid value: "Pod": must reference a Service'],
  [
    { host: 'NOT A HOST' },
    'spec.host: Invalid value: "NOT A HOST": host must conform to DNS 952 subdomain conventions',
  ],
  [{ path: 'cart' }, 'spec.path: Invalid value: "cart": path must begin with /'],
])('a route with %j is refused', async (spec, message) => {
  const served = await openshift();

  const refused = await served.request('POST', ROUTES, route('web', spec));

  expect(refused.status).toBe(422);
  expect(refused.json.message).toContain(message);
});

test('the current user is the administrator, or whom it impersonates', async () => {
  const served = await openshift();
  const path = '/apis/user.openshift.io/v1/users/~';

  const own = await served.request('GET', path);
  const other = await served.request('GET', path, undefined, { 'impersonate-user': 'ann' });
  const review = await served.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });

  expect(own.json).toMatchObject({
    kind: 'User',
    metadata: { name: 'kube:admin' },
    groups: ['system:authenticated', 'system:cluster-admins'],
  });
  expect(other.json).toMatchObject({ metadata: { name: 'ann' }, groups: ['system:authenticated'] });
  expect(review.json.status).toMatchObject({ userInfo: { username: 'kube:admin' } });
});

test('the administrator of OpenShift 3 goes by another name', async () => {
  const served = await serveCluster({ openshift: true, istio: '1.0' });

  const user = await served.request('GET', '/apis/user.openshift.io/v1/users/~');

  expect(user.json).toMatchObject({ metadata: { name: 'system:admin' } });
});

test.skipIf(!hasKubectl())('kubectl finds and explains the kinds', async () => {
  const { url } = await openshift();
  const kubectl = createKubectl(url);

  const resources = await kubectl(['api-resources', '--api-group=route.openshift.io', '--no-headers']);
  const explained = await kubectl(['explain', 'route.spec.tls']);
  const projects = await kubectl(['get', 'projects']);

  expect(resources.stdout).toMatch(/^routes +route.openshift.io\/v1 +true +Route/);
  expect(explained.stdout).toContain('termination');
  expect(projects.stdout).toMatch(/^NAME +DISPLAY NAME +STATUS\ndefault +Active/);
});
