import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubectlMinor } from './commands.ts';
import { loadDifferences, parseDifferences } from './differences.ts';
import { minorOf } from './minor-of.ts';
import { replay } from './replay.ts';

// A replay takes some minutes, most of them spent waiting, so it runs where it is asked for: TALLER_ORACLE=1 replays
// with the bundled kubectl and the one on PATH, and paths of others may follow, `1:/opt/kubectl`.
const asked = (process.env.TALLER_ORACLE ?? '').split(delimiter).filter(Boolean);
const REPLAY_TIMEOUT_MS = 15 * 60_000;
const LEAST_EQUAL = 0.95;

interface Judged {
  path: string;
  minor: KubectlMinor;
  isBundle: boolean;
}

function findKubectls(): Judged[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  const candidates = [onPath.find(existsSync), ...asked.filter((path) => path.includes('/'))];
  return candidates
    .filter((path) => path !== undefined)
    .map((path) => ({ path: resolve(path), minor: minorOf(path), isBundle: false }))
    .filter((one): one is Judged => one.minor !== undefined);
}

describe.skipIf(asked.length === 0)('answers of a real control plane (set TALLER_ORACLE=1)', () => {
  const bundle: Judged = {
    path: join(tmpdir(), `oracle-bundle-${process.pid}`, 'kubectl.cjs'),
    minor: '1.36',
    isBundle: true,
  };

  beforeAll(async () => {
    const entryPoints = [fileURLToPath(new URL('../../server/commands/kubectl/main.ts', import.meta.url))];
    await build({
      entryPoints,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: bundle.path,
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(dirname(bundle.path), { recursive: true, force: true }));

  describe.each([bundle, ...findKubectls()])('through $path', ({ path, minor, isBundle }) => {
    test('are equal but for the differences that are listed', { timeout: REPLAY_TIMEOUT_MS }, async () => {
      const lines = await replay({ kubectl: path, minor });
      const known = new Map(
        loadDifferences()
          .filter(({ about }) => about === 'all' || about === minor || (isBundle && about === 'bundle'))
          .map((one) => [one.n, one]),
      );
      const judged = lines.filter((line) => line.equal !== undefined);
      const unequal = judged.filter((line) => !line.equal);

      const unlisted = unequal.filter((line) => !known.has(line.n));
      const mended = judged.filter((line) => line.equal && known.get(line.n)?.when === 'always');
      // What depends on speed must not decide whether there is enough of the rest.
      const always = unequal.filter((line) => known.get(line.n)?.when !== 'sometimes');

      expect(unlisted.map(({ n, command, masked }) => ({ n, command, ...masked }))).toEqual([]);
      expect(mended.map(({ n, command }) => `${n} ${command}`)).toEqual([]);
      expect(1 - always.length / judged.length).toBeGreaterThanOrEqual(LEAST_EQUAL);
    });
  });
});

test('the list of differences can be read', () => {
  expect(loadDifferences().length).toBeGreaterThan(0);
});

test('a line of the list that cannot be read is named', () => {
  expect(() => parseDifferences('# a comment\n16 always: no kubectl')).toThrow('differences.txt:2: cannot read');
});

test('what is no kubectl has no version', () => {
  expect(minorOf('/bin/false')).toBeUndefined();
});
