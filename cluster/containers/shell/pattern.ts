/**
 * Shell patterns: `*`, `?`, `[…]` and backslash. Matched by hand because a pattern turned into a regular expression
 * can take exponential time; here all ends of a match are found in pattern times text.
 */

type Element =
  | { kind: 'character'; character: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; negated: boolean; set: string };

/** The work that one expansion may take, in steps of pattern times text; about a tenth of a second. */
const MAX_STEPS = 20_000_000;

/** The pattern and the text are too large to be matched. */
export class PatternLimit extends Error {
  override name = 'PatternLimit';
}

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
  const elements = parsePattern(pattern);
  if (!elements.some(({ kind }) => kind === 'star') && elements.length !== text.length) return false;
  for (const length of matchLengths(elements, text, { steps: 0 })) if (length === text.length) return true;
  return false;
}

function parsePattern(pattern: string): Element[] {
  const elements: Element[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '*') {
      if (elements.at(-1)?.kind !== 'star') elements.push({ kind: 'star' });
    } else if (character === '?') elements.push({ kind: 'any' });
    else if (character === '\\') {
      index += 1;
      elements.push({ kind: 'character', character: pattern[index] ?? '\\' });
    } else {
      const set =
        character === '[' ? /^\[([!^]?)((?:\]|\[:\w+:\])?(?:\[:\w+:\]|[^\]])*)\]/.exec(pattern.slice(index)) : null;
      if (set === null) elements.push({ kind: 'character', character });
      else {
        elements.push({ kind: 'set', negated: set[1] !== '', set: set[2] ?? '' });
        index += set[0].length - 1;
      }
    }
  }
  return elements;
}

function accepts(element: Element, character: string): boolean {
  switch (element.kind) {
    case 'character':
      return element.character === character;
    case 'any':
    case 'star':
      return true;
    case 'set':
      return inSet(element.set, character) !== element.negated;
    default: {
      const never: never = element;
      return never;
    }
  }
}

/** The lengths of all prefixes of the text that match, shortest first. @throws PatternLimit */
function* matchLengths(
  elements: readonly Element[],
  text: string,
  work: { steps: number },
  start = 0,
): Generator<number> {
  const end = elements.length;
  // states[i]: the first i elements have matched what was read so far.
  let states = new Uint8Array(end + 1);
  states[0] = 1;
  for (let index = start; ; index += 1) {
    for (let state = 0; state < end; state += 1) {
      if (states[state] === 1 && elements[state]?.kind === 'star') states[state + 1] = 1;
    }
    if (states[end] === 1) yield index - start;
    const character = text[index];
    if (character === undefined) return;
    const next = new Uint8Array(end + 1);
    let alive = false;
    for (let state = 0; state < end; state += 1) {
      const element = elements[state];
      if (states[state] !== 1 || element === undefined || !accepts(element, character)) continue;
      next[element.kind === 'star' ? state : state + 1] = 1;
      alive = true;
    }
    work.steps += end + 1;
    if (work.steps > MAX_STEPS) throw new PatternLimit('out of memory');
    if (!alive) return;
    states = next;
  }
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
    const named = set[index] === '[' ? /^\[:(\w+):\]/.exec(set.slice(index)) : null;
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

/** `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`. @throws PatternLimit */
export function removeMatch(text: string, pattern: string, operator: string): string {
  const fromEnd = operator.startsWith('%');
  const elements = parsePattern(pattern);
  const lengths = matchLengths(
    fromEnd ? elements.toReversed() : elements,
    fromEnd ? text.split('').toReversed().join('') : text,
    { steps: 0 },
  );
  let found: number | null = null;
  for (const length of lengths) {
    found = length;
    if (operator.length === 1) break;
  }
  if (found === null) return text;
  return fromEnd ? text.slice(0, text.length - found) : text.slice(found);
}

/** `${x/p/r}` (first) and `${x//p/r}` (all); the longest match at each place. @throws PatternLimit */
export function replaceMatch(text: string, pattern: string, replacement: string, all: boolean): string {
  const elements = parsePattern(pattern);
  const work = { steps: 0 };
  let result = '';
  let index = 0;
  while (index < text.length) {
    let longest = 0;
    for (const length of matchLengths(elements, text, work, index)) longest = length;
    if (longest === 0) {
      result += text[index];
      index += 1;
      continue;
    }
    result += replacement;
    index += longest;
    if (!all) break;
  }
  return result + text.slice(index);
}
