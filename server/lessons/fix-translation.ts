import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { alignUnits, listUnits, outputUnit, type Unit } from './compare-locales.ts';
import { parseMarkdown } from './parse-markdown.ts';
import type { ParsedText, Span } from './parsed-text.ts';
import { readTextForm } from './text-form.ts';
import { readYaml } from './yaml-document.ts';

/** One thing that was mended or marked; `line` is that of the new text, from 1. */
export interface Fix {
  line: number;
  message: string;
}

export interface FixedTranslation {
  text: string;
  fixes: Fix[];
}

/** Stands below a heading of a translation and tells which original it was made from. */
const MARK = /^<!-- (\w\w): ([0-9a-f]{8})( behind)?\b.*-->$/;
const UNTRANSLATED = '<!-- untranslated -->';

/**
 * Gives a translation the commands, outputs and checks of the original, and marks the steps whose prose has changed
 * there since they were translated. Prose, goals and hints that are translated stay as they are.
 *
 * @param locale of the original, for the marks
 * @returns null when one of the texts cannot be taken apart safely: the problems that `check` lists come first
 */
export function fixTranslation(original: string, translation: string, locale: string): FixedTranslation | null {
  const forms = { wanted: readTextForm(original), found: readTextForm(translation) };
  const wanted = parse(forms.wanted.text);
  const found = parse(forms.found.text);
  if (wanted === null || found === null) return null;
  const lines = { wanted: forms.wanted.text.split('\n'), found: forms.found.text.split('\n') };
  const edits = [
    ...fenceEdits(wanted, found, lines),
    ...missingSteps(wanted, found, lines.wanted, lines.found.length),
    ...proseEdits(wanted, found, lines, locale),
  ];
  const { text, fixes } = applyEdits(lines.found, edits);
  return { text: forms.found.restore(text), fixes };
}

/** Lines `from` to `to` (exclusive, from 0) give way to `lines`. */
interface Edit {
  from: number;
  to: number;
  lines: string[];
  message: string;
}

interface Lines {
  wanted: readonly string[];
  found: readonly string[];
}

/** Null when a fence is not closed, or stands in a list: its lines could not be moved alone. */
function parse(text: string): ParsedText | null {
  const lines = text.split('\n');
  const parsed = parseMarkdown(text, () => {});
  const spans = unitsOf(parsed, lines);
  const whole = spans.every(
    ({ line, endLine }) => /^(?:`{3,}|~{3,})/.test(lines[line - 1] ?? '') && isEnd(lines[endLine]),
  );
  return whole && allClosed(lines) && parsed.steps.length > 0 ? parsed : null;
}

function allClosed(lines: readonly string[]): boolean {
  let open: string | null = null;
  for (const line of lines) {
    const [, mark = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark === '') continue;
    if (open === null) open = mark;
    else if (rest.trim() === '' && mark.startsWith(open)) open = null;
  }
  return open === null;
}

function isEnd(line: string | undefined): boolean {
  return /^(?:`{3,}|~{3,})\s*$/.test(line ?? '');
}

/** Units whose content ends on `endLine`, also where there is none: the closing mark is on the next line. */
function unitsOf(text: ParsedText, lines: readonly string[]): Unit[] {
  const strays = text.strays.map((stray) => outputUnit(stray, stray.step));
  return [...listUnits(text), ...strays]
    .map((unit) => (unit.endLine === unit.line + 1 && isEnd(lines[unit.line]) ? { ...unit, endLine: unit.line } : unit))
    .toSorted((a, b) => a.line - b.line);
}

/** A fence with both its marks. */
function fenceLines(lines: readonly string[], { line, endLine }: Span): string[] {
  return lines.slice(line - 1, endLine + 1);
}

function fenceEdits(wanted: ParsedText, found: ParsedText, lines: Lines): Edit[] {
  const edits: Edit[] = [];
  const steps = found.steps.length;
  /** Where the next missing fence goes: behind the last one that is in both. */
  let at = found.steps[0]?.line ?? 0;
  const wantedUnits = unitsOf(wanted, lines.wanted).filter(({ step }) => step <= steps);
  const foundUnits = unitsOf(found, lines.found);
  // With as many steps as the original has, what stands in another step is a mistake.
  const pairs =
    wanted.steps.length === steps
      ? wanted.steps.flatMap((_, index) => {
          const ofStep = ({ step }: Unit): boolean => step === index + 1;
          return alignUnits(wantedUnits.filter(ofStep), foundUnits.filter(ofStep));
        })
      : alignUnits(wantedUnits, foundUnits);
  for (const [index, [left, right]] of pairs.entries()) {
    if (right !== undefined) at = Math.max(at, right.endLine + 1);
    if (left === undefined && right !== undefined) {
      edits.push({
        ...placeOf(right, lines.found),
        lines: [],
        message: `removed the ${right.label}${proseIn(right, lines.found)}`,
      });
    } else if (left !== undefined && right === undefined) {
      // A command whose output or hint is still there belongs above it.
      const own = left.kind === 'command' ? pairs[index + 1] : undefined;
      const below = own?.[0]?.kind === 'output' || own?.[0]?.kind === 'hint' ? own[1] : undefined;
      at = below ? below.line - 1 : Math.max(at, found.steps[left.step - 1]?.line ?? 0);
      const fence = fenceLines(lines.wanted, left);
      if (left.kind === 'hint') fence.splice(1, 0, UNTRANSLATED);
      const added = below ? [...fence, ''] : ['', ...fence];
      edits.push({ from: at, to: at, lines: added, message: `added the ${left.label}` });
    } else if (left !== undefined && right !== undefined && left.kind !== 'hint' && !sameContent(left, right)) {
      const { from, to } = { from: right.line - 1, to: right.endLine + 1 };
      const fence = fenceLines(lines.wanted, left);
      const own = left.kind === 'check' ? withWordsOf(fence, fenceLines(lines.found, right)) : fence;
      edits.push({ from, to, lines: own, message: `took over the ${left.label}` });
    }
  }
  return edits;
}

/** What a translator has written into a fence, so that it is not gone for good. */
function proseIn(unit: Unit, lines: readonly string[]): string {
  const fence = fenceLines(lines, unit);
  if (unit.kind !== 'hint' && unit.kind !== 'check') return '';
  const { goal = '', hints } = wordsOf(fence);
  const texts = unit.kind === 'hint' ? [fence.slice(1, -1).join(' ')] : [goal, ...Object.values(hints)];
  return texts
    .filter((text) => text !== '')
    .map((text) => `, which said: ${text.replaceAll(/\s+/g, ' ').trim()}`)
    .join('');
}

function sameContent(left: Unit, right: Unit): boolean {
  return JSON.stringify(left.content) === JSON.stringify(right.content);
}

/** A fence with the empty line that follows it. */
function placeOf({ line, endLine }: Span, lines: readonly string[]): { from: number; to: number } {
  return { from: line - 1, to: endLine + 1 + (lines[endLine + 1] === '' ? 1 : 0) };
}

/** The original's check with the goal and the hints that are translated. */
function withWordsOf(original: readonly string[], translated: readonly string[]): string[] {
  const wanted = wordsOf(original);
  const known = wordsOf(translated);
  const hints = Object.fromEntries(
    Object.entries(wanted.hints).map(([clause, text]) => [clause, known.hints[clause] ?? `${UNTRANSLATED} ${text}`]),
  );
  const goal = known.goal ?? `${UNTRANSLATED} ${wanted.goal}`;
  return withField(withField(original, 'goal', goal), 'hints', hints);
}

/** The fence with another value of a field; as it is when it has none of this name. */
function withField(fence: readonly string[], name: string, value: unknown): string[] {
  const start = fence.findIndex((line) => line.startsWith(`${name}:`));
  if (start === -1) return [...fence];
  const after = fence.findIndex((line, index) => index > start && /^[^\s`]/.test(line));
  const yaml = stringify({ [name]: value }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return [...fence.slice(0, start), ...yaml, ...fence.slice(after === -1 ? -1 : after)];
}

function wordsOf(fence: readonly string[]): { goal?: string; hints: Record<string, string> } {
  const document = readYaml(fence.slice(1, -1).join('\n'), 1, 'check', () => {});
  const value = (name: string): unknown => document?.fields.get(name)?.value ?? undefined;
  return { goal: value('goal') as string | undefined, hints: (value('hints') ?? {}) as Record<string, string> };
}

function missingSteps(wanted: ParsedText, found: ParsedText, lines: readonly string[], end: number): Edit[] {
  return wanted.steps.slice(found.steps.length).map((step, index) => {
    const next = wanted.steps[found.steps.length + index + 1];
    const text = lines
      .slice(step.line, next ? next.line - 1 : undefined)
      .join('\n')
      .trimEnd();
    const added = ['', lines[step.line - 1] ?? '', '', UNTRANSLATED, ...text.split('\n')];
    return { from: end, to: end, lines: added, message: `added the step "${step.title}", still to be translated` };
  });
}

function proseEdits(wanted: ParsedText, found: ParsedText, lines: Lines, locale: string): Edit[] {
  const parts = (text: ParsedText) => [1, ...text.steps.map(({ line }) => line)];
  const starts = { wanted: parts(wanted), found: parts(found) };
  const count = Math.min(starts.wanted.length, starts.found.length);
  return Array.from({ length: count }, (_, part) => part).flatMap((part): Edit[] => {
    const hash = hashOf(proseOf(wanted, lines.wanted, starts.wanted, part));
    if (hash === null) return [];
    const from = starts.found[part] ?? 1;
    const to = (starts.found[part + 1] ?? lines.found.length + 1) - 1;
    const at = lines.found.findIndex((line, index) => index >= from - 1 && index < to && MARK.test(line));
    const name = part === 0 ? 'the introduction' : `step ${part}`;
    const mark = `<!-- ${locale}: ${hash} -->`;
    if (at === -1) {
      // The introduction may begin without a title.
      const below = part === 0 && !lines.found[0]?.startsWith('# ') ? 0 : from;
      const message = `marked ${name} as translated from the ${locale} of now`;
      return [{ from: below, to: below, lines: below === 0 ? [mark, ''] : ['', mark], message }];
    }
    const [, , known, behind] = MARK.exec(lines.found[at] ?? '') ?? [];
    if (known === hash) {
      return behind
        ? [{ from: at, to: at + 1, lines: [mark], message: `${name} is as its translation was made from` }]
        : [];
    }
    const advice = 'the original has changed since; translate it, then delete this line';
    const message = `${name} fell behind: ${advice}`;
    return behind ? [] : [{ from: at, to: at + 1, lines: [`<!-- ${locale}: ${known} behind: ${advice} -->`], message }];
  });
}

/** Text of a part without its fences: what a translator translates. */
function proseOf(text: ParsedText, lines: readonly string[], starts: readonly number[], part: number): string {
  const from = starts[part] ?? 1;
  const to = (starts[part + 1] ?? lines.length + 1) - 1;
  const fences = unitsOf(text, lines).filter(({ kind }) => kind !== 'hint');
  return lines
    .slice(from - 1, to)
    .filter((line, index) => {
      const number = from + index;
      return !MARK.test(line) && !fences.some((fence) => number >= fence.line && number <= fence.endLine + 1);
    })
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function hashOf(prose: string): string | null {
  return prose === '' ? null : createHash('sha256').update(prose).digest('hex').slice(0, 8);
}

function applyEdits(lines: readonly string[], edits: readonly Edit[]): FixedTranslation {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .toSorted((a, b) => a.edit.from - b.edit.from || a.index - b.index);
  const result: string[] = [];
  const fixes: Fix[] = [];
  let taken = 0;
  for (const { edit } of ordered) {
    result.push(...lines.slice(taken, edit.from));
    fixes.push({ line: result.length + 1, message: edit.message });
    result.push(...edit.lines);
    taken = Math.max(taken, edit.to);
  }
  result.push(...lines.slice(taken));
  return { text: result.join('\n'), fixes };
}
