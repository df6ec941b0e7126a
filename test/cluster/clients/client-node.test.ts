import { createHash, randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import {
  AppsV1Api,
  Attach,
  CoreV1Api,
  Exec,
  KubeConfig,
  Log,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  Watch,
  type V1Deployment,
  type V1Pod,
  type V1Status,
} from '@kubernetes/client-node';
import { expect, onTestFinished, test } from 'vitest';
import { deployment } from '../test-plane.ts';
import { serveCluster } from '../serve-cluster.ts';

async function connectClient() {
  const served = await serveCluster();
  const config = new KubeConfig();
  config.loadFromOptions({
    // It speaks plain HTTP only where certificates are not to be verified.
    clusters: [{ name: 'test', server: served.url, skipTLSVerify: true }],
    users: [{ name: 'test' }],
    contexts: [{ name: 'test', cluster: 'test', user: 'test' }],
    currentContext: 'test',
  });
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  return { ...served, config, core, apps };
}

type Client = Awaited<ReturnType<typeof connectClient>>;

function box(name: string, container: Record<string, unknown> = {}): V1Pod {
  return {
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], ...container }] },
  };
}

async function run({ core }: Client, pod: V1Pod): Promise<void> {
  await core.createNamespacedPod({ namespace: 'default', body: pod });
  const name = pod.metadata?.name ?? '';
  await expect
    .poll(async () => (await core.readNamespacedPod({ namespace: 'default', name })).status?.phase)
    .toBe('Running');
}

/** Keeps what is written to it. */
function sink(): { stream: Writable; bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}

test('objects are created, listed by label, patched and deleted', async () => {
  const { core, apps } = await connectClient();

  await apps.createNamespacedDeployment({ namespace: 'default', body: deployment('web') as V1Deployment });
  await expect
    .poll(async () => {
      const { status } = await apps.readNamespacedDeployment({ namespace: 'default', name: 'web' });
      return status?.readyReplicas;
    })
    .toBe(1);
  const patched = await apps.patchNamespacedDeployment(
    { namespace: 'default', name: 'web', body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] },
    setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
  );
  const merged = await apps.patchNamespacedDeployment(
    { namespace: 'default', name: 'web', body: { metadata: { labels: { team: 'a' } } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  );
  await expect
    .poll(async () => (await core.listNamespacedPod({ namespace: 'default', labelSelector: 'app=web' })).items.length)
    .toBe(2);
  await apps.deleteNamespacedDeployment({ namespace: 'default', name: 'web' });

  expect(patched.spec?.replicas).toBe(2);
  expect(merged.metadata?.labels).toEqual({ team: 'a' });
  await expect(apps.readNamespacedDeployment({ namespace: 'default', name: 'web' })).rejects.toMatchObject({
    code: 404,
  });
});

test('a watch tells what happens', async () => {
  const client = await connectClient();
  const seen: string[] = [];
  const watch = await new Watch(client.config).watch(
    '/api/v1/namespaces/default/configmaps',
    {},
    (type: string, object: { metadata: { name: string } }) => seen.push(`${type} ${object.metadata.name}`),
    () => seen.push('END'),
  );

  const body = { metadata: { name: 'one' } };
  await client.core.createNamespacedConfigMap({ namespace: 'default', body });
  await client.core.deleteNamespacedConfigMap({ namespace: 'default', name: 'one' });
  await expect.poll(() => seen.filter((one) => one.endsWith(' one'))).toEqual(['ADDED one', 'DELETED one']);
  watch.abort();

  await expect.poll(() => seen.at(-1)).toBe('END');
});

test('an informer knows what there is, and hears of changes', async () => {
  const { config, core } = await connectClient();
  const create = (name: string) =>
    core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name } } });
  await create('before');
  const informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', () =>
    core.listNamespacedConfigMap({ namespace: 'default' }),
  );
  const deleted: string[] = [];
  informer.on('delete', (object) => deleted.push(object.metadata?.name ?? ''));
  onTestFinished(() => informer.stop());
  const names = () => informer.list('default').map((object) => object.metadata?.name);

  await informer.start();
  expect(names()).toContain('before');
  await create('after');
  await expect.poll(names).toContain('after');
  await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'before' });

  await expect.poll(() => deleted).toEqual(['before']);
  expect(names()).not.toContain('before');
});

test('exec brings output, errors and the exit status, and takes input', async () => {
  const client = await connectClient();
  await run(client, box('box'));
  const [stdout, stderr] = [sink(), sink()];
  const command = ['sh', '-c', 'cat; echo problem >&2; exit 3'];
  const stdin = new PassThrough();

  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(client.config)
      .exec('default', 'box', 'main', command, stdout.stream, stderr.stream, stdin, false, resolve)
      .catch(reject);
    stdin.end('typed\n');
  });

  expect(stdout.bytes().toString()).toBe('typed\n');
  expect(stderr.bytes().toString()).toBe('problem\n');
  expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  expect(status.details?.causes).toEqual([{ reason: 'ExitCode', message: '3' }]);
});

test('attach joins the main process', async () => {
  const client = await connectClient();
  await run(client, box('talker', { command: ['sh'], stdin: true, tty: true }));
  const stdout = sink();
  const stdin = new PassThrough();

  await new Attach(client.config).attach('default', 'talker', 'main', stdout.stream, null, stdin, true);
  stdin.write('echo $((6*7))\r');
  await expect.poll(() => stdout.bytes().toString()).toContain('\r\n42\r\n');
  stdin.write('exit\r');

  await expect
    .poll(
      async () =>
        (await client.core.readNamespacedPod({ namespace: 'default', name: 'talker' })).status?.containerStatuses?.[0]
          ?.restartCount,
    )
    .toBe(1);
});

test('a log is followed to its end', async () => {
  const client = await connectClient();
  const command = ['sh', '-c', 'echo first; until [ -e /tmp/go ]; do sleep 0.1; done; echo last'];
  const pod = box('talk', { command });
  await run(client, { ...pod, spec: { ...pod.spec, restartPolicy: 'Never', containers: pod.spec?.containers ?? [] } });
  const log = sink();

  await new Log(client.config).log('default', 'talk', 'main', log.stream, { follow: true });
  await expect.poll(() => log.bytes().toString()).toBe('first\n');
  await new Exec(client.config).exec('default', 'talk', 'main', ['touch', '/tmp/go'], null, null, null, false);

  await expect.poll(() => log.bytes().toString()).toBe('first\nlast\n');
});

/** @returns the port of this machine that leads to the pod's */
async function forwardLocally({ config }: Client, pod: string, target: number): Promise<number> {
  const forwarder = new PortForward(config);
  const server = createServer((socket) => {
    forwarder
      .portForward('default', pod, [target], socket, null, socket)
      .catch((error: Error) => socket.destroy(error));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a forwarded port carries five megabytes each way, unchanged', async () => {
  const client = await connectClient();
  const script = 'nc -l -p 7000 | tee /tmp/blob | sha256sum; nc -l -p 7000 < /tmp/blob; sleep 3600';
  await run(client, box('keeper', { command: ['sh', '-c', script], stdin: true }));
  const port = await forwardLocally(client, 'keeper', 7000);
  const blob = randomBytes(5_000_000);
  const log = () => client.core.readNamespacedPodLog({ namespace: 'default', name: 'keeper' });

  connect(port, '127.0.0.1').end(blob);
  await expect.poll(log).toBe(`${createHash('sha256').update(blob).digest('hex')}  -\n`);
  const received = sink();
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pipe(received.stream);

  await expect.poll(() => received.bytes().length).toBe(blob.length);
  expect(received.bytes().equals(blob)).toBe(true);
});

test('a forwarded port answers HTTP', async () => {
  const client = await connectClient();
  await run(client, { metadata: { name: 'web' }, spec: { containers: [{ name: 'main', image: 'nginx' }] } });
  const port = await forwardLocally(client, 'web', 80);

  const status = await new Promise((resolve, reject) => {
    get({ port, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });

  expect(status).toBe(200);
});
