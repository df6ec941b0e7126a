import { expect, test } from 'vitest';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

const web = (kind: 'StatefulSet' | 'DaemonSet', image: string) => `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: ${kind}
metadata: { name: web }
spec:
${kind === 'StatefulSet' ? '  serviceName: web\n  replicas: 2' : ''}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: web, image: '${image}' }] }
`;

test.skipIf(!hasKubectl())('kubectl follows, shows and undoes the rollout of a StatefulSet', async () => {
  const { url } = await serveCluster({ mesh: false });
  const kubectl = createKubectl(url);

  await kubectl(['apply', '-f', '-'], web('StatefulSet', 'nginx:1.27'));
  const first = await kubectl(['rollout', 'status', 'sts/web', '--timeout=60s']);
  await kubectl(['apply', '-f', '-'], web('StatefulSet', 'nginx:1.28'));
  const second = await kubectl(['rollout', 'status', 'sts/web', '--timeout=60s']);
  const history = await kubectl(['rollout', 'history', 'sts/web']);
  const undone = await kubectl(['rollout', 'undo', 'sts/web']);
  await kubectl(['rollout', 'status', 'sts/web', '--timeout=60s']);
  const images = await kubectl(['get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].image}']);
  const table = await kubectl(['get', 'sts', 'web', '--no-headers']);

  expect(first.stdout).toContain('partitioned roll out complete: 2 new pods have been updated...');
  expect(second).toMatchObject({ exit: 0 });
  expect(history.stdout).toBe('statefulset.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n');
  expect(undone.stdout).toBe('statefulset.apps/web rolled back\n');
  expect(images.stdout).toBe('nginx:1.27 nginx:1.27');
  expect(table.stdout).toMatch(/^web +2\/2 +\d+s\n$/);
});

test.skipIf(!hasKubectl())('a pod of a StatefulSet is found under its own name', async () => {
  const { url } = await serveCluster({ mesh: false });
  const kubectl = createKubectl(url);
  await kubectl(['apply', '-f', '-'], web('StatefulSet', 'nginx:1.27'));
  await kubectl(['rollout', 'status', 'sts/web', '--timeout=60s']);
  const ip = await kubectl(['get', 'pod', 'web-1', '-o', 'jsonpath={.status.podIP}']);

  const name = await kubectl(['exec', 'web-0', '--', 'hostname']);
  const page = await kubectl([
    'exec',
    'web-0',
    '--',
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code} %{remote_ip}',
    'http://web-1.web',
  ]);

  expect(name.stdout).toBe('web-0\n');
  expect(page.stdout).toBe(`200 ${ip.stdout}`);
});

test.skipIf(!hasKubectl())('kubectl follows and undoes the rollout of a DaemonSet', async () => {
  const { url } = await serveCluster({ mesh: false });
  const kubectl = createKubectl(url);

  await kubectl(['apply', '-f', '-'], web('DaemonSet', 'nginx:1.27'));
  const first = await kubectl(['rollout', 'status', 'ds/web', '--timeout=60s']);
  await kubectl(['set', 'image', 'ds/web', 'web=nginx:1.28']);
  await kubectl(['rollout', 'status', 'ds/web', '--timeout=60s']);
  const undone = await kubectl(['rollout', 'undo', 'ds/web']);
  await kubectl(['rollout', 'status', 'ds/web', '--timeout=60s']);
  const images = await kubectl([
    'get',
    'pods',
    '-l',
    'app=web',
    '--field-selector=status.phase=Running',
    '-o',
    'jsonpath={.items[*].spec.containers[0].image}',
  ]);
  const table = await kubectl(['get', 'ds', 'web', '--no-headers']);

  expect(first.stdout).toContain('daemon set "web" successfully rolled out\n');
  expect(undone.stdout).toBe('daemonset.apps/web rolled back\n');
  expect(images.stdout).toBe('nginx:1.27');
  expect(table.stdout).toMatch(/^web +1 +1 +1 +1 +1 +<none> +\d+s\n$/);
});
