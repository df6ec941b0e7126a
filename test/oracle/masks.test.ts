import { expect, test } from 'vitest';
import { maskAnswer, maskText, nameReplay, restartedBy } from './masks.ts';

const names = {
  serverUrl: 'http://127.0.0.1:41234/k/0a1b',
  home: '/tmp/oracle-x/home',
  kubeconfig: '/tmp/oracle-x/kubeconfig',
  temporary: '/tmp/oracle-x/tmp',
  directory: '/tmp/oracle-x/work',
};

test.each([
  ['running at http://127.0.0.1:41234/k/0a1b', 'running at https://APISERVER'],
  ['The connection to the server 127.0.0.1:41234 was refused', 'The connection to the server APISERVER was refused'],
  ['deleted context spare from /tmp/oracle-x/kubeconfig', 'deleted context spare from KUBECONFIG'],
  ["in directory '/tmp/oracle-x/work/manifests/app'", "in directory 'manifests/app'"],
  [
    'diff -u -N /tmp/oracle-x/tmp/LIVE-123/a /tmp/oracle-x/tmp/MERGED-9/a',
    'diff -u -N TMPDIR/LIVE-NNNN/a TMPDIR/MERGED-NNNN/a',
  ],
  ['/tmp/oracle-x/tmp/kubectl-edit-77.yaml', 'TMPDIR/kubectl-edit-NNNN.yaml'],
  ['eyJhbGci.eyJhdWQ.c2ln', 'TOKEN'],
  ['E1121 03:56:05.123456    4711 memcache.go:265] x', 'E1121 03:56:05.123456 PID memcache.go:265] x'],
])('names what belongs to one replay: %s', (text, named) => {
  expect(nameReplay(text, names)).toBe(named);
});

test.each([
  // Ages.
  ['NAME   READY   AGE\nweb    3/3     8s\n', 'NAME   READY   AGE\nweb    3/3     2m13s\n'],
  ['crash   0/1   CrashLoopBackOff   1 (6s ago)   9s', 'crash   0/1   CrashLoopBackOff   1 (11s ago)   14s'],
  ['  Normal  BackOff  3s (x2 over 5s)  kubelet  x', '  Normal  BackOff  4s (x2 over 9s)  kubelet  x'],
  // Times.
  ['creationTimestamp: "2026-11-21T03:53:35Z"', 'creationTimestamp: "2027-01-01T00:00:00Z"'],
  ['Start Time:  Sat, 21 Nov 2026 03:53:35 +0000', 'Start Time:  Mon, 04 Jan 2027 00:00:00 +0000'],
  ['--- LIVE\t2026-11-21 03:53:55.182094302 +0000', '--- LIVE\t2026-11-22 13:00:00.000000001 +0000'],
  // Identity.
  ['uid: e6f85949-9d81-4f5c-b8a4-04f51356d8ac', 'uid: 00000000-0000-4000-8000-000000000000'],
  ['resourceVersion: "16"', 'resourceVersion: "1234"'],
  ['Resource Version:  1573', 'Resource Version:  9'],
  [`[X509SHA256=${'a'.repeat(64)}]`, `[X509SHA256=${'0'.repeat(64)}]`],
  [`containerd://${'a'.repeat(64)}`, `containerd://${'0'.repeat(64)}`],
  ['Client Version: v1.32.3', 'Client Version: v1.32.5'],
  [
    'clientVersion:\n  gitVersion: v1.32.3\n  goVersion: go1.24.4\nserverVersion:\n  goVersion: go1\n',
    'clientVersion:\n  gitVersion: v1.32.4\n  goVersion: go1.23.0\nserverVersion:\n  goVersion: go1\n',
  ],
  // Random ends of names.
  ['pod/web-64dd9498b5-2xrwp created', 'pod/web-64dd9498b5-zzzzz created'],
  ['kube-api-access-9n8b2', 'kube-api-access-bbbbb'],
  // Addresses.
  ['kubernetes   ClusterIP   10.96.0.1   <none>', 'kubernetes   ClusterIP   10.96.177.200   <none>'],
  ['hello   10.244.0.3   node-1', 'hello   10.244.0.77   node-1'],
  ['80:30123/TCP', '80:31999/TCP'],
])('what differs from run to run is equal: %j', (one, other) => {
  expect(maskText('kubectl get x', one)).toBe(maskText('kubectl get x', other));
});

test.each([
  ['NAME   READY   AGE\nweb    3/3     8s\n', 'NAME   READY   AGE\nweb    2/3     8s\n'],
  [
    'node.kubernetes.io/not-ready:NoExecute op=Exists for 300s',
    'node.kubernetes.io/not-ready:NoExecute op=Exists for 30s',
  ],
  ['pod/web-64dd9498b5-2xrwp', 'pod/web-57998774-2xrwp'],
  ['uid: e6f85949-9d81-4f5c-b8a4-04f51356d8ac', 'uid: ""'],
  ['  name: a', 'name: a'],
  ['restarts (x2 over 5s)', 'restarts (x3 over 5s)'],
  ['Client Version: v1.32.3', 'Client Version: v1.33.3'],
  ['Server Version: v1.36.2', 'Server Version: v1.36.3'],
  ['PodCIDR:  10.244.0.0/24', 'PodCIDR:  10.245.0.0/24'],
])('what a control plane decides still differs: %j', (one, other) => {
  expect(maskText('kubectl get x', one)).not.toBe(maskText('kubectl get x', other));
});

test('events of one second are in no order', () => {
  const table = (...rows: string[]) => ['Events:', '  Type    Reason', '  ----    ------', ...rows, ''].join('\n');

  const one = maskText('kubectl describe pod a', table('  Normal  Pulled  1s', '  Normal  Created  1s'));
  const other = maskText('kubectl describe pod a', table('  Normal  Created  1s', '  Normal  Pulled  2s'));

  expect(one).toBe(other);
});

test('a watch is compared by what it shows, not by how often', () => {
  const command = 'timeout 3 kubectl get pods -w';

  expect(maskText(command, 'a   0/1   1s\na   1/1   2s\na   1/1   2s\n')).toBe(
    maskText(command, 'a   0/1   1s\na   1/1   3s\n'),
  );
  expect(maskText(command, 'a   0/1   1s\n')).not.toBe(maskText(command, 'a   1/1   1s\n'));
});

test('progress lines of a rollout do not count, its end does', () => {
  const command = 'kubectl rollout status deployment/web';

  expect(maskText(command, 'Waiting for deployment "web"...\ndone\n')).toBe('done\n');
});

test('the hash of a restarted template is masked, others are not', () => {
  const restarted = new Set(restartedBy('kubectl rollout restart deployment/web'));
  const answer = { stdout: 'replicaset.apps/web-794d8d4674\nreplicaset.apps/pad-544fb7ccb5\n', stderr: '', exit: 0 };

  expect(maskAnswer('kubectl get rs', answer, restarted).stdout).toBe(
    'replicaset.apps/web-HASH\nreplicaset.apps/pad-544fb7ccb5\n',
  );
  expect(maskAnswer('kubectl get rs', answer).stdout).toBe(answer.stdout);
});

test('errors of one field are in no order, those of several fields are', () => {
  const [one, other, third] = ['* metadata.labels: a', '* metadata.labels: b', '* spec.x: c'];

  expect(maskText('', [one, other, third].join('\n'))).toBe(maskText('', [other, one, third].join('\n')));
  expect(maskText('', [one, third].join('\n'))).not.toBe(maskText('', [third, one].join('\n')));
});

test('what client-go logs of its own deadline does not count, other failures do', () => {
  const log = (why: string) => `E1121 17:00:00.000001 PID reflector.go:166] "Failed to watch" err="${why}"\nerror: x\n`;

  expect(maskText('', log('context deadline exceeded'))).toBe('error: x\n');
  expect(maskText('', log('connection refused'))).not.toBe('error: x\n');
});
