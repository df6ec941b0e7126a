import { RE2JS, RE2JSException } from 're2js';
import { nearest } from '../nearest.ts';
import { findHole, HOLE_NAMES, type Hole } from './holes.ts';

/** One line that the author expects. */
export type LinePattern =
  /** `tokens` are what stands between blanks; `literal` when no hole is in it, its tokens joined by one blank. */
  | { kind: 'tokens'; source: string; tokens: TokenPattern[]; literal: string | null }
  /** `re2:` */
  | { kind: 'expression'; source: string; matches: (line: string) => boolean }
  /** `...` */
  | { kind: 'elision'; source: string };

/** The parts of one token, in order; at least one. */
export type TokenPattern = TokenPart[];
export type TokenPart = string | Hole;

export interface PatternProblem {
  /** Line of the text, from 0. */
  line: number;
  message: string;
}

/** Lines that one expected output may have. Bounds the cost of explaining a difference. */
export const MAX_EXPECTED_LINES = 200;
/** Characters of one `re2:` expression. */
export const MAX_EXPRESSION_LENGTH = 200;

const ELISION = '...';
const EXPRESSION = 're2:';

/** Reads expected output in the author's notation; see lessons/README.md. Empty lines at either end are dropped. */
export function parsePattern(text: string): { lines: LinePattern[]; problems: PatternProblem[] } {
  const problems: PatternProblem[] = [];
  const sources = text.split('\n').map((line) => line.trimEnd());
  if (sources.length > MAX_EXPECTED_LINES) {
    const message = `${sources.length} lines of output; at most ${MAX_EXPECTED_LINES} are compared. Elide some with "...".`;
    return { lines: [], problems: [{ line: MAX_EXPECTED_LINES, message }] };
  }
  let first = 0;
  let end = sources.length;
  while (first < end && sources[first] === '') first++;
  while (end > first && sources[end - 1] === '') end--;
  const lines = sources.slice(first, end).map((source, index) => {
    return parseLine(source, (message) => problems.push({ line: first + index, message }));
  });
  return { lines, problems };
}

function parseLine(source: string, report: (message: string) => void): LinePattern {
  const trimmed = source.trim();
  if (trimmed === ELISION) return { kind: 'elision', source };
  if (trimmed.startsWith(EXPRESSION)) return parseExpression(source, trimmed.slice(EXPRESSION.length).trim(), report);
  const escaped = trimmed === `\\${ELISION}` || trimmed.startsWith(`\\${EXPRESSION}`);
  const tokens = parseTokens(escaped ? trimmed.slice(1) : trimmed, report);
  return { kind: 'tokens', source, tokens, literal: literalText(tokens) };
}

function parseExpression(source: string, expression: string, report: (message: string) => void): LinePattern {
  const never: LinePattern = { kind: 'expression', source, matches: () => false };
  if (expression.length > MAX_EXPRESSION_LENGTH) {
    report(
      `a re2: line of ${expression.length} characters; at most ${MAX_EXPRESSION_LENGTH} are allowed. Make it shorter.`,
    );
    return never;
  }
  try {
    const compiled = RE2JS.compile(expression);
    return { kind: 'expression', source, matches: (line) => compiled.matches(line) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    report(
      `"${expression}" is not an RE2 expression: ${error.message}. Look-around and back-references do not exist there.`,
    );
    return never;
  }
}

/** `<…>`, or `\<`, or a run of blanks, or anything else. A hole may hold a blank: `<int 1..3>`. */
const PIECES = /\\<|<[^<>\s][^<>]{0,39}>|\s+|[^\\<\s]+|[\\<]/g;

function parseTokens(line: string, report: (message: string) => void): TokenPattern[] {
  const tokens: TokenPattern[] = [];
  let current: TokenPart[] | null = null;
  for (const [piece] of line.matchAll(PIECES)) {
    if (/^\s/.test(piece)) {
      current = null;
      continue;
    }
    const parts =
      piece === '\\<' ? ['<'] : piece.startsWith('<') && piece.length > 1 ? parseHole(piece, report) : [piece];
    for (const part of parts) {
      // The blank of `<some words>`, which is no hole after all.
      if (part === null) current = null;
      else if (current === null) tokens.push((current = [part]));
      else appendPart(current, part);
    }
  }
  // "<*> <*>" says nothing more than one of them.
  return tokens.filter((parts, index) => !(isAnything(parts) && isAnything(tokens[index - 1])));
}

function isAnything(parts: TokenPattern | undefined): boolean {
  const [only] = parts ?? [];
  return parts?.length === 1 && typeof only !== 'string' && only!.kind === 'anything';
}

function parseHole(piece: string, report: (message: string) => void): (TokenPart | null)[] {
  const inner = piece.slice(1, -1);
  const found = findHole(inner);
  if (found !== null && 'hole' in found) return [found.hole];
  if (found !== null) report(found.mistake);
  else {
    const near = nearest(inner.split(' ')[0]!, HOLE_NAMES);
    if (near !== undefined) {
      report(`"${piece}" is not a hole. Did you mean "<${near}>"? If the output really has it, write "\\${piece}".`);
    }
  }
  return piece.split(/\s+/).flatMap((word, index) => (index === 0 ? [word] : [null, word]));
}

function appendPart(parts: TokenPart[], part: TokenPart): void {
  const last = parts.at(-1);
  if (typeof last === 'string' && typeof part === 'string') parts[parts.length - 1] = last + part;
  else parts.push(part);
}

function literalText(tokens: TokenPattern[]): string | null {
  const words: string[] = [];
  for (const parts of tokens) {
    const [only] = parts;
    if (parts.length !== 1 || typeof only !== 'string') return null;
    words.push(only);
  }
  return words.join(' ');
}
