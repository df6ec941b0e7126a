import { afterEach, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.dispose());

const lines = (pod: TestPod): string[] =>
  (pod.containers.get('istio-proxy')?.log.lines() ?? []).map(({ text }) => text).filter((text) => text.startsWith('['));

/** A line of each end, without what differs from run to run. */
test.each<[IstioVersion, string, string]>([
  [
    '1.0',
    '"GET /status/418 HTTP/1.1" 418 - 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" outbound|8000||web.foo.svc.cluster.local - SERVICE:8000 CLIENT:P',
    '"GET /status/418 HTTP/1.1" 418 - 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "127.0.0.1:80" inbound|8000|http|web.foo.svc.cluster.local - SERVER:80 CLIENT:P',
  ],
  [
    '1.1',
    '"GET /status/418 HTTP/1.1" 418 - "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" outbound|8000||web.foo.svc.cluster.local - SERVICE:8000 CLIENT:P -',
    '"GET /status/418 HTTP/1.1" 418 - "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "127.0.0.1:80" inbound|8000|http|web.foo.svc.cluster.local - SERVER:80 CLIENT:P -',
  ],
  [
    '1.4',
    '"GET /status/418 HTTP/1.1" 418 - "-" "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" outbound|8000||web.foo.svc.cluster.local - SERVICE:8000 CLIENT:P - default',
    '"GET /status/418 HTTP/1.1" 418 - "-" "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "127.0.0.1:80" inbound|8000|http|web.foo.svc.cluster.local - SERVER:80 CLIENT:P - default',
  ],
  [
    '1.6',
    '"GET /status/418 HTTP/1.1" 418 - "-" "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" outbound|8000||web.foo.svc.cluster.local - SERVICE:8000 CLIENT:P - default',
    '"GET /status/418 HTTP/1.1" 418 - "-" "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "127.0.0.1:80" inbound|8000|http|web.foo.svc.cluster.local - SERVER:80 CLIENT:P outbound_.8000_._.web.foo.svc.cluster.local default',
  ],
  [
    'current',
    '"GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" outbound|8000||web.foo.svc.cluster.local CLIENT:P SERVICE:8000 CLIENT:P - default',
    '"GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 N N "-" "curl/7.88.1" "ID" "web:8000" "SERVER:80" inbound|80|| 127.0.0.6:P SERVER:80 CLIENT:P outbound_.8000_._.web.foo.svc.cluster.local default',
  ],
])('Istio %s logs in the format of its time', async (istio, atClient, atServer) => {
  cluster = new TestCluster(undefined, [], istio);
  const curl = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
  const client = cluster.pod({ namespace: 'foo', ...curl, sidecar: true });
  const server = cluster.pod({
    namespace: 'foo',
    image: 'kennethreitz/httpbin',
    labels: { app: 'web' },
    sidecar: true,
  });
  const ports = [{ name: 'http', port: 8000, targetPort: 80 }];
  cluster.service('web', { namespace: 'foo', ports, pods: [server], clusterIP: '10.96.7.7' });
  const masked = (pod: TestPod): string | undefined =>
    lines(pod)
      .at(-1)
      ?.replace(/^\[[^\]]*\] /, '')
      .replaceAll(server.ip, 'SERVER')
      .replaceAll(client.ip, 'CLIENT')
      .replace('10.96.7.7', 'SERVICE')
      .replace(/"[0-9a-f-]{36}"/, '"ID"')
      .replaceAll(/(CLIENT|127\.0\.0\.6):\d+/g, '$1:P')
      .replace(/0 135 \d+ \d+/, '0 135 N N');

  await client.exec(['curl', '-s', 'http://web:8000/status/418']);

  await expect.poll(() => masked(client)).toBe(atClient);
  await expect.poll(() => masked(server)).toBe(atServer);
});

/** As Istio 1.27 to 1.29 wrote them on clusters of others. */
test('tells of a port at which nobody listens, and of one that no service names', async () => {
  cluster = new TestCluster();
  const curl = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
  const client = cluster.pod({ namespace: 'foo', ...curl, sidecar: true });
  const plain = cluster.pod({ namespace: 'foo', ...curl });
  const server = cluster.pod({ namespace: 'foo', image: 'kennethreitz/httpbin', sidecar: true });
  const ports = [{ name: 'http', port: 8000, targetPort: 81 }];
  cluster.service('web', { namespace: 'foo', ports, pods: [plain], clusterIP: '10.96.7.7' });

  await client.exec(['curl', '-s', 'http://web:8000/']);
  await client.exec(['curl', '-s', `http://${server.ip}/get`]);

  const refused = 'delayed_connect_error:_Connection_refused';
  await expect.poll(() => lines(client).length).toBe(2);
  expect(lines(client)[0]).toMatch(/\] "GET \/ HTTP\/1.1" 503 URX,UF /);
  expect(lines(client)[0]).toContain(
    ` upstream_reset_before_response_started{remote_connection_failure|${refused}} - "${refused}" 0 190 `,
  );
  expect(lines(client)[0]).toContain(` "${plain.ip}:81" outbound|8000||web.foo.svc.cluster.local - 10.96.7.7:8000 `);
  expect(lines(client)[1]).toMatch(
    / PassthroughCluster 10\.244\.0\.1:\d+ 10\.244\.0\.3:80 10\.244\.0\.1:\d+ - allow_any$/,
  );
  await expect.poll(() => lines(server).at(-1)).toMatch(/ InboundPassthroughCluster 127\.0\.0\.6:\d+ /);
});
