import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { startWarmTools, type WarmTools } from '../../../server/proof/warm-tools.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../../server/session/embedded-environment.ts';
import { runTestCommand } from '../../../server/session/run-test.ts';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

let folder: string;
let workplace: Workplace;
let tools: WarmTools | null;
let environment: EmbeddedEnvironment;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taller-warm-'));
  workplace = await createWorkplace(join(dist, 'commands/kubectl.cjs'));
  tools = await startWarmTools(join(folder, 'tools'), workplace.toolsDirectory, dist);
  const toolsDirectory = tools?.directory ?? workplace.toolsDirectory;
  environment = await createEmbeddedEnvironment({ ...workplace, toolsDirectory, setup: [], files: null });
  tools?.prepare(environment.shellEnv);
  // What runs in a process of its own would say so.
  for (const tool of ['kubectl', 'oc']) await writeFile(join(workplace.toolsDirectory, tool), '#!/bin/sh\necho cold\n');
});
afterAll(async () => {
  tools?.dispose();
  await environment.dispose();
  await workplace.dispose();
  await rm(folder, { recursive: true });
});

const run = (command: string) =>
  (tools?.run ?? runTestCommand)({ command, json: [] }, { cwd: environment.home, env: environment.shellEnv });

// Without /proc there are none, and `check` does without.
test.skipIf(process.platform !== 'linux')('a command prints, reads and ends as in a process of its own', async () => {
  await run('kubectl create namespace shop');

  const { output, exit } = await run(`
    kubectl -n shop apply -f - <<E
apiVersion: v1
kind: ConfigMap
metadata: { name: door }
data: { color: "blue & green" }
E
    color=$(kubectl -n shop get configmap door -o jsonpath='{.data.color}')
    echo "it is $color"
    oc -n shop get configmap window
    echo "status $?"
    printf 'apiVersion: v1\\nkind: Namespace\\nmetadata: { name: piped }\\n' > piped.yaml
    cat piped.yaml | kubectl apply -f - | tr a-z A-Z
    cd / && kubectl create namespace one 2>&1 > /dev/null
    kubectl get configmap -n shop "a b" "c'd" 2>&1 | head -1
    exec kubectl get nothing`);

  expect(output).toBe(`configmap/door created
it is blue & green
Error from server (NotFound): configmaps "window" not found
status 1
NAMESPACE/PIPED CREATED
Error from server (NotFound): configmaps "a b" not found
error: the server doesn't have a resource type "nothing"
`);
  expect(exit).toBe(1);
});

test.skipIf(process.platform !== 'linux')('what a warm command cannot do runs in a process of its own', async () => {
  const toSockets = spawnSync('kubectl', ['version', '--client'], {
    env: { PATH: `${tools!.directory}:/usr/bin:/bin` },
    encoding: 'utf8',
  });

  expect((await run('kubectl get pods --watch')).output).toBe('cold\n');
  expect((await run('kubectl exec nobody -- curl -w x')).output).toBe(
    'Error from server (NotFound): pods "nobody" not found\n',
  );
  expect((await run('EDITOR=true kubectl edit namespace default')).output).toBe('cold\n');
  expect(toSockets.stdout).toBe('cold\n');
});

test.skipIf(process.platform !== 'linux')('nothing of a long output is lost or changes its place', async () => {
  const maps = Array.from(
    { length: 40 },
    (_, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: map-${index} }\n`,
  );
  await writeFile(join(environment.home, 'maps.yaml'), maps.join('---\n'));

  const { output } = await run('kubectl apply -f maps.yaml; kubectl get configmap map-1 none map-2 none -o name');

  expect(output.split('\n')).toEqual([
    ...maps.map((_, index) => `configmap/map-${index} created`),
    'configmap/map-1',
    'configmap/map-2',
    'Error from server (NotFound): configmaps "none" not found',
    'Error from server (NotFound): configmaps "none" not found',
    '',
  ]);
});

test.skipIf(process.platform !== 'linux')('a shell that is killed takes nobody along', async () => {
  await run('kubectl wait --for=condition=Ready pod/none --timeout=30s & kill $!; true');

  expect((await run('kubectl get namespace default -o name')).output).toBe('namespace/default\n');
});
