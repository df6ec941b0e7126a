import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkSystemTools, writeTools } from '../../../server/session/tools.ts';
import { readToolChoice } from '../../../server/tool-choice.ts';

const launch = fileURLToPath(new URL('../../../server/launch.mjs', import.meta.url));
const kubectl = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));

describe('the tools on PATH', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "taller it's "));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('start in a folder that was removed', async () => {
    await writeTools(join(root, 'tools'), kubectl);

    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `mkdir gone && cd gone && rmdir ../gone && '${join(root, 'tools').replaceAll("'", `'\\''`)}/oc' config view`,
      ],
      { cwd: root, env: { PATH: '/usr/bin:/bin', KUBECONFIG: '/nonexistent' }, encoding: 'utf8' },
    );

    expect(stderr).not.toContain('uv_cwd');
    expect(stdout).toContain('kind: Config');
  });

  // A mount of one's own takes a machine that gives its users namespaces.
  const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  it.skipIf(!canMount)('are refused where no program can be started, as in a container with --tmpfs /tmp', () => {
    const script = 'mount -t tmpfs -o noexec none "$0" && TMPDIR="$0" "$1" "$2" run -- true; ls "$0"';

    const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script, root, process.execPath, launch], {
      encoding: 'utf8',
    });

    expect(stderr).toMatch(/^taller: No program can be started from .*: it is mounted with noexec\. Choose another/);
    expect(stdout).toBe('');
  });

  it('of the machine go before ours where it has them, and what it lacks is said', async () => {
    const [bundled, machine] = [join(root, 'tools'), join(root, 'bin')];
    await writeTools(bundled, kubectl);
    await mkdir(machine);
    await writeFile(join(machine, 'kubectl'), '#!/bin/sh\necho of the machine\n');
    await writeFile(join(machine, 'istioctl'), 'not executable');
    await chmod(join(machine, 'kubectl'), 0o755);
    const said: string[] = [];
    const logger = { info: (text: string) => void said.push(text), error: () => undefined };

    await linkSystemTools(join(root, 'system'), { path: `relative:${bundled}:${machine}`, bundled, logger });

    expect(await readdir(join(root, 'system'))).toEqual(['kubectl']);
    expect(said).toEqual(["this machine has no oc and no istioctl: lessons with its own tools get Taller's"]);
    const path = `${join(root, 'system')}:${bundled}:/usr/bin:/bin`;
    const { stdout } = spawnSync('bash', ['-c', 'kubectl; command -v oc'], { env: { PATH: path }, encoding: 'utf8' });
    expect(stdout).toBe(`of the machine\n${join(bundled, 'oc')}\n`);
  });

  it('are chosen for all lessons by a variable that must be one of two words', () => {
    expect([undefined, '', 'system', 'bundled'].map(readToolChoice)).toEqual([
      undefined,
      undefined,
      'system',
      'bundled',
    ]);
    expect(() => readToolChoice('mine')).toThrow('TALLER_KUBECTL is "mine". Use bundled or system.');
  });
});
