import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCluster, type Cluster } from '../../../../../cluster/index.ts';
import { systemClock } from '../../../../../server/clock.ts';
import { renderKubeconfig } from '../../../../../server/session/kubeconfig.ts';
import { createBench, type Bench } from '../bundle.ts';

describe('oc', () => {
  let bench: Bench;
  let cluster: Cluster;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    bench = await createBench();
    cluster = createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length), openshift: true });
    server = createServer((request, response) => cluster.handleRequest(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await writeFile(join(bench.folder, 'config'), renderKubeconfig(url));
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    cluster.dispose();
    await bench.dispose();
  });

  it('makes a project and is in it', async () => {
    const made = await oc('new-project', 'shop');

    expect(made.stdout).toMatch(`Now using project "shop" on server "${url}".\n\nYou can add applications`);
    expect((await oc('project', '-q')).stdout).toBe('shop\n');
    expect((await oc('project')).stdout).toBe(`Using project "shop" on server "${url}".\n`);
    expect((await oc('projects')).stdout).toContain('\n    default\n');
    expect((await oc('projects')).stdout).toContain('\n  * shop\n');
  });

  it('says which projects there are when one is not', async () => {
    const { stderr, exit } = await oc('project', 'nosuch');

    expect(exit).toBe(1);
    expect(stderr).toContain(
      `error: A project named "nosuch" does not exist on "${url}".\nYour projects are:\n* default\n`,
    );
  });

  it('gives a service a route', async () => {
    await oc('create', 'service', 'clusterip', 'web', '--tcp=80');

    expect(await oc('expose', 'svc/web')).toEqual({
      stdout: 'route.route.openshift.io/web exposed\n',
      stderr: '',
      exit: 0,
    });
    expect((await oc('get', 'route', 'web', '-o', 'jsonpath={.spec.to.name}')).stdout).toBe('web');
    expect((await oc('describe', 'route', 'web')).stdout).toMatch(/^Requested Host:\s+web-shop\./m);
  });

  it('logs in as somebody else and out again', async () => {
    const login = await oc('login', '-u', 'ann', '-p', 'x');

    expect(login.stdout).toMatch(/^Login successful\.\n\n/);
    expect((await oc('whoami')).stdout).toBe('ann\n');
    expect((await oc('get', 'secrets')).stderr).toContain('User "ann" cannot list resource "secrets"');
    expect((await oc('logout')).stdout).toBe(`Logged "ann" out on "${url}"\n`);
    expect((await oc('get', 'secrets')).exit).toBe(0);
  });

  it('gives a role to a user', async () => {
    const { stdout } = await oc('adm', 'policy', 'add-role-to-user', 'view', 'ben');

    expect(stdout).toBe('clusterrole.rbac.authorization.k8s.io/view added: "ben"\n');
    expect((await oc('auth', 'can-i', 'list', 'pods', '--as=ben')).stdout).toBe('yes\n');
  });

  it('says what it does not simulate', async () => {
    expect(await oc('start-build', 'web')).toEqual({
      stdout: '',
      stderr: 'error: "oc start-build" is not simulated in Taller yet\n',
      exit: 1,
    });
  });

  function oc(...words: string[]): Promise<{ stdout: string; stderr: string; exit: number }> {
    const env = { ...bench.env, TALLER_COMMAND: 'oc' };
    return new Promise((resolve) => {
      execFile(process.execPath, [bench.bundle, ...words], { env }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, exit: error ? Number(error.code) : 0 });
      });
    });
  }
});
