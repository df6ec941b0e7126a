import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExecError, type RunningProcess } from '../../../cluster/containers/runtime.ts';
import { createManualClock } from '../manual-clock.ts';
import { pollFor } from './poll-for.ts';
import { TestCluster, type TestPod } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(() => {
  cluster = new TestCluster();
});
afterAll(() => cluster.dispose());

const FOREVER = ['sleep', 'infinity'];

/** A process that is not waited for. */
function start(pod: TestPod, command: readonly string[], stdout: Writable): RunningProcess {
  const running = pod.containers.get('app');
  if (running === undefined) throw new Error('the pod has no container app');
  return running.exec(command, { stdin: null, stdout, stderr: new PassThrough().resume(), terminal: null });
}

describe('images', () => {
  test.each([
    'curlimages/curl',
    'docker.io/curlimages/curl:8.16.0',
    'governmentpaas/curl-ssl:latest',
    'radial/busyboxplus:curl',
    'docker.io/library/busybox:1.36',
    'busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'nginx:1.27-alpine',
    'microservicesdemomesh/frontend:v0.1.9',
    'docker.io/istio/proxyv2:1.27.0',
    'registry.k8s.io/pause:3.9',
    'hashicorp/http-echo:1.0',
  ])('has %s', (image) => {
    expect(cluster.runtime.hasImage(image)).toBe(true);
  });

  test.each(['nginxx', 'example.com/nginx', 'quay.io/nginx/nginx', ''])('has no "%s"', (image) => {
    expect(cluster.runtime.hasImage(image)).toBe(false);
  });
});

describe('the main process', () => {
  test('runs the image’s command and its log is kept by lines', async () => {
    const running = cluster.pod({ image: 'hello-world' }).containers.get('app');

    expect(await running?.exited).toBe(0);
    expect(running?.log.lines()[1]).toMatchObject({ stream: 'stdout', text: 'Hello from Docker!' });
  });

  test('gets args in place of the image’s command, after its entrypoint', async () => {
    const running = cluster.pod({ image: 'curlimages/curl', args: ['--version'] }).containers.get('app');

    expect(await running?.exited).toBe(0);
    expect(running?.log.lines()[0]?.text).toContain('curl 7.88.1');
  });

  test('ends with its exit status, and its streams stand in the log', async () => {
    const running = cluster
      .pod({ command: ['sh', '-c', 'echo out; echo err >&2; printf unfinished; exit 3'] })
      .containers.get('app');

    expect(await running?.exited).toBe(3);
    expect(running?.log.lines().map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'stdout out',
      'stderr err',
      'stdout unfinished',
    ]);
  });

  test('that is not there ends with 128', async () => {
    const running = cluster.pod({ command: ['nothing'] }).containers.get('app');

    expect(await running?.exited).toBe(128);
    expect(running?.log.lines()[0]?.text).toContain('exec: "nothing": executable file not found in $PATH');
  });

  test('without a handler for SIGTERM lives on until SIGKILL, as every init process', async () => {
    const clock = createManualClock();
    const timed = new TestCluster(clock);
    const running = timed.pod({ command: FOREVER }).containers.get('app');
    let ended = false;
    void running?.exited.then(() => {
      ended = true;
    });

    running?.stop(30_000);
    await clock.run(29_999);
    expect(ended).toBe(false);
    await clock.run(1);

    expect(await running?.exited).toBe(137);
    timed.dispose();
  });

  test('with a handler ends at once', async () => {
    const running = cluster.pod({ image: 'nginx' }).containers.get('app');
    await pollFor('port 80', () => running?.listensOn(80) === true);

    running?.stop(30_000);

    expect(await running?.exited).toBe(0);
    expect(running?.listensOn(80)).toBe(false);
  });

  test('with a trap runs it', async () => {
    const running = cluster
      .pod({ command: ['sh', '-c', 'trap "echo bye; exit 5" TERM; echo ready; sleep 1000 & wait'] })
      .containers.get('app');
    await new Promise<void>((resolve) => running?.log.follow(() => resolve()));

    running?.stop(30_000);

    expect(await running?.exited).toBe(5);
    expect(running?.log.lines().map(({ text }) => text)).toEqual(['ready', 'bye']);
  });

  test('takes the container’s other processes with it', async () => {
    const pod = cluster.pod({ command: ['sh', '-c', 'sleep 0.05'] });
    const other = pod.exec(FOREVER);

    expect((await other).status).toBe(137);
  });

  test('keeps the last 1 MiB of its log', async () => {
    const running = cluster
      .pod({ command: ['sh', '-c', 'yes 0123456789012345678901234567890123456789 | head -n 60000; echo last'] })
      .containers.get('app');
    await running?.exited;

    const lines = running?.log.lines() ?? [];
    const bytes = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
    expect(lines.at(-1)?.text).toBe('last');
    expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(bytes).toBeGreaterThan(1000 * 1024);
  });
});

describe('exec', () => {
  test('of a command that is not there is an error in the runtime’s words', () => {
    const running = cluster.pod({ command: FOREVER }).containers.get('app');
    const io = { stdin: null, stdout: process.stdout, stderr: process.stderr, terminal: null };

    expect(() => running?.exec(['foo'], io)).toThrow(
      new ExecError(
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "foo": executable file not found in $PATH: unknown',
        127,
      ),
    );
    expect(() => running?.exec(['/bin/foo'], io)).toThrow(
      /exec: "\/bin\/foo": stat \/bin\/foo: no such file or directory: unknown/,
    );
    expect(() => running?.exec(['/etc/passwd'], io)).toThrow(/exec: "\/etc\/passwd": permission denied: unknown/);
  });

  test('gives the exit status of the command', async () => {
    const pod = cluster.pod({ command: FOREVER });

    expect((await pod.sh('exit 42')).status).toBe(42);
  });

  test('reads standard input to its end', async () => {
    const pod = cluster.pod({ command: FOREVER });

    expect(await pod.exec(['cat'], { stdin: 'a\nb\n' })).toEqual({ stdout: 'a\nb\n', stderr: '', status: 0 });
    expect(await pod.exec(['sh'], { stdin: 'x=1\necho $x\nif true; then\necho two\nfi\nexit 4\n' })).toEqual({
      stdout: '1\ntwo\n',
      stderr: '',
      status: 4,
    });
  });

  test('of a filter that runs out of memory shows what came before', async () => {
    const pod = cluster.pod({ command: FOREVER });

    expect(await pod.sh('{ echo match; cat /dev/zero; } | grep match')).toEqual({
      stdout: 'match\n',
      stderr: 'grep: out of memory\n',
      status: 2,
    });
  });

  test('in an image without a shell finds none', () => {
    const running = cluster.pod({ image: 'hashicorp/http-echo' }).containers.get('app');
    const io = { stdin: null, stdout: process.stdout, stderr: process.stderr, terminal: null };

    expect(() => running?.exec(['sh'], io)).toThrow(ExecError);
  });

  test('carries 5 MB through a pipe whole', async () => {
    const pod = cluster.pod({ command: FOREVER });
    const input = 'x'.repeat(5_000_000);

    const { stdout } = await pod.exec(['sh', '-c', 'cat | cat'], { stdin: input });

    expect(stdout.length).toBe(input.length);
  });
});

describe('an endless loop', () => {
  test.each([
    'while true; do :; done',
    'while :; do echo x; done >/dev/null',
    'f() { f; }; f',
    'yes >/dev/null',
    'i=0; while [ $i -ge 0 ]; do i=$((i+1)); done',
    'cat /dev/zero | cat /dev/zero; yes | tail -n 1',
  ])('lets everybody else go on: %s', async (script) => {
    const [busy, neighbour] = [cluster.pod({ command: FOREVER }), cluster.pod({ command: FOREVER })];
    const loop = start(busy, ['sh', '-c', `${script}; sleep infinity`], new PassThrough().resume());
    let ended = false;
    void loop.exited.then(() => {
      ended = true;
    });

    const work = 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i | cat; done | tail -n 1';
    const { stdout } = await neighbour.sh(work);

    expect(stdout).toBe('200\n');
    expect(ended).toBe(false);
    loop.kill();
    expect(await loop.exited).toBe(137);
  });

  test.each(['yes', 'while :; do echo x; done', 'seq 1 1000000000', 'yes | sed s/y/n/', 'cat /dev/zero'])(
    'does a bounded piece of work between two turns of the others: %s',
    async (script) => {
      let written = 0;
      const counter = new Writable({
        write(chunk: Buffer, _encoding, done) {
          written += chunk.length;
          done();
        },
      });
      const loop = start(cluster.pod({ command: FOREVER }), ['sh', '-c', script], counter);

      const pieces: number[] = [];
      while (pieces.length < 200 || pieces.every((piece) => piece === 0)) {
        const before = written;
        await new Promise((resolve) => setImmediate(resolve));
        pieces.push(written - before);
      }
      loop.kill();
      await loop.exited;

      expect(Math.max(...pieces)).toBeGreaterThan(0);
      expect(Math.max(...pieces)).toBeLessThan(1024 * 1024);
    },
  );

  test('is ended by kill, with all that it started', async () => {
    const pod = cluster.pod({ command: FOREVER });
    const loop = start(pod, ['sh', '-c', 'sleep 1000 | sleep 1000'], new PassThrough());
    while (!(await pod.sh('ps')).stdout.includes('sleep 1000')) await new Promise((resolve) => setImmediate(resolve));

    loop.kill();

    expect(await loop.exited).toBe(137);
    while ((await pod.sh('ps')).stdout.includes('sleep 1000')) await new Promise((resolve) => setImmediate(resolve));
  });

  test('of forks ends at the container’s limit', async () => {
    const pod = cluster.pod({ command: FOREVER });

    const { status, stderr } = await pod.sh('f() { f | f; }; f');

    expect(status).toBe(2);
    expect(stderr).toContain("can't fork: Resource temporarily unavailable\n");
    expect(stderr).not.toContain('internal error');
    expect((await pod.sh('echo alive')).stdout).toBe('alive\n');
  });
});

describe('the environment', () => {
  test('has services, the downward API, ConfigMaps and Secrets', async () => {
    const objects = cluster.objects;
    objects.put('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] },
    });
    objects.put('services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'my-db', namespace: 'env' },
      spec: { clusterIP: '10.96.0.77', ports: [{ port: 5432 }] },
    });
    objects.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'env' },
      data: { color: 'blue', size: 'xl' },
    });
    objects.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'env' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    });
    const pod = cluster.pod({
      namespace: 'env',
      name: 'reader',
      command: FOREVER,
      labels: { app: 'reader' },
      container: {
        envFrom: [{ prefix: 'CM_', configMapRef: { name: 'settings' } }],
        env: [
          { name: 'PLAIN', value: 'one' },
          { name: 'BOTH', value: '$(PLAIN)-$(CM_color)-$(UNKNOWN)-$$(PLAIN)' },
          { name: 'NODE_POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
        ],
      },
    });

    const { stdout } = await pod.exec(['env']);

    const lines = stdout.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'HOSTNAME=reader',
        'KUBERNETES_SERVICE_HOST=10.96.0.1',
        'KUBERNETES_SERVICE_PORT_HTTPS=443',
        'MY_DB_SERVICE_PORT=5432',
        'MY_DB_PORT_5432_TCP_ADDR=10.96.0.77',
        'CM_color=blue',
        'PLAIN=one',
        'BOTH=one-blue-$(UNKNOWN)-$(PLAIN)',
        'NODE_POD=reader',
        'APP=reader',
        `IP=${pod.ip}`,
        'TOKEN=s3cret',
        'HOME=/root',
      ]),
    );
  });
});

describe('volumes', () => {
  test('show ConfigMaps and Secrets as they are now, and cannot be written', async () => {
    const settings = (color: string): void =>
      cluster.objects.put('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'live', namespace: 'vol' },
        data: { color, 'a.conf': 'x\n' },
      });
    settings('blue');
    cluster.objects.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace: 'vol' },
      data: { 'ca.crt': 'CERT\n' },
    });
    const pod = cluster.pod({
      namespace: 'vol',
      command: FOREVER,
      container: {
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/settings' },
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'api', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
        ],
      },
      spec: {
        volumes: [
          { name: 'settings', configMap: { name: 'live' } },
          { name: 'scratch', emptyDir: {} },
          {
            name: 'api',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token' } },
                { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
                { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
              ],
            },
          },
        ],
      },
    });

    expect((await pod.sh('ls /etc/settings; cat /etc/settings/color')).stdout).toBe('a.conf\ncolor\nblue');
    settings('green');
    expect((await pod.sh('cat /etc/settings/color')).stdout).toBe('green');
    expect((await pod.sh('echo x >/etc/settings/color')).stderr).toBe(
      "sh: can't create /etc/settings/color: Read-only file system\n",
    );
    expect((await pod.sh('echo kept >/scratch/f; cat /scratch/f')).stdout).toBe('kept\n');
    expect(
      (
        await pod.sh(
          'cd /var/run/secrets/kubernetes.io/serviceaccount; ls; cat namespace; cut -d. -f2 token | base64 -d',
        )
      ).stdout,
    ).toMatch(/^ca\.crt\nnamespace\ntoken\nvol\{.*"sub":"system:serviceaccount:vol:default"/);
  });

  test('that are folders are shared: an emptyDir by the containers of a pod, a claim and a host path by pods', async () => {
    const volumeName = 'pv-shared';
    cluster.objects.put('persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName },
    });
    cluster.objects.put('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shared' },
      spec: { volumeName },
    });
    const mounts = ['scratch', 'claimed', 'host'].map((name) => ({ name, mountPath: `/${name}` }));
    const options = {
      namespace: 'shared',
      command: FOREVER,
      container: { volumeMounts: [...mounts, { name: 'claimed', mountPath: '/part', subPath: 'a/b', readOnly: true }] },
      spec: {
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'claimed', persistentVolumeClaim: { claimName: 'data' } },
          { name: 'host', hostPath: { path: '/data' } },
        ],
      },
    };
    const [first, second] = [cluster.pod(options), cluster.pod(options)];
    await first.sh(
      'for d in scratch claimed host; do echo $d >/$d/f; done; mkdir -p /claimed/a/b; echo deep >/claimed/a/b/g',
    );
    const again = first.sandbox.start('app');

    expect((await second.sh('cat /claimed/f /host/f /part/g; ls /scratch')).stdout).toBe('claimed\nhost\ndeep\n');
    expect((await second.sh('echo x >/part/h')).stderr).toContain('Read-only file system');
    first.containers.set('app', again);
    expect((await first.sh('cat /scratch/f')).stdout).toBe('scratch\n');
  });
});

describe('files', () => {
  test('of one container are its own', async () => {
    const [a, b] = [cluster.pod({ command: FOREVER }), cluster.pod({ command: FOREVER })];
    await a.sh('echo mine >/tmp/f; rm /bin/ls');

    expect((await b.sh('cat /tmp/f')).status).toBe(1);
    expect((await b.sh('ls / >/dev/null')).status).toBe(0);
    expect((await a.sh('ls')).stderr).toBe('sh: ls: not found\n');
  });

  test('end at 16 MiB', async () => {
    const pod = cluster.pod({ command: FOREVER });

    const { stderr } = await pod.sh('yes | head -c 9000000 >/tmp/a; cat /tmp/a >/tmp/b; echo after');

    expect(stderr).toContain('No space left on device');
  });

  test('cannot be written where the user may not', async () => {
    const pod = cluster.pod({ image: 'curlimages/curl', command: FOREVER });

    expect(await pod.sh('id; echo x >/etc/x; echo y >~/y && cat ~/y')).toEqual({
      stdout: 'uid=100(curl_user) gid=100(curl_user)\ny\n',
      stderr: "sh: can't create /etc/x: Permission denied\n",
      status: 0,
    });
  });
});

describe('tools of the network', () => {
  test('nslookup, wget and nc find a service', async () => {
    const server = cluster.pod({ namespace: 'net', image: 'nginx', labels: { app: 'web' } });
    cluster.service('web', {
      namespace: 'net',
      ports: [{ port: 80, targetPort: 80 }],
      pods: [server],
      clusterIP: '10.96.1.1',
    });
    const redis = cluster.pod({ namespace: 'net', image: 'redis:alpine' });
    cluster.service('redis', {
      namespace: 'net',
      ports: [{ port: 6379, targetPort: 6379 }],
      pods: [redis],
      clusterIP: '10.96.1.2',
    });
    const pod = cluster.pod({ namespace: 'net', command: FOREVER });

    expect((await pod.exec(['nslookup', 'web'])).stdout).toBe(
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.net.svc.cluster.local\nAddress: 10.96.1.1\n\n',
    );
    expect((await pod.exec(['nslookup', 'nothing'])).status).toBe(1);
    expect((await pod.sh('wget -q -O - http://web | grep title')).stdout).toBe('<title>Welcome to nginx!</title>\n');
    expect(await pod.exec(['wget', 'http://nothing/'])).toEqual({
      stdout: '',
      stderr: "wget: bad address 'nothing'\n",
      status: 1,
    });
    expect(await pod.exec(['wget', '-O-', 'http://web:81/', '-T', '1'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('wget: download timed out\n') as string,
    });
    expect((await pod.sh("printf 'PING\\r\\nQUIT\\r\\n' | nc redis 6379")).stdout).toBe('+PONG\r\n+OK\r\n');
    expect(await pod.exec(['nc', '-zv', 'redis', '6379'])).toEqual({
      stdout: '',
      stderr: 'redis (10.96.1.2:6379) open\n',
      status: 0,
    });
  });

  test('the shop’s frontend is a page and its adservice speaks no HTTP/1.1', async () => {
    const frontend = cluster.pod({ namespace: 'shop', image: 'microservicesdemomesh/frontend:v0.1.9' });
    cluster.service('frontend', {
      namespace: 'shop',
      ports: [{ name: 'http-frontend', port: 8080, targetPort: 8080 }],
      pods: [frontend],
    });
    const ads = cluster.pod({ namespace: 'shop', image: 'microservicesdemomesh/adservice:v0.1.9' });
    cluster.service('adservice', {
      namespace: 'shop',
      ports: [{ name: 'http-adservice', port: 9555, targetPort: 9555 }],
      pods: [ads],
    });
    const pod = cluster.pod({ image: 'governmentpaas/curl-ssl', command: ['/bin/sleep', '3650d'] });

    const page = await pod.exec(['curl', '-s', 'http://frontend.shop:8080/']);
    expect(page.stdout).toContain('<title>Hipster Shop</title>');
    expect((await pod.exec(['curl', '-s', 'http://frontend.shop:8080/healthz'])).stdout).toBe('ok');
    expect(await pod.exec(['curl', '-sS', 'http://adservice.shop:9555/'])).toEqual({
      stdout: '',
      stderr: 'curl: (1) Received HTTP/0.9 when not allowed\n',
      status: 1,
    });
  });
});
