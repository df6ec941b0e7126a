import { isDeepStrictEqual } from 'node:util';
import type { ParsedBlock, ParsedRun, ParsedText, Span } from './parsed-text.ts';
import type { Report } from './yaml-document.ts';

/**
 * Reports where a translation does not do what the original does: a command, an expected output, a check or a hint
 * that is lost, added or altered. Prose, goals and the texts of hints are free.
 * @param original first language, `originalName` its file's name for messages.
 * @param report takes lines of the translation.
 */
export function compareLocales(
  original: ParsedText,
  originalName: string,
  translation: ParsedText,
  report: Report,
): void {
  // Without a step nothing is in its place; that it has none is reported by itself.
  if (original.steps.length === 0 || translation.steps.length === 0) return;
  const at = (line: number): string => `${originalName}:${line}`;
  const sameSteps = original.steps.length === translation.steps.length;
  if (!sameSteps) {
    const ends = [translation, original].map((text) => ({
      count: text.steps.length,
      line: text.steps.at(-1)?.line ?? 1,
    }));
    const message = `${ends[0]!.count === 1 ? '1 step ends' : `${ends[0]!.count} steps end`} here, ${ends[1]!.count} at ${at(ends[1]!.line)}. Give both the same "##" headings.`;
    report(ends[0]!.line, message);
  }
  let before = translation.steps[0]?.line ?? 1;
  let beforeOriginal = original.steps[0]?.line ?? 1;
  for (const [left, right] of alignUnits(listUnits(original), listUnits(translation))) {
    if (right === undefined) {
      // A fence that could not be read where it belongs may be the one that is missed.
      if (!isStepBroken(translation, left!.step))
        report(before, `here is no ${left!.label}; ${at(left!.line)} has it. Add it below.`);
    } else if (left === undefined) {
      if (!isStepBroken(original, right.step)) {
        report(right.line, `${right.label} is not in ${at(beforeOriginal)} or below. Add it there or remove it here.`);
      }
    } else if (!hasMistake(original, left) && !hasMistake(translation, right)) {
      if (!isDeepStrictEqual(left.content, right.content)) {
        report(right.line, `${describeChange(left, right)} at ${at(left.line)}. Make both the same.`);
      } else if (sameSteps && left.step !== right.step) {
        report(
          right.line,
          `${right.label} is in step ${right.step}, but in step ${left.step} at ${at(left.line)}. Move it.`,
        );
      }
    }
    before = right?.line ?? before;
    beforeOriginal = left?.line ?? beforeOriginal;
  }
}

function hasMistake(text: ParsedText, { line, endLine }: Span): boolean {
  for (const broken of text.brokenLines) if (broken >= line && broken <= endLine) return true;
  return false;
}

function isStepBroken(text: ParsedText, step: number): boolean {
  const line = text.steps[step - 1]?.line ?? 0;
  return hasMistake(text, { line, endLine: (text.steps[step]?.line ?? Infinity) - 1 });
}

/** What a translation must not change. */
export interface Unit extends Span {
  kind: string;
  /** For messages: `the command "kubectl get pods"`. */
  label: string;
  /** Compared whole. */
  content: unknown;
  step: number;
}

/** In the order of the text. */
export function listUnits(text: ParsedText): Unit[] {
  return text.steps.flatMap((step, index) => step.blocks.flatMap((block) => blockUnits(block, index + 1)));
}

function blockUnits(block: ParsedBlock, step: number): Unit[] {
  const place = { step, line: block.line, endLine: block.endLine };
  if (block.kind === 'hint') return [{ kind: 'hint', label: 'hint fence', content: 'alone', ...place }];
  if (block.kind === 'check') {
    const { name, check } = block;
    const hints = Object.keys(check?.hints ?? {}).sort();
    const content = { name, definition: check?.definition, goal: typeof check?.goal === 'string', hints };
    return [{ kind: 'check', label: `check "${name}"`, content, ...place }];
  }
  const { command, options, outputs, hint } = block;
  const units: Unit[] = [
    { kind: 'command', label: `command ${quote(command)}`, content: { command, options }, ...place },
  ];
  for (const output of outputs) units.push(outputUnit(output, step));
  if (hint !== null) {
    units.push({
      kind: 'hint',
      label: 'hint fence',
      content: 'of a block',
      step,
      line: hint.line,
      endLine: hint.endLine,
    });
  }
  return units;
}

export function outputUnit({ text, mode, exit, line, endLine }: ParsedRun['outputs'][number], step: number): Unit {
  return { kind: 'output', label: `output ${quote(text)}`, content: { text, mode, exit }, step, line, endLine };
}

function quote(text: string): string {
  const [first = ''] = text.split('\n');
  return first === text ? `"${first}"` : `"${first} …"`;
}

function describeChange(left: Unit, right: Unit): string {
  const texts = [left, right].map(({ content }) => {
    const { command, text } = content as { command?: string; text?: string };
    return (command ?? text ?? '').split('\n');
  }) as [string[], string[]];
  const at = texts[0].findIndex((line, index) => line !== texts[1][index]);
  const index = at === -1 && texts[0].length < texts[1].length ? texts[0].length : at;
  if (index === -1) return `the ${right.label} has not the same options, conditions or hint clauses as`;
  return `the ${right.kind} has ${quoteLine(texts[1][index])} where it has ${quoteLine(texts[0][index])}`;
}

function quoteLine(line: string | undefined): string {
  return line === undefined ? 'no further line' : `"${line}"`;
}

/** Pairs equal units in order, then unequal ones of a kind; the shortest way to turn one list into the other. */
export function alignUnits(wanted: readonly Unit[], found: readonly Unit[]): [Unit | undefined, Unit | undefined][] {
  const width = found.length + 1;
  const costs = new Float64Array((wanted.length + 1) * width);
  const pairCost = (i: number, j: number): number => {
    if (isDeepStrictEqual(wanted[i]!.content, found[j]!.content)) return 0;
    return wanted[i]!.kind === found[j]!.kind ? 1.5 : 3;
  };
  for (let i = wanted.length; i >= 0; i--) {
    for (let j = found.length; j >= 0; j--) {
      if (i === wanted.length) costs[i * width + j] = found.length - j;
      else if (j === found.length) costs[i * width + j] = wanted.length - i;
      else {
        const pair = pairCost(i, j) + costs[(i + 1) * width + j + 1]!;
        costs[i * width + j] = Math.min(pair, 1 + costs[(i + 1) * width + j]!, 1 + costs[i * width + j + 1]!);
      }
    }
  }
  const pairs: [Unit | undefined, Unit | undefined][] = [];
  for (let i = 0, j = 0; i < wanted.length || j < found.length;) {
    const cost = costs[i * width + j]!;
    if (i < wanted.length && j < found.length && cost === pairCost(i, j) + costs[(i + 1) * width + j + 1]!) {
      pairs.push([wanted[i++], found[j++]]);
    } else if (i < wanted.length && cost === 1 + costs[(i + 1) * width + j]!) pairs.push([wanted[i++], undefined]);
    else pairs.push([undefined, found[j++]]);
  }
  return pairs;
}
