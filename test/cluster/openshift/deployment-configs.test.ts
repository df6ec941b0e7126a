import { expect, test } from 'vitest';
import { startTestPlane, type TestPlane } from '../test-plane.ts';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

const DCS = 'deploymentconfigs.apps.openshift.io';

const config = (spec: Record<string, unknown> = {}, image = 'nginx:1.27') => ({
  apiVersion: 'apps.openshift.io/v1',
  kind: 'DeploymentConfig',
  metadata: { name: 'boards', namespace: 'default', labels: { app: 'boards' } },
  spec: {
    replicas: 2,
    selector: { deploymentconfig: 'boards' },
    template: {
      metadata: { labels: { app: 'boards', deploymentconfig: 'boards' } },
      spec: { containers: [{ name: 'main', image }] },
    },
    ...spec,
  },
});

interface Rc {
  metadata: { name: string; annotations: Record<string, string> };
  spec: { replicas: number };
}

const openshift = () => startTestPlane({ openshift: true });
const phases = (plane: TestPlane) =>
  (plane.store.list('replicationcontrollers', 'default') as unknown as Rc[]).map(
    ({ metadata, spec }) =>
      `${metadata.name} ${metadata.annotations['openshift.io/deployment.phase']} ${spec.replicas}`,
  );
const conditions = (plane: TestPlane) =>
  (plane.get(DCS, 'boards').status as { conditions: { type: string; status: string; reason?: string }[] }).conditions;

test('a deployment config rolls out at once into its first replication controller', async () => {
  const plane = await openshift();

  plane.apply(config());
  await plane.clock.run(500);

  expect(phases(plane)).toEqual(['boards-1 Complete 2']);
  expect(plane.get(DCS, 'boards').status).toMatchObject({
    latestVersion: 1,
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    readyReplicas: 2,
    unavailableReplicas: 0,
    details: { message: 'config change', causes: [{ type: 'ConfigChange' }] },
    conditions: [
      { type: 'Available', status: 'True', message: 'Deployment config has minimum availability.' },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicationControllerAvailable',
        message: 'replication controller "boards-1" successfully rolled out',
      },
    ],
  });
  const [pod] = plane.store.list('pods', 'default');
  expect(pod?.metadata.labels).toEqual({ app: 'boards', deployment: 'boards-1', deploymentconfig: 'boards' });
  expect(plane.events('boards')).toContain(
    'DeploymentCreated: Created new replication controller "boards-1" for version 1',
  );
});

test('a change of the template is the next version, and pods move as surge and unavailability allow', async () => {
  const plane = await openshift();
  plane.apply(config({ replicas: 4 }));
  await plane.clock.run(500);
  let most = 0;
  let fewest = 4;
  plane.store.watch(DCS, ({ object }) => {
    const pods = plane.store.list('pods', 'default').filter((one) => !one.metadata.deletionTimestamp);
    most = Math.max(most, pods.length);
    fewest = Math.min(fewest, (object.status as { availableReplicas: number }).availableReplicas);
  });

  plane.apply(config({ replicas: 4 }, 'nginx:1.28'));
  await plane.clock.run(60_000);

  expect(phases(plane)).toEqual(['boards-1 Complete 0', 'boards-2 Complete 4']);
  expect([most, fewest]).toEqual([5, 3]);
});

test('with Recreate nothing new starts before everything old is gone', async () => {
  const plane = await openshift();
  const recreate = { replicas: 2, strategy: { type: 'Recreate' } };
  plane.apply(config(recreate));
  await plane.clock.run(500);
  const together = new Set<string>();
  plane.store.watch('pods', () => {
    const live = plane.store.list('pods', 'default').filter((one) => !one.metadata.deletionTimestamp);
    together.add([...new Set(live.map(({ metadata }) => metadata.labels?.deployment))].join('+'));
  });

  plane.apply(config(recreate, 'nginx:1.28'));
  await plane.clock.run(60_000);

  expect(phases(plane)).toEqual(['boards-1 Complete 0', 'boards-2 Complete 2']);
  expect([...together]).not.toContain('boards-1+boards-2');
});

test('a rollout that does not get there fails after its time, and the version before keeps the pods', async () => {
  const plane = await openshift();
  plane.apply(config({ replicas: 2 }));
  await plane.clock.run(500);

  plane.apply(config({ replicas: 2 }, 'missing:1'));
  await plane.clock.run(599_000);
  const before = phases(plane);
  await plane.clock.run(5_000);

  expect(before).toEqual(['boards-1 Complete 2', 'boards-2 Running 1']);
  expect(phases(plane)).toEqual(['boards-1 Complete 2', 'boards-2 Failed 0']);
  expect(conditions(plane).at(-1)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
});

test('a newer version cancels the one under way', async () => {
  const plane = await openshift();
  plane.apply(config({}, 'missing:1'));
  await plane.clock.run(500);

  plane.apply(config({}, 'nginx:1.27'));
  await plane.clock.run(60_000);

  expect(phases(plane)).toEqual(['boards-1 Failed 0', 'boards-2 Complete 2']);
  expect(plane.events('boards')).toContain(
    'DeploymentCancelled: Cancelled deployment "boards-1" superceded by version 2',
  );
});

test('without triggers nothing rolls out, and with an image trigger it waits for one', async () => {
  const plane = await openshift();

  plane.apply(config({ triggers: [] }));
  await plane.clock.run(500);
  const none = phases(plane);
  plane.apply(config({ triggers: [{ type: 'ConfigChange' }, { type: 'ImageChange', imageChangeParams: {} }] }));
  await plane.clock.run(500);

  expect([none, phases(plane)]).toEqual([[], []]);
  expect(plane.get(DCS, 'boards').status).toMatchObject({ latestVersion: 0 });
});

test('a change of size moves the pods of the version that is out, without a new one', async () => {
  const plane = await openshift();
  plane.apply(config());
  await plane.clock.run(500);

  plane.apply(config({ replicas: 3 }));
  await plane.clock.run(500);

  expect(phases(plane)).toEqual(['boards-1 Complete 3']);
});

test('old versions beyond the limit of the history go', async () => {
  const plane = await openshift();

  for (const minor of [20, 21, 22, 23]) {
    plane.apply(config({ revisionHistoryLimit: 1 }, `nginx:1.${minor}`));
    await plane.clock.run(60_000);
  }

  expect(phases(plane)).toEqual(['boards-3 Complete 0', 'boards-4 Complete 2']);
});

test('whose labels its selector misses is refused', async () => {
  const plane = await openshift();

  expect(() => plane.apply(config({ selector: { app: 'shop' } }))).toThrow(
    /spec.template.metadata.labels: Invalid value: .*`selector` does not match template `labels`/,
  );
});

test('a request to instantiate is the next version, and its table has the columns of OpenShift', async () => {
  const served = await serveCluster({ openshift: true, mesh: false });
  const path = '/apis/apps.openshift.io/v1/namespaces/default/deploymentconfigs';
  await served.request('POST', path, config({ replicas: 1 }));
  const complete = async (version: number) =>
    JSON.stringify(
      (await served.request('GET', `/api/v1/namespaces/default/replicationcontrollers/boards-${version}`)).json,
    ).includes('"openshift.io/deployment.phase":"Complete"');
  await expect.poll(() => complete(1)).toBe(true);

  const made = await served.request('POST', `${path}/boards/instantiate`, {
    apiVersion: 'apps.openshift.io/v1',
    kind: 'DeploymentRequest',
    name: 'boards',
    latest: true,
    force: true,
  });
  await expect.poll(() => complete(2)).toBe(true);

  expect([made.status, made.json.kind]).toEqual([201, 'DeploymentConfig']);
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
  const { json } = await served.request('GET', path, undefined, table);
  const { columnDefinitions, rows } = json as unknown as {
    columnDefinitions: { name: string }[];
    rows: { cells: unknown[] }[];
  };
  expect(columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Revision', 'Desired', 'Current', 'Triggered By']);
  expect(rows[0]?.cells).toEqual(['boards', 2, '1', 1, 'config']);
});

test('who is a member of no project sees none, and the owner of one sees that', async () => {
  const served = await serveCluster({ openshift: true, mesh: false });
  const as = (user: string) => ({ 'impersonate-user': user, 'impersonate-group': 'system:authenticated:oauth' });
  const projects = '/apis/project.openshift.io/v1/projects';
  const namesFor = async (user: string) =>
    (
      (await served.request('GET', projects, undefined, as(user))).json as unknown as {
        items: { metadata: { name: string } }[];
      }
    ).items.map(({ metadata }) => metadata.name);

  const before = await namesFor('ann');
  await served.request(
    'POST',
    '/apis/project.openshift.io/v1/projectrequests',
    { apiVersion: 'project.openshift.io/v1', kind: 'ProjectRequest', metadata: { name: 'shop' } },
    as('ann'),
  );

  expect(before).toEqual([]);
  expect(await namesFor('ann')).toEqual(['shop']);
  expect(await namesFor('ben')).toEqual([]);
  expect((await served.request('GET', `${projects}/shop`, undefined, as('ann'))).status).toBe(200);
  expect((await served.request('GET', `${projects}/shop`, undefined, as('ben'))).status).toBe(403);
  const dcs = '/apis/apps.openshift.io/v1/namespaces/shop/deploymentconfigs';
  expect((await served.request('GET', dcs, undefined, as('ann'))).status).toBe(200);
});

test.skipIf(!hasKubectl())('kubectl scales a deployment config', async () => {
  const { url, cluster } = await serveCluster({ openshift: true, mesh: false });
  const kubectl = createKubectl(url);
  cluster.apply([config({ replicas: 1 })]);

  const scaled = await kubectl(['scale', 'dc/boards', '--replicas=3']);
  const waited = await kubectl(['wait', 'dc/boards', '--for=jsonpath={.status.availableReplicas}=3', '--timeout=60s']);

  expect(scaled.stdout).toBe('deploymentconfig.apps.openshift.io/boards scaled\n');
  expect(waited.stdout).toBe('deploymentconfig.apps.openshift.io/boards condition met\n');
});
