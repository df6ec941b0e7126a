import type { Word, WordPart } from './ast.ts';

/** Words that one may become; more are left as they stand. */
const MAX_WORDS = 10_000;

/** bash's `a{b,c}` and `{1..3}`: one word becomes several, before anything else is expanded. */
export function expandBraces(word: Word): Word[] {
  if (!word.some((part) => part.kind === 'text' && !part.quoted && part.text.includes('{'))) return [word];
  const characters = word.flatMap((part): (string | WordPart)[] =>
    part.kind === 'text' && !part.quoted ? [...part.text] : [part],
  );
  const results = expand(characters);
  return results.length > MAX_WORDS ? [word] : results.map(joined);
}

type Items = readonly (string | WordPart)[];

function expand(items: Items): Items[] {
  for (let start = items.indexOf('{'); start !== -1; start = items.indexOf('{', start + 1)) {
    const group = groupAt(items, start);
    if (group === null) continue;
    const before = items.slice(0, start);
    const tails = expand(items.slice(group.end + 1));
    const results: Items[] = [];
    for (const choice of group.choices) {
      for (const tail of tails) {
        // One more than may be is enough to know.
        if (results.length > MAX_WORDS) return results;
        results.push([...before, ...choice, ...tail]);
      }
    }
    return results;
  }
  return [items];
}

/** The choices of the brace at `start`, null when it is a brace and nothing more. */
function groupAt(items: Items, start: number): { choices: Items[]; end: number } | null {
  let depth = 0;
  let from = start + 1;
  const parts: Items[] = [];
  for (let index = start + 1; index < items.length; index += 1) {
    const item = items[index];
    if (item === '{') depth += 1;
    else if (item === '}' && depth > 0) depth -= 1;
    else if (item === ',' && depth === 0) {
      parts.push(items.slice(from, index));
      from = index + 1;
    } else if (item === '}') {
      const last = items.slice(from, index);
      if (parts.length > 0) return { choices: [...parts, last].flatMap(expand), end: index };
      const choices = sequence(last.filter((part) => typeof part === 'string').join(''));
      return choices === null ? null : { choices, end: index };
    }
  }
  return null;
}

/** `1..3`, `a..e`, `01..10`, `1..9..2` */
function sequence(text: string): Items[] | null {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(text);
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/.exec(text);
  const [, from = '', to = '', step = '1'] = numbers ?? letters ?? [];
  if (from === '') return null;
  const [first, last] = numbers === null ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)];
  const stride = Math.max(1, Math.abs(Number(step)));
  const width = numbers !== null && /^-?0\d/m.test(`${from}\n${to}`) ? Math.max(from.length, to.length) : 0;
  const results: Items[] = [];
  for (let count = 0; count <= Math.abs(last - first) / stride && count <= MAX_WORDS; count += 1) {
    const value = first + count * stride * Math.sign(last - first);
    results.push(numbers === null ? [String.fromCharCode(value)] : [String(value).padStart(width, '0')]);
  }
  return results;
}

function joined(items: Items): Word {
  const word: Word = [];
  for (const item of items) {
    const last = word.at(-1);
    if (typeof item !== 'string') word.push(item);
    else if (last?.kind === 'text' && !last.quoted) word[word.length - 1] = { ...last, text: last.text + item };
    else word.push({ kind: 'text', text: item, quoted: false });
  }
  return word;
}
