import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderKubeconfig } from '../../../../../server/session/kubeconfig.ts';
import { listenWithCluster, type ListeningCluster } from '../../../../cluster/listening-cluster.ts';
import { createBench, type Bench } from '../bundle.ts';

describe('oc', () => {
  let bench: Bench;
  let listening: ListeningCluster;
  let url: string;

  beforeAll(async () => {
    bench = await createBench();
    listening = await listenWithCluster({ openshift: true });
    ({ url } = listening);
    await writeFile(join(bench.folder, 'config'), renderKubeconfig(url));
  });

  afterAll(async () => {
    await listening.dispose();
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

  it('takes a role away again, and says when there is nobody to take it from', async () => {
    await oc('policy', 'add-role-to-user', 'edit', 'cid');

    const removed = await oc('policy', 'remove-role-from-user', 'edit', 'cid');
    const again = await oc('policy', 'remove-role-from-user', 'edit', 'cid');

    expect(removed.stdout).toBe('clusterrole.rbac.authorization.k8s.io/edit removed: "cid"\n');
    expect((await oc('auth', 'can-i', 'list', 'pods', '--as=cid')).stdout).toBe('no\n');
    expect(again).toEqual({
      stdout: '',
      stderr: 'error: unable to locate any RoleBinding for ClusterRole "edit"\n',
      exit: 1,
    });
  });

  it('warns of a user and of a role that are not there', async () => {
    const { stdout, stderr } = await oc('adm', 'policy', 'add-cluster-role-to-user', 'nosuch', 'dan');

    expect(stdout).toBe('clusterrole.rbac.authorization.k8s.io/nosuch added: "dan"\n');
    expect(stderr).toBe("Warning: role 'nosuch' not found\nWarning: User 'dan' not found\n");
  });

  it('gives constraints to a service account, in the words of the time', async () => {
    const now = await oc('adm', 'policy', 'add-scc-to-user', 'anyuid', '-z', 'default');
    const then = await oc3('adm', 'policy', 'add-scc-to-user', 'anyuid', '-z', 'builder');
    const gone = await oc('adm', 'policy', 'remove-scc-from-user', 'anyuid', '-z', 'default');

    const role = 'clusterrole.rbac.authorization.k8s.io/system:openshift:scc:anyuid';
    expect(now.stdout).toBe(`${role} added: "default"\n`);
    expect(then.stdout).toBe('scc "anyuid" added to: ["system:serviceaccount:shop:builder"]\n');
    expect(gone.stdout).toBe(`${role} removed: "default"\n`);
    expect((await oc3('adm', 'policy', 'add-cluster-role-to-user', 'view', 'eve')).stdout).toBe(
      'cluster role "view" added: "eve"\n',
    );
  });

  it('makes an application from an image, and shows it in the status', async () => {
    await oc('new-project', 'apps');
    expect((await oc('status')).stdout).toBe(
      `In project apps on server ${url}\n\nYou have no services, deployment configs, or build configs.\nRun 'oc new-app' to create an application.\n`,
    );

    const made = await oc('new-app', '--image=nginx:1.27', '--name=web', '-e', 'MODE=x');

    expect(made.stderr).toBe('');
    expect(made.stdout).toMatch(/^--> Found container image [0-9a-f]{7} from Docker Hub for "nginx:1.27"\n\n\n/);
    expect(made.stdout).toContain(`--> Creating resources ...
    deployment.apps "web" created
    service "web" created
--> Success
    Application is not exposed. You can expose services to the outside world by executing one or more of the commands below:
     'oc expose service/web' \n    Run 'oc status' to view your app.
`);
    expect((await oc('rollout', 'status', 'deployment/web')).stdout).toContain('successfully rolled out');
    const ip = (await oc('get', 'svc', 'web', '-o', 'jsonpath={.spec.clusterIP}')).stdout;
    expect((await oc('status')).stdout.replace(/for .* - /, 'for TIME - ')).toBe(
      `In project apps on server ${url}

svc/web - ${ip}:80
  deployment/web deploys nginx:1.27
    deployment #1 running for TIME - 1 pod


1 info identified, use 'oc status --suggest' to see details.
`,
    );
    await oc('expose', 'svc/web');
    const suggested = await oc('status', '--suggest');
    expect(suggested.stdout).toContain('\nhttp://web-apps.apps-crc.testing to pod port 80-tcp (svc/web)\n');
    expect(suggested.stdout).toContain(
      'Info:\n  * deployment/web has no liveness probe to verify pods are still running.\n    try: oc set probe deployment/web --liveness ...\n',
    );
  });

  it('makes a deployment config of an image where OpenShift 3 did', async () => {
    const made = await oc3(
      'new-app',
      '--docker-image=quay.io/jasonredhat/openshift-microservices-boards',
      '--name=boards',
    );

    expect(made).toMatchObject({ stderr: '', exit: 0 });
    expect(made.stdout).toMatch(/^--> Found Docker image [0-9a-f]{7} from quay.io for "/);
    expect(made.stdout).toContain(`
    * This image will be deployed in deployment config "boards"
    * Port 8080/tcp will be load balanced by service "boards"
      * Other containers can access this service through the hostname "boards"

--> Creating resources ...
    deploymentconfig.apps.openshift.io "boards" created
    service "boards" created
--> Success
`);
    expect((await oc('rollout', 'status', 'dc/boards')).stdout).toMatch(
      /replication controller "boards-1" successfully rolled out\n$/,
    );
    expect((await oc('get', 'dc')).stdout).toMatch(
      /^NAME +REVISION +DESIRED +CURRENT +TRIGGERED BY\nboards +1 +1 +1 +config\n$/,
    );
    const status = (await oc('status')).stdout;
    expect(status).toContain('  dc/boards deploys quay.io/jasonredhat/openshift-microservices-boards:latest \n');
    expect(status).toMatch(/\n {4}deployment #1 deployed .* ago - 1 pod\n/);
    expect((await oc('describe', 'dc', 'boards')).stdout).toMatch(
      /^Latest Version:\s+1\n[^]*^Deployment #1 \(latest\):\n\s+Name:\s+boards-1\n/m,
    );
  });

  it('rolls a deployment config out again, once, and has nothing to cancel then', async () => {
    const latest = await oc('rollout', 'latest', 'dc/boards');
    await oc('rollout', 'status', 'dc/boards');

    expect(latest.stdout).toBe('deploymentconfig.apps.openshift.io/boards rolled out\n');
    expect((await oc('get', 'rc', '-o', 'name')).stdout).toBe(
      'replicationcontroller/boards-1\nreplicationcontroller/boards-2\n',
    );
    expect((await oc('rollout', 'cancel', 'dc/boards')).stdout).toMatch(
      /^No rollout is in progress \(latest rollout #2 complete .* ago\)\n$/,
    );
  });

  it('shows the versions of a deployment config and goes back to an earlier one', async () => {
    await oc('set', 'env', 'dc/boards', 'MODE=new');
    await oc('rollout', 'status', 'dc/boards');
    await expect
      .poll(async () => (await oc('rollout', 'history', 'dc/boards')).stdout)
      .toBe(
        'deploymentconfig.apps.openshift.io/boards \nREVISION\tSTATUS\t\tCAUSE\n1\t\tComplete\tconfig change\n2\t\tComplete\tmanual change\n3\t\tComplete\tconfig change\n\n',
      );

    const undone = await oc('rollout', 'undo', 'dc/boards', '--to-revision=1');
    const env = await oc('get', 'dc', 'boards', '-o', 'jsonpath={.spec.template.spec.containers[0].env}');

    expect(undone.stdout).toBe('deploymentconfig.apps.openshift.io/boards rolled back\n');
    expect(env.stdout).toBe('');
    await expect
      .poll(async () => (await oc('rollout', 'status', 'dc/boards')).stdout)
      .toMatch(/"boards-4" successfully rolled out\n$/);
    expect((await oc('rollout', 'pause', 'dc/boards')).stdout).toBe(
      'deploymentconfig.apps.openshift.io/boards paused\n',
    );
    expect((await oc('rollout', 'latest', 'dc/boards')).stderr).toBe(
      'error: cannot deploy a paused deployment config\n',
    );
    await oc('rollout', 'resume', 'dc/boards');
  });

  it('reads logs of a deployment config and runs commands in its pods', async () => {
    expect((await oc('logs', 'dc/boards')).stdout).toContain('8080');
    expect((await oc('rsh', 'dc/boards', 'printenv', 'HOSTNAME')).stdout).toMatch(/^boards-4-\w{5}\r?\n$/);
  });

  it('cancels a rollout that hangs', async () => {
    await oc('set', 'image', 'dc/boards', 'boards=nosuch:1');
    await expect
      .poll(async () => (await oc('rollout', 'latest', 'boards')).stderr)
      .toBe('error: #5 is already in progress (Running).\n');

    const cancelled = await oc('rollout', 'cancel', 'dc/boards');

    expect(cancelled.stdout).toBe('deploymentconfig.apps.openshift.io/boards cancelling\n');
    expect((await oc('rollout', 'status', 'dc/boards')).stderr).toBe(
      'error: rollout of replication controller "boards-5" was cancelled\n',
    );
    expect((await oc('get', 'pods', '-l', 'deployment=boards-4', '-o', 'name')).stdout).toMatch(/^pod\/boards-4-/);
  });

  it('shows everything of a project with get all', async () => {
    const { stdout } = await oc('get', 'all', '-o', 'name');

    expect(stdout).toMatch(/^pod\//m);
    for (const name of [
      'replicationcontroller/boards-1',
      'service/boards',
      'deployment.apps/web',
      'deploymentconfig.apps.openshift.io/boards',
      'route.route.openshift.io/web',
    ]) {
      expect(stdout.split('\n')).toContain(name);
    }
  });

  it('says what it looked for when no registry has the image', async () => {
    const { stderr, exit } = await oc('new-app', 'nosuch/thing');

    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /^error: local file access failed with: stat nosuch\/thing: no such file or directory\nerror: unable to locate any images in image streams, .*, local container images with name "nosuch\/thing"\n/,
    );
    expect((await oc('new-app', 'https://github.com/sclorg/ruby-ex.git')).stderr).toBe(
      'error: "oc new-app" from source code (https://github.com/sclorg/ruby-ex.git) is not simulated in Taller yet\n',
    );
  });

  it('runs an image as a deployment config in OpenShift 3, and as a pod when it is not to start again', async () => {
    const config = await oc3('run', 'greeter', '--image=nginx:1.27', '--port=80');
    const pod = await oc3('run', 'once', '--image=busybox', '--restart=Never', '--', 'true');
    const now = await oc('run', 'plain', '--image=nginx:1.27');

    expect(config.stdout).toBe('deploymentconfig.apps.openshift.io/greeter created\n');
    expect(pod.stdout).toBe('pod/once created\n');
    expect(now.stdout).toBe('pod/plain created\n');
    expect((await oc('get', 'dc', 'greeter', '-o', 'jsonpath={.spec.selector}')).stdout).toBe('{"run":"greeter"}');
  });

  it('shows a user the projects that are theirs', async () => {
    await oc('login', '-u', 'fay', '-p', 'x');
    const none = await oc('projects');
    await oc('new-project', 'fays');
    const one = await oc('projects');
    const other = await oc('project', 'shop');
    await oc('logout');

    expect(none.stdout).toContain('You are not a member of any projects.');
    expect(one.stdout).toBe(
      `You have one project on this server: "fays".\n\nUsing project "fays" on server "${url}".\n`,
    );
    expect(other.stderr).toBe(
      `error: You are not a member of project "shop".\nYour projects are:\n* fays\nTo see projects on another server, pass '--server=<server>'.\n`,
    );
  });

  it('prints its versions, today and in OpenShift 3', async () => {
    expect((await oc('version')).stdout).toMatch(
      /^Client Version: 4\.\d+\.\d+\nKustomize Version: v5\S+\nKubernetes Version: v1\.\S+\n$/,
    );
    expect((await oc3('version')).stdout.replace(/kubernetes v1\.\S+\n$/, 'kubernetes SERVER\n')).toBe(
      `oc v3.11.0+0cbc58b\nkubernetes v1.11.0+d4cacc0\nfeatures: Basic-Auth GSSAPI Kerberos SPNEGO\n\nServer ${url}\nkubernetes SERVER\n`,
    );
  });

  it('says what it does not simulate', async () => {
    expect(await oc('start-build', 'web')).toEqual({
      stdout: '',
      stderr: 'error: "oc start-build" is not simulated in Taller yet\n',
      exit: 1,
    });
  });

  /** As in OpenShift 3.11. */
  const oc3 = (...words: string[]) => start(words, { TALLER_ISTIO: '1.0' });
  const oc = (...words: string[]) => start(words, {});

  function start(words: string[], more: Record<string, string>) {
    const env = { ...bench.env, TALLER_COMMAND: 'oc', ...more };
    return new Promise<{ stdout: string; stderr: string; exit: number }>((resolve) => {
      execFile(process.execPath, [bench.bundle, ...words], { env }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, exit: error ? Number(error.code) : 0 });
      });
    });
  }
});
