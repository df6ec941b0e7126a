import type { ComparedLine, ExpectedOutput } from '../../../common/lesson.ts';
import { alignLines } from './align-lines.ts';
import { shorten } from './shorten-comparison.ts';
import { type ActualLine, matchesLine, readLine } from './match-line.ts';
import { normaliseOutput } from './normalise-output.ts';
import { type LinePattern, parsePattern } from './parse-pattern.ts';
import { anyOrderHolds, placeInAnyOrder, placeInOrder } from './place-lines.ts';

export interface Comparison {
  ok: boolean;
  /** At most {@link MAX_COMPARED_LINES} of them. When `ok`, how the lines were understood. */
  lines: ComparedLine[];
}

/**
 * Compares what a command printed with all that its author expects. Each expected output looks at the whole of
 * `actual`; none at all accepts anything. When some differ, `lines` shows only those.
 * @throws Error when an expected output is not in the notation; the loader lets none of these through.
 */
export function compareOutput(outputs: readonly ExpectedOutput[], actual: string): Comparison {
  const lines = normaliseOutput(actual).map(readLine);
  const results = outputs.map((output) => compareOne(readExpected(output), output.mode, lines));
  const failed = results.filter((result) => !result.ok);
  const shown = failed.length === 0 ? results : failed;
  return { ok: failed.length === 0, lines: shorten(shown.flatMap((result) => result.lines)) };
}

/**
 * Whether a command that still runs has printed all that is expected by now, whatever it may print later. Only whole
 * lines count. False when nothing is expected, for then there is nothing to wait for: a forbidden line that has not
 * come yet may still come.
 */
export function matchesSoFar(outputs: readonly ExpectedOutput[], partial: string): boolean {
  const whole = partial.slice(0, partial.lastIndexOf('\n') + 1);
  const lines = normaliseOutput(whole).map(readLine);
  let expected = 0;
  for (const output of outputs) {
    const patterns = [...readExpected(output), ELISION];
    if (output.mode !== 'not' && patterns.some((pattern) => pattern.kind !== 'elision')) expected++;
    if (!compareOne(patterns, output.mode, lines).ok) return false;
  }
  return expected > 0;
}

const ELISION: LinePattern = { kind: 'elision', source: '...' };

function readExpected(output: ExpectedOutput): LinePattern[] {
  const { lines, problems } = parsePattern(output.text);
  if (problems.length > 0) throw new Error(`expected output is not in the notation: ${problems[0]!.message}`);
  return lines;
}

function compareOne(patterns: LinePattern[], mode: ExpectedOutput['mode'], lines: ActualLine[]): Comparison {
  switch (mode) {
    case 'in-order':
      return compareInOrder(patterns, lines);
    case 'any-order':
      return compareInAnyOrder(patterns, lines);
    case 'not':
      return compareAbsence(patterns, lines);
  }
}

function compareInOrder(patterns: LinePattern[], lines: ActualLine[]): Comparison {
  const places = placeInOrder(patterns, lines);
  if (places === null) return { ok: false, lines: alignLines(patterns, lines) };
  const compared: ComparedLine[] = [];
  let position = 0;
  for (const place of [...places, lines.length]) {
    if (place === -1) continue;
    if (place > position) compared.push({ kind: 'elided', count: place - position });
    if (place < lines.length) compared.push({ kind: 'same', text: lines[place]!.text });
    position = place + 1;
  }
  return { ok: true, lines: compared };
}

function compareInAnyOrder(patterns: LinePattern[], lines: ActualLine[]): Comparison {
  const places = placeInAnyOrder(patterns, lines);
  const elided = patterns.some((pattern) => pattern.kind === 'elision');
  const taken = new Set(places);
  const compared: ComparedLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = compared.at(-1);
    if (taken.has(index)) compared.push({ kind: 'same', text: line.text });
    else if (line.text === '') continue;
    else if (!elided) compared.push({ kind: 'unexpected', actual: line.text });
    else if (last?.kind === 'elided') last.count++;
    else compared.push({ kind: 'elided', count: 1 });
  }
  for (const [index, pattern] of patterns.entries()) {
    if (pattern.kind === 'elision' || places[index] !== -1) continue;
    compared.push({ kind: 'missing', expected: pattern.source });
  }
  return { ok: anyOrderHolds(patterns, lines, places), lines: compared };
}

function compareAbsence(patterns: LinePattern[], lines: ActualLine[]): Comparison {
  const forbidden = lines.filter((line) => patterns.some((pattern) => matchesLine(pattern, line)));
  const compared = forbidden.map((line): ComparedLine => ({ kind: 'unexpected', actual: line.text }));
  return { ok: forbidden.length === 0, lines: compared };
}
