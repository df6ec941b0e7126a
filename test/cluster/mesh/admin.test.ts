import { expect, test } from 'vitest';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: foo, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: curl, namespace: foo, labels: { app: curl } }
spec: { containers: [{ name: curl, image: curlimages/curl, command: [sleep, infinity] }] }
---
apiVersion: v1
kind: Service
metadata: { name: httpbin, namespace: foo }
spec: { selector: { app: httpbin }, ports: [{ name: http, port: 8000, targetPort: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: httpbin, namespace: foo, labels: { app: httpbin, version: v1 } }
spec: { containers: [{ name: httpbin, image: kennethreitz/httpbin, ports: [{ containerPort: 80 }] }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: httpbin, namespace: foo }
spec: { host: httpbin, subsets: [{ name: v1, labels: { version: v1 } }] }
`;

interface Dump {
  configs: { '@type': string; [field: string]: unknown }[];
}

test.skipIf(!hasKubectl())('a proxy tells its configuration to programs of its pod, and to nobody else', async () => {
  const { url } = await serveCluster();
  const kubectl = createKubectl(url);
  await kubectl(['apply', '-f', '-'], SHOP);
  await kubectl(['wait', '-n', 'foo', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']);
  const inPod = async (container: string, ...words: string[]) =>
    kubectl(['exec', '-n', 'foo', 'curl', '-c', container, '--', ...words]);

  const asked = await inPod('istio-proxy', 'pilot-agent', 'request', 'GET', 'config_dump');
  const fetched = await inPod('curl', 'curl', '-s', 'localhost:15000/config_dump');

  const dump = JSON.parse(asked.stdout) as Dump;
  expect(dump.configs.map((config) => config['@type'].replace(/.*\./, ''))).toEqual([
    'BootstrapConfigDump',
    'ClustersConfigDump',
    'ListenersConfigDump',
    'RoutesConfigDump',
    'SecretsConfigDump',
  ]);
  expect(asked.stdout).toContain('"outbound|8000|v1|httpbin.foo.svc.cluster.local"');
  expect((JSON.parse(fetched.stdout) as Dump).configs).toHaveLength(5);

  const certificates = await inPod('istio-proxy', 'pilot-agent', 'request', 'GET', 'certs');
  expect(certificates.stdout).toContain('spiffe://cluster.local/ns/foo/sa/default');
  const endpoints = await inPod('istio-proxy', 'pilot-agent', 'request', 'GET', '/clusters');
  expect(endpoints.stdout).toMatch(
    /^outbound\|8000\|v1\|httpbin\.foo\.svc\.cluster\.local::10\.\d+\.\d+\.\d+:80::health_flags::healthy$/m,
  );
  expect((await inPod('istio-proxy', 'pilot-agent', 'request', 'GET', 'ready')).stdout).toBe('LIVE\n');
  expect((await inPod('istio-proxy', 'pilot-agent', 'request', 'POST', 'logging?rbac=debug')).stdout).toContain(
    '  rbac: debug\n',
  );
  expect(await inPod('istio-proxy', 'pilot-agent', 'request', 'POST', 'logging?rbac=loud')).toMatchObject({
    exit: 255,
  });
  expect((await inPod('istio-proxy', 'pilot-agent', 'request', 'GET', 'nowhere')).stdout).toMatch(
    /^invalid path\. admin commands are:\n/,
  );

  const { stdout: ip } = await kubectl(['get', 'pod', '-n', 'foo', 'httpbin', '-o', 'jsonpath={.status.podIP}']);
  const outside = await inPod('istio-proxy', 'curl', '-s', `${ip}:15000/ready`);
  expect(outside.stdout).toMatch(/^upstream connect error/);
});

test.skipIf(!hasKubectl())('istiod tells which proxies it has configured', async () => {
  const { url } = await serveCluster();
  const kubectl = createKubectl(url);
  await kubectl(['apply', '-f', '-'], SHOP);
  await kubectl(['wait', '-n', 'foo', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']);

  const asked = await kubectl([
    'exec',
    '-n',
    'istio-system',
    'deploy/istiod',
    '--',
    'pilot-discovery',
    'request',
    'GET',
    '/debug/syncz',
  ]);

  const proxies = JSON.parse(asked.stdout) as { proxy: string; cluster_sent: string; cluster_acked: string }[];
  expect(proxies.map(({ proxy }) => proxy).sort()).toEqual([
    'curl.foo',
    'httpbin.foo',
    expect.stringMatching(/^istio-egressgateway-.*\.istio-system$/),
    expect.stringMatching(/^istio-ingressgateway-.*\.istio-system$/),
  ]);
  for (const { cluster_sent: sent, cluster_acked: acked } of proxies) expect(sent).toBe(acked);
});

test.skipIf(!hasKubectl())('a proxy tells which endpoints it leaves out because they failed', async () => {
  const { url } = await serveCluster();
  const kubectl = createKubectl(url);
  const limits = 'trafficPolicy: { outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100 } }';
  await kubectl(['apply', '-f', '-'], SHOP.replace('spec: { host: httpbin,', `spec: { host: httpbin, ${limits},`));
  await kubectl(['wait', '-n', 'foo', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']);
  const inPod = async (...words: string[]) =>
    (await kubectl(['exec', '-n', 'foo', 'curl', '-c', 'curl', '--', ...words])).stdout;
  const health = async () =>
    (await inPod('curl', '-s', 'localhost:15000/clusters'))
      .split('\n')
      .filter((line) => /^outbound\|8000\|\|.*::health_flags::/.test(line))
      .map((line) => line.replace(/.*::/, ''));

  expect(await health()).toEqual(['healthy']);
  await inPod('curl', '-s', 'http://httpbin:8000/status/500');
  expect(await health()).toEqual(['/failed_outlier_check']);
});
