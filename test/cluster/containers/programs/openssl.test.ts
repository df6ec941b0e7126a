import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../cluster/mesh/authority.ts';
import { eraOf } from '../../../../cluster/mesh/era.ts';
import { systemClock, TestCluster, type TestPod } from '../test-cluster.ts';

/** The words of OpenSSL 3.0; later ones set names and extensions a little differently. */
const found = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const isJudge = found.status === 0 && found.stdout.startsWith('OpenSSL 3.0.');

describe('openssl in a container', () => {
  let cluster: TestCluster;
  let pod: TestPod;
  let folder: string;
  const NAMES = ['leaf', 'root', 'rsa', 'other'];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'openssl-'));
    const options = { clock: systemClock, randomBytes, certificates: eraOf('1.0').certificates };
    const authority = createAuthority(options);
    writeFileSync(join(folder, 'leaf.pem'), authority.issue('foo', 'sleep').certificatePem);
    writeFileSync(join(folder, 'root.pem'), authority.root().certificatePem);
    writeFileSync(join(folder, 'other.pem'), createAuthority(options).issue('foo', 'sleep').certificatePem);
    if (isJudge) {
      const subject = [
        '-subj',
        '/O=Example/CN=shop.example.com',
        '-addext',
        'subjectAltName=DNS:shop.example.com,IP:10.0.0.1',
      ];
      const request = [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        '/dev/null',
        '-days',
        '30',
        ...subject,
      ];
      execFileSync('openssl', [...request, '-out', join(folder, 'rsa.pem')], { stdio: 'ignore' });
    } else writeFileSync(join(folder, 'rsa.pem'), '');
    writeFileSync(join(folder, 'none.pem'), 'nothing\n');
    cluster = new TestCluster();
    const files = [...NAMES, 'none'].map((name) => [`${name}.pem`, readFileSync(join(folder, `${name}.pem`), 'utf8')]);
    cluster.objects.put('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'files', namespace: 'default' },
      data: Object.fromEntries(files) as Record<string, string>,
    });
    pod = cluster.pod({
      image: 'nginx',
      container: { workingDir: '/certs', volumeMounts: [{ name: 'files', mountPath: '/certs' }] },
      spec: { volumes: [{ name: 'files', configMap: { name: 'files' } }] },
    });
  });
  afterAll(() => {
    cluster.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const ours = async (args: string, stdin?: string): Promise<{ stdout: string; stderr: string; status: number }> =>
    pod.exec(['openssl', ...args.split(' ')], stdin === undefined ? {} : { stdin });

  test
    .skipIf(!isJudge)
    .each(
      NAMES.flatMap((name) => [
        `x509 -in ${name}.pem -text -noout`,
        `x509 -in ${name}.pem -noout -subject -issuer -dates`,
        `x509 -noout -in ${name}.pem -serial -enddate -startdate -fingerprint -sha256`,
        `x509 -in ${name}.pem -fingerprint`,
        `x509 -in ${name}.pem -noout -ext subjectAltName`,
        `x509 -in ${name}.pem -noout -checkend 100`,
        `x509 -in ${name}.pem -noout -checkend 100000000000`,
        `verify -CAfile root.pem ${name}.pem`,
      ]),
    )('%s says what the machine’s own says', async (args) => {
    const theirs = spawnSync('openssl', args.split(' '), { cwd: folder, encoding: 'utf8' });

    const { stdout, status } = await ours(args);

    expect({ stdout, status }).toEqual({ stdout: theirs.stdout, status: theirs.status });
  });

  test('reads a certificate from a pipe', async () => {
    const { stdout } = await ours('x509 -noout -subject', readFileSync(join(folder, 'root.pem'), 'utf8'));

    expect(stdout).toBe('subject=O = k8s.cluster.local\n');
  });

  test.each([
    ['x509 -in missing.pem', 'Could not open file or uri for loading certificate from missing.pem\n'],
    ['x509 -in none.pem', 'Could not read certificate from none.pem\n'],
    ['x509 -bogus', 'x509: Unknown option or cipher: bogus\n'],
    ['verify -CAfile root.pem other.pem', 'error 20 at 0 depth lookup: unable to get local issuer certificate\n'],
    ['s_client -connect x:443', 'openssl: s_client is not simulated here, only x509, verify and version.'],
  ])('%s says what is wrong', async (args, text) => {
    const { stderr, status } = await ours(args);

    expect(stderr).toContain(text);
    expect(status).not.toBe(0);
  });
});
