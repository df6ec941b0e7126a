/**
 * Shell patterns: `*`, `?`, `[…]` and backslash. Matched by hand because a pattern turned into a regular expression
 * can take exponential time; this takes at most pattern times text.
 */

/** A pattern that matches only this text. */
export function quotePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

export function hasWildcard(pattern: string): boolean {
  // A lone bracket, as the command `[`, is no pattern.
  return /(^|[^\\])(\\\\)*([*?]|\[.*\])/s.test(pattern);
}

/** What the pattern stands for when it is taken literally. */
export function unquotePattern(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1');
}

export function matchesPattern(pattern: string, text: string): boolean {
  let patternIndex = 0;
  let textIndex = 0;
  let starPattern = -1;
  let starText = 0;
  while (textIndex < text.length) {
    const character = pattern[patternIndex];
    if (character === '*') {
      starPattern = patternIndex;
      starText = textIndex;
      patternIndex += 1;
      continue;
    }
    const length = character === undefined ? 0 : matchOne(pattern, patternIndex, text[textIndex] ?? '');
    if (length > 0) {
      patternIndex += length;
      textIndex += 1;
    } else if (starPattern >= 0) {
      patternIndex = starPattern + 1;
      starText += 1;
      textIndex = starText;
    } else return false;
  }
  while (pattern[patternIndex] === '*') patternIndex += 1;
  return patternIndex === pattern.length;
}

/** Length of the pattern's element at `index` when it matches the character, else 0. */
function matchOne(pattern: string, index: number, character: string): number {
  const element = pattern[index];
  if (element === '?') return 1;
  if (element === '\\') return pattern[index + 1] === character ? 2 : 0;
  if (element !== '[') return element === character ? 1 : 0;
  const set = /^\[([!^]?)((?:\]|\[:\w+:\])?(?:\[:\w+:\]|[^\]])*)\]/.exec(pattern.slice(index));
  if (set === null) return character === '[' ? 1 : 0;
  return inSet(set[2] ?? '', character) !== (set[1] !== '') ? set[0].length : 0;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /\s/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Whether the inside of a bracket expression contains the character. */
export function inSet(set: string, character: string): boolean {
  for (let index = 0; index < set.length; index += 1) {
    const named = /^\[:(\w+):\]/.exec(set.slice(index));
    if (named !== null) {
      if (CLASSES[named[1] ?? '']?.test(character) === true) return true;
      index += named[0].length - 1;
      continue;
    }
    const from = set[index] ?? '';
    const to = set[index + 2];
    if (set[index + 1] === '-' && to !== undefined) {
      if (character >= from && character <= to) return true;
      index += 2;
    } else if (from === character) return true;
  }
  return false;
}

/** `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`. */
export function removeMatch(text: string, pattern: string, operator: string): string {
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const part = operator.startsWith('#') ? text.slice(0, length) : text.slice(text.length - length);
    if (!matchesPattern(pattern, part)) continue;
    return operator.startsWith('#') ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}

/** `${x/p/r}` (first) and `${x//p/r}` (all); the longest match at each place. */
export function replaceMatch(text: string, pattern: string, replacement: string, all: boolean): string {
  if (pattern === '') return text;
  let result = '';
  let index = 0;
  while (index < text.length) {
    let length = text.length - index;
    while (length > 0 && !matchesPattern(pattern, text.slice(index, index + length))) length -= 1;
    if (length === 0) {
      result += text[index];
      index += 1;
      continue;
    }
    result += replacement;
    index += length;
    if (!all) break;
  }
  return result + text.slice(index);
}
