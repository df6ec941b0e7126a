import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCommand } from '../../../server/commands/build-command.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
let server: Server;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taller-build-command-'));
  await buildCommand(esbuild, {
    root,
    entry: 'server/commands/kubectl/main.ts',
    command: join(folder, 'kubectl'),
    often: {
      name: 'get',
      file: 'server/commands/kubectl/verbs/get.ts',
      lists: ['server/commands/kubectl/commands.ts', 'server/commands/kubectl/oc/commands.ts'],
    },
    line: ['get', 'pods'],
    env: { TALLER_COMMAND: 'kubectl' },
  });
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'one' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // In flow style, so that the YAML package has to be loaded.
  writeFileSync(
    join(folder, 'config'),
    `{current-context: a, contexts: [{name: a, context: {cluster: a}}], clusters: [{name: a, cluster: {server: "${url}"}}]}`,
  );
  env = { HOME: folder, KUBECONFIG: join(folder, 'config'), TALLER_COMMAND: 'kubectl' };
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const kubectl = (...words: string[]) => run(process.execPath, [join(folder, 'kubectl.cjs'), ...words], { env });

test('get has a program of its own, a fraction of the whole', () => {
  const size = (name: string) => readFileSync(join(folder, name)).length;

  expect(size('kubectl.get.cjs')).toBeLessThan(size('kubectl.program.cjs') / 2);
});

test('both print the same', async () => {
  const words = ['get', 'ns', 'one', '-o', 'yaml'];

  const alone = await kubectl(...words);
  const whole = await kubectl(`--kubeconfig=${join(folder, 'config')}`, ...words);

  expect(alone.stdout).toBe('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: one\n');
  expect(whole.stdout).toBe(alone.stdout);
});

test('the program of get knows its own help and what it is called by', async () => {
  const { stdout } = await run(process.execPath, [join(folder, 'kubectl.cjs'), 'get', '--help'], {
    env: { ...env, TALLER_COMMAND: 'oc' },
  });

  expect(stdout).toContain('oc get pods');
});

test('what was compiled for one Node is not needed by another', async () => {
  for (const name of ['get', 'program']) {
    const file = join(folder, `kubectl.${name}.code-cache`);
    expect(existsSync(file)).toBe(true);
    writeFileSync(file, 'of another version');
  }

  expect((await kubectl('get', 'ns', 'one', '-o', 'name')).stdout).toBe('namespace/one\n');
  expect((await kubectl('version', '--client')).stdout).toContain('Client Version');
});
