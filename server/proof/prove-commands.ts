import { shownHints } from '../../common/shown-hints.ts';
import type { Mistake, ProofCommand } from '../lessons/definition.ts';
import { describeCheckFailure } from './describe-failure.ts';
import type { Snapshot } from './snapshot.ts';
import type { TestBench } from './test-bench.ts';

/**
 * After another right way every check of the stage passes.
 * @param before where the bench is, and is left.
 */
export async function proveWay(
  bench: TestBench,
  check: string,
  way: ProofCommand,
  checks: readonly string[],
  before: Snapshot,
): Promise<void> {
  const { exit, output } = await bench.run(`set -e\n${way.command}`);
  let problem: string | null = null;
  if (exit !== 0) problem = `this way ends with status ${exit}:\n${indent(output)}`;
  else {
    for (const other of checks) {
      const state = await bench.waitFor(other);
      if (state.status !== 'failed') continue;
      problem = `check "${other}" refuses this way. Test what is reached, not how.\n${indent(describeCheckFailure(state))}`;
      break;
    }
  }
  bench.report('way', check, firstLine(way.command), problem, way.line);
  await bench.restore(before);
}

/**
 * After a mistake the check fails and shows one hint, the one that explains it.
 * @param from where the bench is, and is left.
 */
export async function proveMistake(bench: TestBench, check: string, mistake: Mistake, from: Snapshot): Promise<void> {
  const { output } = await bench.run(mistake.command);
  const state = await bench.look(check);
  let problem: string | null = null;
  if (state.status !== 'failed') {
    problem = `check "${check}" passes after this mistake.`;
    if (output.trim() !== '') problem += ` The commands printed:\n${indent(output)}`;
  } else {
    const shown = shownHints(state.failures, bench.hints(check));
    if (shown.length !== 1 || shown[0] !== mistake.hint) {
      const hints = shown.length === 0 ? 'no hint' : `the hint for ${shown.join(' and that for ')}`;
      problem = `check "${check}" shows ${hints}, not that for ${mistake.hint} alone.\n${indent(describeCheckFailure(state))}`;
    }
  }
  bench.report('mistake', check, firstLine(mistake.command), problem, mistake.line);
  await bench.restore(from);
}

function firstLine(text: string): string {
  const [first = ''] = text.split('\n');
  return first === text ? first : `${first} …`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}
