import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KubectlMinor } from './commands.ts';
import { loadDifferences, parseDifferences } from './differences.ts';
import { minorOf } from './minor-of.ts';
import { replay } from './replay.ts';

// A replay takes about four minutes, most of them spent waiting, so it runs where it is asked for: TALLER_ORACLE=1
// replays with the kubectl on PATH, and paths of others may follow, `1:/opt/kubectl:dist/commands/kubectl.cjs`.
const asked = (process.env.TALLER_ORACLE ?? '').split(delimiter).filter(Boolean);
const REPLAY_TIMEOUT_MS = 15 * 60_000;
const LEAST_EQUAL = 0.95;

function findKubectls(): { path: string; minor: KubectlMinor }[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  const candidates = [onPath.find(existsSync), ...asked.filter((path) => path.includes('/'))];
  return candidates
    .filter((path) => path !== undefined)
    .map((path) => ({ path: resolve(path), minor: minorOf(path) }))
    .filter((one): one is { path: string; minor: KubectlMinor } => one.minor !== undefined);
}

describe.skipIf(asked.length === 0)('answers of a real control plane (set TALLER_ORACLE=1)', () => {
  const kubectls = findKubectls();

  test.skipIf(kubectls.length > 0)('this machine has no kubectl 1.32 or 1.36', (context) => context.skip());

  describe.each(kubectls)('through $path', ({ path, minor }) => {
    test('are equal but for the differences that are listed', { timeout: REPLAY_TIMEOUT_MS }, async () => {
      const lines = await replay({ kubectl: path, minor });
      const known = new Map(
        loadDifferences()
          .filter((one) => one.minor === 'all' || one.minor === minor)
          .map((one) => [one.n, one]),
      );
      const judged = lines.filter((line) => line.equal !== undefined);
      const unequal = judged.filter((line) => !line.equal);

      const unlisted = unequal.filter((line) => !known.has(line.n));
      const mended = judged.filter((line) => line.equal && known.get(line.n)?.when === 'always');

      expect(unlisted.map(({ n, command, masked }) => ({ n, command, ...masked }))).toEqual([]);
      expect(mended.map(({ n, command }) => `${n} ${command}`)).toEqual([]);
      expect(1 - unequal.length / judged.length).toBeGreaterThanOrEqual(LEAST_EQUAL);
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
