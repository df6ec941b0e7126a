import type { ComparedLine } from '../../../common/lesson.ts';
import { type ActualLine, matchesLine, matchesToken } from './match-line.ts';
import type { LinePattern } from './parse-pattern.ts';

/** Lines of output that take part in the search for the best alignment, and those at either end that always do. */
const MAX_ALIGNED_LINES = 400;
const ALWAYS_ALIGNED = 100;

const SKIP_COST = 2;
/** What a line costs beside one that is not equal: 1 when alike, nearly as much as leaving both out when not. */
const DIFFERENT_COST = 1;

/**
 * Explains why output differs from what was expected in order: the cheapest way to read the one as the other, found
 * by the usual table of expected against actual lines. Of a long output only its ends and the lines that some pattern
 * accepts take part, so that the cost stays bounded; runs of others count as one.
 */
export function alignLines(patterns: readonly LinePattern[], lines: readonly ActualLine[]): ComparedLine[] {
  const rows = chooseRows(patterns, lines);
  const width = rows.length + 1;
  const costs = new Float64Array((patterns.length + 1) * width);
  const steps = new Uint8Array(costs.length);
  for (let i = patterns.length; i >= 0; i--) {
    for (let j = rows.length; j >= 0; j--) {
      if (i === patterns.length && j === rows.length) continue;
      const [step, cost] = bestStep(patterns[i], rows[j], (di, dj) => costs[(i + di) * width + j + dj]!);
      steps[i * width + j] = step;
      costs[i * width + j] = cost;
    }
  }
  return readSteps(patterns, rows, (i, j) => steps[i * width + j]!);
}

/** Lines of the output, or a number of lines that no pattern accepts. */
type Row = ActualLine | { skipped: number };

const TAKE = 0;
const MISSING = 1;
const EXTRA = 2;
const ELIDE = 3;
const END_ELISION = 4;

function bestStep(
  pattern: LinePattern | undefined,
  row: Row | undefined,
  costAfter: (patterns: number, rows: number) => number,
): [step: number, cost: number] {
  let best: [number, number] = [END_ELISION, Infinity];
  const offer = (step: number, cost: number): void => {
    if (cost < best[1]) best = [step, cost];
  };
  if (pattern?.kind === 'elision') {
    offer(END_ELISION, costAfter(1, 0));
    if (row !== undefined) offer(ELIDE, costAfter(0, 1));
    return best;
  }
  if (pattern !== undefined && row !== undefined && !('skipped' in row)) {
    const cost = matchesLine(pattern, row) ? 0 : DIFFERENT_COST + 2 * (1 - likeness(pattern, row));
    offer(TAKE, cost + costAfter(1, 1));
  }
  if (pattern !== undefined) offer(MISSING, SKIP_COST + costAfter(1, 0));
  if (row !== undefined) offer(EXTRA, SKIP_COST + costAfter(0, 1));
  return best;
}

/** Share of the tokens that agree at the same place, 0 to 1. */
function likeness(pattern: LinePattern, line: ActualLine): number {
  if (pattern.kind !== 'tokens') return 0;
  const most = Math.max(pattern.tokens.length, line.tokens.length);
  let equal = 0;
  for (const [index, token] of pattern.tokens.entries()) {
    const actual = line.tokens[index];
    if (actual === undefined) break;
    if (matchesToken(token, actual)) equal++;
  }
  return most === 0 ? 0 : equal / most;
}

function chooseRows(patterns: readonly LinePattern[], lines: readonly ActualLine[]): Row[] {
  if (lines.length <= MAX_ALIGNED_LINES) return [...lines];
  const rows: Row[] = [];
  let room = MAX_ALIGNED_LINES - 2 * ALWAYS_ALIGNED;
  for (const [index, line] of lines.entries()) {
    const atEnd = index < ALWAYS_ALIGNED || index >= lines.length - ALWAYS_ALIGNED;
    const wanted = !atEnd && room > 0 && patterns.some((pattern) => matchesLine(pattern, line));
    if (wanted) room--;
    const last = rows.at(-1);
    if (atEnd || wanted) rows.push(line);
    else if (last !== undefined && 'skipped' in last) last.skipped++;
    else rows.push({ skipped: 1 });
  }
  return rows;
}

function readSteps(
  patterns: readonly LinePattern[],
  rows: readonly Row[],
  stepAt: (i: number, j: number) => number,
): ComparedLine[] {
  const compared: ComparedLine[] = [];
  let i = 0;
  let j = 0;
  while (i < patterns.length || j < rows.length) {
    const step = stepAt(i, j);
    const row = rows[j];
    if (step === TAKE) compared.push(compareLine(patterns[i]!, row as ActualLine));
    else if (step === MISSING) compared.push({ kind: 'missing', expected: patterns[i]!.source });
    else if (step === ELIDE || (step === EXTRA && 'skipped' in row!)) addElided(compared, row!);
    else if (step === EXTRA) compared.push({ kind: 'unexpected', actual: (row as ActualLine).text });
    if (step !== EXTRA && step !== ELIDE) i++;
    if (step !== MISSING && step !== END_ELISION) j++;
  }
  return compared;
}

function compareLine(pattern: LinePattern, row: ActualLine): ComparedLine {
  if (matchesLine(pattern, row)) return { kind: 'same', text: row.text };
  return { kind: 'different', expected: pattern.source, actual: row.text };
}

function addElided(compared: ComparedLine[], row: Row): void {
  const count = 'skipped' in row ? row.skipped : 1;
  const last = compared.at(-1);
  if (last?.kind === 'elided') last.count += count;
  else compared.push({ kind: 'elided', count });
}
