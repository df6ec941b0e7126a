import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeSimulated, isActedUpon } from '../../cluster/describe-simulated.ts';
import { ALL_VERBS } from '../../cluster/objects/kinds/kind.ts';
import { createKindRegistry } from '../../cluster/objects/kinds/registry.ts';

const FOLDER = fileURLToPath(new URL('../../cluster/', import.meta.url));
const PAGE = `${FOLDER}SIMULATED.md`;

const sources = new Map(
  (readdirSync(FOLDER, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(FOLDER + path, 'utf8')]),
);

test('the page about what is simulated says what the code does', () => {
  const page = describeSimulated(sources);

  if (process.env.UPDATE) writeFileSync(PAGE, page);

  expect(page, 'UPDATE=1 rewrites it').toBe(readFileSync(PAGE, 'utf8'));
});

test('every kind that can be created and that nothing acts upon says so', () => {
  // A cluster without an ingress controller, as a new one is, is as silent about these.
  const silent = ['Lease', 'IngressClass', 'Ingress'];

  const quiet = [...createKindRegistry().kinds, ...createKindRegistry('1.4').kinds, ...createKindRegistry('1.0').kinds]
    .filter(({ verbs = ALL_VERBS }) => verbs.includes('create') && verbs.includes('get'))
    .filter((kind) => kind.inertNote === undefined && !isActedUpon(kind, sources))
    .map(({ kind }) => kind);

  expect(new Set(quiet)).toEqual(new Set(silent));
});
