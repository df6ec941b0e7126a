import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTools } from '../../../server/session/tools.ts';

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
});
