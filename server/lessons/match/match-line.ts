import { isAnything, type LinePattern, type TokenPart, type TokenPattern } from './parse-pattern.ts';

/** A line of output, made ready to be compared with many patterns. */
export interface ActualLine {
  text: string;
  /** What stands between blanks. */
  tokens: string[];
  /** The tokens joined by one blank each. */
  joined: string;
}

export function readLine(text: string): ActualLine {
  const tokens = text.split(/\s+/).filter((token) => token !== '');
  return { text, tokens, joined: tokens.join(' ') };
}

/** Whole lines: a pattern accepts all of the line or nothing. `...` is not for this function and accepts no line. */
export function matchesLine(pattern: LinePattern, line: ActualLine): boolean {
  if (pattern.kind === 'elision') return false;
  if (pattern.kind === 'expression') return pattern.matches(line.text);
  if (pattern.literal !== null) return pattern.literal === line.joined;
  return matchesTokens(pattern.tokens, line);
}

/**
 * `<*>` between blanks stands for any number of tokens. What lies between two of them is placed as far left as it
 * goes; the first piece is anchored at the start and the last at the end. No backtracking.
 */
function matchesTokens(patterns: readonly TokenPattern[], line: ActualLine): boolean {
  const pieces = splitAtMany(openLastToken(patterns, line));
  const { tokens } = line;
  const [first = [], ...others] = pieces;
  if (!fitsAt(first, tokens, 0)) return false;
  if (others.length === 0) return tokens.length === first.length || endsOpen(first);
  let position = first.length;
  const last = others.pop()!;
  for (const piece of others) {
    while (position + piece.length <= tokens.length && !fitsAt(piece, tokens, position)) position++;
    if (position + piece.length > tokens.length) return false;
    position += piece.length;
  }
  if (endsOpen(last)) {
    while (position + last.length <= tokens.length && !fitsAt(last, tokens, position)) position++;
    return position + last.length <= tokens.length;
  }
  return tokens.length - last.length >= position && fitsAt(last, tokens, tokens.length - last.length);
}

/** A token that ends in `<*>` at the end of the line goes on to the end of the line: `curl: (56) Recv<*>`. */
function endsOpen(piece: readonly TokenPart[][]): boolean {
  const part = piece.at(-1)?.at(-1);
  return part !== undefined && part === OPEN_END;
}

const OPEN_END: TokenPart = { maxLength: Infinity, accepts: () => true };

function openLastToken(patterns: readonly TokenPattern[], line: ActualLine): readonly TokenPattern[] {
  const last = patterns.at(-1);
  if (line.tokens.length === 0 || last?.kind !== 'parts' || !isAnything(last.parts.at(-1)!)) return patterns;
  return [...patterns.slice(0, -1), { kind: 'parts', parts: [...last.parts.slice(0, -1), OPEN_END] }];
}

function splitAtMany(patterns: readonly TokenPattern[]): TokenPart[][][] {
  const pieces: TokenPart[][][] = [[]];
  for (const pattern of patterns) {
    if (pattern.kind === 'many') pieces.push([]);
    else pieces.at(-1)!.push(pattern.parts);
  }
  return pieces;
}

function fitsAt(piece: readonly TokenPart[][], tokens: readonly string[], position: number): boolean {
  if (position + piece.length > tokens.length) return false;
  return piece.every((parts, index) => matchesToken(parts, tokens[position + index]!));
}

/**
 * Whether the parts make up the whole token. Follows all positions that the parts so far can end at, at once, so
 * that `<word>-<id>` needs no guessing: the time is at most token length times parts times the longest hole.
 */
export function matchesToken(parts: readonly TokenPart[], token: string): boolean {
  if (parts.length === 1) {
    const [only] = parts;
    return typeof only === 'string' ? only === token : only!.accepts(token);
  }
  let positions = [0];
  for (const [index, part] of parts.entries()) {
    positions = step(part, token, positions, index === parts.length - 1);
    if (positions.length === 0) return false;
  }
  return positions.at(-1) === token.length;
}

/** The ends of `part` when it starts at one of `positions`; ascending, each once. */
function step(part: TokenPart, token: string, positions: readonly number[], last: boolean): number[] {
  if (typeof part === 'string') {
    return positions.filter((start) => token.startsWith(part, start)).map((start) => start + part.length);
  }
  if (part.maxLength === Infinity) {
    const from = positions[0]! + (part.accepts('') ? 0 : 1);
    if (last) return from <= token.length ? [token.length] : [];
    return Array.from({ length: Math.max(0, token.length - from + 1) }, (_, index) => from + index);
  }
  const ends = new Set<number>();
  for (const start of positions) {
    const furthest = Math.min(token.length, start + part.maxLength);
    for (let end = last ? furthest : start + 1; end <= furthest; end++) {
      if (!ends.has(end) && part.accepts(token.slice(start, end))) ends.add(end);
    }
  }
  return [...ends].sort((a, b) => a - b);
}
