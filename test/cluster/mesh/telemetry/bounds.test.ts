import { expect, test } from 'vitest';
import type { AccessLogEntry } from '../../../../cluster/mesh/access-log.ts';
import { createMeshObserver } from '../../../../cluster/mesh/telemetry/mesh-observer.ts';
import { Telemetry } from '../../../../cluster/mesh/telemetry/telemetry.ts';
import type { VerdictCode } from '../../../../cluster/mesh/verdict-log.ts';
import { createNetwork } from '../../../../cluster/network/network.ts';
import type { KubernetesObject } from '../../../../cluster/objects/object.ts';
import { ObjectTable } from '../../containers/test-cluster.ts';
import { parsePrometheus } from './prometheus.ts';

/** What telemetry keeps when somebody calls ever more hosts, or is refused for ever more reasons. */

function setUp() {
  const objects = new ObjectTable();
  const clock = { time: 1_800_000_000_000, now: () => clock.time, schedule: () => () => {} };
  const network = createNetwork({ objects, clock, randomBytes: (length) => new Uint8Array(length) });
  const telemetry = new Telemetry({ clock, network, objects });
  const observer = createMeshObserver({
    telemetry,
    objects,
    clock,
    serverOf: () => null,
    automatic: () => true,
    rulesOfAllNamespaces: false,
    text: { release: '1.27.0', mixer: false },
  });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'curl', namespace: 'foo', labels: { app: 'curl' } },
    spec: { containers: [{ name: 'curl' }, { name: 'istio-proxy', args: ['proxy', 'sidecar'] }] },
  } as KubernetesObject;
  objects.put('pods', pod);
  const entry = (host: string): AccessLogEntry => ({
    startTime: clock.time,
    method: 'GET',
    status: 200,
    bytesReceived: 1,
    bytesSent: 2,
    durationMs: 3,
    authority: host,
    upstreamHost: '192.0.2.1:80',
    upstreamCluster: 'PassthroughCluster',
    downstreamLocal: '192.0.2.1:80',
    downstreamRemote: '10.244.0.1:5000',
  });
  return { clock, telemetry, observer, pod, entry };
}

test('a thousand series and no more are kept: those that were idle for longest are forgotten', () => {
  const { clock, telemetry, observer, pod, entry } = setUp();
  for (let index = 0; index < 3_000; index += 1) {
    clock.time += 1;
    telemetry.record(pod, entry(`host-${index}.example.com`));
    // This one is never idle.
    if (index % 100 === 0) telemetry.record(pod, entry('faithful.example.com'));
  }

  // Histograms of a thousand series are sixty thousand lines.
  const lines = observer.metrics().split('\n');
  const counted = parsePrometheus(`${lines.filter((line) => line.includes('istio_requests_total')).join('\n')}\n`);
  expect(counted.length).toBeGreaterThanOrEqual(900);
  expect(counted.length).toBeLessThanOrEqual(1_000);
  const of = (host: string) => counted.find(({ labels }) => labels['destination_service'] === host)?.value;
  expect(of('faithful.example.com')).toBe(30);
  expect(of('host-2999.example.com')).toBe(1);
  expect(of('host-0.example.com')).toBeUndefined();
});

test('names that would break the text are escaped', () => {
  const { telemetry, observer, pod, entry } = setUp();
  const host = 'a"b\\c\nd';
  telemetry.record(pod, entry(host));

  const counted = parsePrometheus(observer.metrics()).find(({ name }) => name === 'istio_requests_total');
  expect(counted?.labels['destination_service']).toBe(host);
});

test('of refusals, kinds are kept and not each one', () => {
  const { clock, telemetry, pod } = setUp();
  const party = { namespace: 'foo', pod: pod.metadata.name, serviceAccount: 'default', sidecar: true };
  for (let index = 0; index < 5_000; index += 1) {
    clock.time += 1;
    telemetry.judged({
      time: clock.time,
      code: 'plaintext-refused' as VerdictCode,
      client: party,
      server: party,
      port: index % 1_000,
      mode: 'STRICT',
      kind: null,
      policy: null,
      detail: null,
      request: null,
    });
  }

  expect([...telemetry.refusals.all()]).toHaveLength(300);
});

test('what lies outside of the window is idle, what lies outside of ten minutes is forgotten', () => {
  const { clock, telemetry, observer, pod, entry } = setUp();
  telemetry.record(pod, entry('example.com'));
  clock.time += 120_000;

  expect(observer.graph(60).edges).toEqual([]);
  expect(observer.graph(300).edges).toMatchObject([{ count: 1, recent: 0 }]);
  expect(observer.graph(100_000).windowSeconds).toBe(600);
  clock.time += 600_000;
  expect(observer.graph(600).edges).toEqual([]);
});
