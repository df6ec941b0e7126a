import { afterAll, beforeAll, expect, test } from 'vitest';
import { createManualClock } from '../../manual-clock.ts';
import { TestCluster, type TestPod } from '../test-cluster.ts';

const clock = createManualClock(Date.UTC(2026, 10, 21, 16, 12, 34));
let cluster: TestCluster;
let box: TestPod;
let web: TestPod;

beforeAll(() => {
  cluster = new TestCluster(clock);
  box = cluster.pod({ image: 'busybox', command: ['sleep', 'infinity'] });
  web = cluster.pod({ image: 'nginx', command: ['sleep', 'infinity'] });
});
afterAll(() => cluster.dispose());

test('df counts what was written', async () => {
  await box.sh('head -c 8388608 /dev/zero >/tmp/half');

  expect((await box.exec(['df', '-h'])).stdout).toBe(
    'Filesystem                Size      Used Available Use% Mounted on\n' +
      'overlay                  16.0M      8.0M      8.0M  50% /\n' +
      'tmpfs                    64.0M         0     64.0M   0% /dev\n',
  );
  expect((await box.sh('rm /tmp/half; df | grep overlay')).stdout).toBe(
    'overlay                  16384         0     16384   0% /\n',
  );
});

test('du adds up folders', async () => {
  const { stdout } = await box.sh('mkdir -p /d/e; head -c 5000 /dev/zero >/d/e/f; du /d; du -s /d; du -sh /d');

  expect(stdout).toBe('12\t/d/e\n16\t/d\n16\t/d\n16.0K\t/d\n');
});

test('stat shows a file', async () => {
  const { stdout } = await web.sh(
    "echo hello >/tmp/f; chmod 640 /tmp/f; stat -c '%n %s %a %A %U %F %Y' /tmp/f; stat /tmp/f | head -n 4",
  );

  expect(stdout).toBe(
    '/tmp/f 6 640 -rw-r----- root regular file 1795277554\n' +
      '  File: /tmp/f\n' +
      '  Size: 6         \tBlocks: 1          IO Block: 4096   regular file\n' +
      'Access: (0640/-rw-r-----)  Uid: (    0/    root)   Gid: (    0/    root)\n' +
      'Access: 2026-11-21 16:12:34.000000000 +0000\n',
  );
  expect((await web.sh('stat /none')).stderr).toBe("stat: cannot statx '/none': No such file or directory\n");
});

test('the network tools show the pod’s address and ports', async () => {
  const listening = box.exec(['nc', '-l', '-p', '7777']);
  void listening;

  expect((await box.sh('ip addr | grep "inet 10"')).stdout).toBe(
    `    inet ${box.ip}/24 brd 10.244.0.255 scope global eth0\n`,
  );
  expect((await box.sh('ip route | head -n 1')).stdout).toBe('default via 10.244.0.1 dev eth0 \n');
  expect((await box.sh('ifconfig eth0 | grep inet')).stdout).toContain(`inet addr:${box.ip} `);
  expect((await box.sh('netstat -tln | tail -n 1')).stdout).toBe(
    'tcp        0      0 0.0.0.0:7777            0.0.0.0:*               LISTEN      \n',
  );
});

test('uptime counts from the container’s start', async () => {
  expect((await box.exec(['uptime'])).stdout).toBe(' 16:12:34 up 0 min,  0 users,  load average: 0.00, 0.00, 0.00\n');
});

test.each([
  ['ping', 'web', 'ping: not simulated here. The network of this cluster carries TCP alone'],
  ['vi', 'file', 'vi: not simulated here. '],
])('%s says that it is not simulated', async (program, operand, message) => {
  const { status, stderr } = await box.exec([program, operand]);

  expect(status).toBe(1);
  expect(stderr).toContain(message);
});

test.each(['ping', 'ip', 'vi', 'nslookup', 'netstat'])('a Debian image has no %s', async (program) => {
  expect(await web.sh(program)).toEqual({ stdout: '', stderr: `sh: 1: ${program}: not found\n`, status: 127 });
});
