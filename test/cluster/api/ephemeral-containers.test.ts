import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';

const PODS = '/api/v1/namespaces/default/pods';
const EPHEMERAL = `${PODS}/web/ephemeralcontainers`;
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const adding = (container: Record<string, unknown>) => ({ spec: { ephemeralContainers: [container] } });
const debugging = { name: 'debugger', image: 'busybox', command: ['sh', '-c', 'wget -qO- http://localhost:80'] };

interface Status {
  phase?: string;
  ephemeralContainerStatuses?: object[];
}

async function serveWeb() {
  const { request } = await serveCluster();
  await request('POST', PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'nginx', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' }] },
  });
  const status = async () => (await request('GET', `${PODS}/web`)).json.status as Status;
  await expect.poll(async () => (await status()).phase, { timeout: 20_000 }).toBe('Running');
  return { request, status };
}

test('a container that is added to a running pod runs in its network, has a log, and is not started again', async () => {
  const { request, status } = await serveWeb();

  const answer = await request('PATCH', EPHEMERAL, adding(debugging), STRATEGIC);
  const state = async () => (await status()).ephemeralContainerStatuses?.[0];
  await expect.poll(state, { timeout: 20_000 }).toMatchObject({ state: { terminated: { exitCode: 0 } } });
  const log = await request('GET', `${PODS}/web/log?container=debugger`);
  const pod = await request('GET', `${PODS}/web`);

  expect(answer.status).toBe(200);
  expect(answer.json.metadata.generation).toBe(2);
  expect(log.text).toContain('Welcome to nginx!');
  expect(await state()).toMatchObject({ name: 'debugger', ready: false, restartCount: 0 });
  expect(pod.json.status).toMatchObject({ phase: 'Running', containerStatuses: [{ name: 'nginx', restartCount: 0 }] });
});

test('what is in a pod already cannot be changed that way, and nothing is added by another way', async () => {
  const { request } = await serveWeb();
  const message = async (method: string, path: string, body: unknown) =>
    (await request(method, path, body, STRATEGIC)).json.message;

  await request('PATCH', EPHEMERAL, adding(debugging), STRATEGIC);

  expect(await message('PATCH', EPHEMERAL, adding({ name: 'debugger', image: 'alpine' }))).toContain(
    'existing ephemeral containers "debugger" may not be changed',
  );
  expect(await message('PATCH', EPHEMERAL, adding({ ...debugging, name: 'nginx' }))).toMatch(
    /Duplicate value: "nginx"/,
  );
  expect(await message('PATCH', EPHEMERAL, adding({ ...debugging, name: 'other', targetContainerName: 'no' }))).toMatch(
    /targetContainerName: Not found: "no"/,
  );
  expect(await message('PATCH', EPHEMERAL, adding({ ...debugging, name: 'b', ports: [{ containerPort: 1 }] }))).toMatch(
    /ports: Forbidden: cannot be set for an Ephemeral Container/,
  );
  expect(await message('PATCH', `${PODS}/web`, adding({ ...debugging, name: 'other' }))).toMatch(
    /pod updates may not change fields other than/,
  );
});
