import type { LinePattern, TokenPart, TokenPattern } from './parse-pattern.ts';

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
  if (pattern.tokens.some(isOpen)) return matchesOpenLine(pattern.tokens, line.joined);
  return (
    pattern.tokens.length === line.tokens.length &&
    pattern.tokens.every((token, index) => matchesToken(token, line.tokens[index]!))
  );
}

/** Whether one token alone accepts another; for measuring how alike two lines are. */
export function matchesToken(parts: TokenPattern, token: string): boolean {
  return followParts(parts, token, [0]).at(-1) === token.length;
}

/** Whether a `<*>` is in it, which may stand for blanks too. */
function isOpen(parts: TokenPattern): boolean {
  return parts.some((part) => typeof part !== 'string' && part.kind === 'anything');
}

/** `<*>` with blanks around it, which may stand for no word at all and then takes one of the blanks with it. */
function isOpenWord(parts: TokenPattern | undefined): boolean {
  return parts?.length === 1 && isOpen(parts);
}

function matchesOpenLine(tokens: readonly TokenPattern[], line: string): boolean {
  let positions = [0];
  for (const [index, parts] of tokens.entries()) {
    const before = tokens[index - 1];
    if (isOpenWord(parts)) {
      if (index === tokens.length - 1)
        return positions.some((at) => index === 0 || at === line.length || line[at] === ' ');
      positions = index === 0 ? wordStarts(line, 0) : wordStarts(line, firstBlank(line, positions) + 1);
    } else {
      if (index > 0 && !isOpenWord(before)) positions = followPart(' ', line, positions);
      positions = followParts(parts, line, positions);
    }
    if (positions.length === 0) return false;
  }
  return positions.at(-1) === line.length;
}

/** The first of `positions` with a blank, the length of the line when there is none. */
function firstBlank(line: string, positions: readonly number[]): number {
  return positions.find((position) => line[position] === ' ') ?? line.length;
}

function wordStarts(line: string, from: number): number[] {
  const starts: number[] = [];
  for (let at = from; at <= line.length; at++) if (at === 0 || line[at - 1] === ' ') starts.push(at);
  return starts;
}

/**
 * Follows all positions that the parts so far can end at, at once, so that `<word>-<id>` needs no guessing: each part
 * passes over the text once. Positions are ascending, each once.
 */
function followParts(parts: TokenPattern, text: string, positions: number[]): number[] {
  let current = positions;
  for (const part of parts) {
    if (current.length === 0) break;
    current = followPart(part, text, current);
  }
  return current;
}

function followPart(part: TokenPart, text: string, positions: readonly number[]): number[] {
  if (typeof part === 'string') {
    return positions.filter((start) => text.startsWith(part, start)).map((start) => start + part.length);
  }
  switch (part.kind) {
    case 'anything':
      return range(positions[0]!, text.length);
    case 'word':
      return wordEnds(text, positions);
    case 'form': {
      const ends = positions.map((start) => part.endAt(text, start)).filter((end) => end !== -1);
      return [...new Set(ends)].sort((a, b) => a - b);
    }
  }
}

function wordEnds(text: string, positions: readonly number[]): number[] {
  const ends: number[] = [];
  let reached = -1;
  for (const start of positions) {
    for (let end = Math.max(start + 1, reached + 1); end <= text.length && text[end - 1] !== ' '; end++) {
      ends.push(end);
      reached = end;
    }
  }
  return ends;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
