import type { List, Word, WordPart } from './ast.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { expandBraces } from './braces.ts';
import type { Dialect } from './dialect.ts';
import { hasWildcard, matchesPattern, quotePattern, removeMatch, replaceMatch, unquotePattern } from './pattern.ts';

/** What expansion needs of the shell. */
export interface ExpansionContext {
  /** What errors are worded for. */
  dialect: Dialect;
  /** Undefined when it is not set. Special parameters as well, except `@` and `*`. */
  parameter(name: string): string | undefined;
  assign(name: string, value: string): void;
  positional(): readonly string[];
  /** Output of a command without its final newlines. */
  substitute(body: List): Promise<string>;
  home(): string | undefined;
  /** Names in a folder, or null when it cannot be read. */
  readFolder(path: string): string[] | null;
  /** Whether unset parameters are errors (`set -u`). */
  nounset: boolean;
  noglob: boolean;
}

/** `${x:?message}`, `set -u` and their like: the command is not run. */
export class ExpansionError extends Error {
  override name = 'ExpansionError';
}

/** Characters that one word may grow to; doubling a variable in a loop ends here and not in the memory of all. */
const MAX_WORD_LENGTH = 4 * 1024 * 1024;

/** A word under construction: what has been quoted stands escaped in `pattern`. */
interface Field {
  pattern: string;
  /** Whether it is a word even when it is empty. */
  exists: boolean;
}

/** Expands words to arguments: parameters, commands, arithmetic, splitting, file names. */
export async function expandWords(words: readonly Word[], context: ExpansionContext): Promise<string[]> {
  const result: string[] = [];
  for (const word of context.dialect === 'bash' ? words.flatMap(expandBraces) : words) {
    for (const field of await expandToFields(word, context)) {
      if (!context.noglob && hasWildcard(field.pattern)) {
        const paths = findPaths(field.pattern, context);
        if (paths.length > 0) {
          result.push(...paths);
          continue;
        }
      }
      result.push(unquotePattern(field.pattern));
    }
  }
  return result;
}

/** Expands a word to one string: for assignments, here-documents, `case` and redirections. */
export async function expandToString(word: Word, context: ExpansionContext): Promise<string> {
  return unquotePattern(await expandToPattern(word, context));
}

/** As {@link expandToString}, with what was quoted escaped. */
export async function expandToPattern(word: Word, context: ExpansionContext): Promise<string> {
  let pattern = '';
  for (const [index, part] of word.entries()) {
    if (part.kind === 'text') {
      pattern += part.quoted
        ? quotePattern(part.text)
        : escapeBackslashes(index === 0 ? tilde(part.text, context) : part.text);
    } else {
      const value = await valueOf(part, context);
      const text = typeof value === 'string' ? value : value.join(' ');
      pattern += part.quoted ? quotePattern(text) : escapeBackslashes(text);
    }
    if (pattern.length > MAX_WORD_LENGTH) throw new ExpansionError('out of memory');
  }
  return pattern;
}

/** Text outside quotes has no backslashes left that mean anything; wildcards in it do. */
function escapeBackslashes(text: string): string {
  return text.replaceAll('\\', '\\\\');
}

async function expandToFields(word: Word, context: ExpansionContext): Promise<Field[]> {
  const fields: Field[] = [];
  let current: Field = { pattern: '', exists: false };
  const finish = (): void => {
    if (current.exists || current.pattern !== '') fields.push(current);
    current = { pattern: '', exists: false };
  };
  const parts = await withoutDefaults(word, context);
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (part.quoted) {
        current.pattern += quotePattern(part.text);
        // Quotes around nothing but "$@" do not make a word by themselves.
        if (part.text !== '' || !isQuotedAt(parts[index + 1])) current.exists = true;
      } else current.pattern += escapeBackslashes(index === 0 ? tilde(part.text, context) : part.text);
      continue;
    }
    const value = part.kind === 'loose' ? part.text : await valueOf(part, context);
    if (part.kind !== 'loose' && part.quoted) {
      const values = typeof value === 'string' ? [value] : value;
      for (const [position, item] of values.entries()) {
        if (position > 0) finish();
        current.pattern += quotePattern(item);
        current.exists = true;
      }
      continue;
    }
    const texts = typeof value === 'string' ? [value] : value;
    for (const [position, text] of texts.entries()) {
      if (position > 0) finish();
      const { pieces, leading, trailing } = splitFields(text, context.parameter('IFS') ?? ' \t\n');
      if (leading) finish();
      for (const [number, piece] of pieces.entries()) {
        if (number > 0) finish();
        current.pattern += escapeBackslashes(piece);
        if (piece === '' && pieces.length > 1) current.exists = true;
      }
      if (trailing && pieces.length > 0) finish();
    }
    if (current.pattern.length > MAX_WORD_LENGTH) throw new ExpansionError('out of memory');
  }
  finish();
  return fields;
}

/** Text that is split as what came of an expansion is. */
interface LooseText {
  kind: 'loose';
  text: string;
}

/** Puts the word of an unquoted `${x:-word}` and `${x:+word}` in its place: its quotes keep their meaning. */
async function withoutDefaults(word: Word, context: ExpansionContext): Promise<(WordPart | LooseText)[]> {
  const result: (WordPart | LooseText)[] = [];
  for (const part of word) {
    const kind = part.kind === 'parameter' && !part.quoted ? part.operator.replace(/^:/, '') : '';
    if (part.kind !== 'parameter' || (kind !== '-' && kind !== '+') || '@*'.includes(part.name)) {
      result.push(part);
      continue;
    }
    if ((kind === '-') !== isAbsent(part, context.parameter(part.name))) {
      if (kind === '-') result.push({ ...part, operator: '', operand: [] });
      continue;
    }
    for (const inner of await withoutDefaults(part.operand, context)) {
      result.push(inner.kind === 'text' && !inner.quoted ? { kind: 'loose', text: inner.text } : inner);
    }
  }
  return result;
}

function isAbsent({ operator }: { operator: string }, value: string | undefined): boolean {
  return value === undefined || (value === '' && operator.startsWith(':') && operator !== ':');
}

function isQuotedAt(part: WordPart | LooseText | undefined): boolean {
  return part?.kind === 'parameter' && part.name === '@' && part.quoted;
}

/** Splits at IFS: white space together, every other separator by itself. */
function splitFields(text: string, ifs: string): { pieces: string[]; leading: boolean; trailing: boolean } {
  if (ifs === '' || text === '') return { pieces: text === '' ? [] : [text], leading: false, trailing: false };
  const isSpace = (character: string): boolean => ifs.includes(character) && /\s/.test(character);
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start] ?? '')) start += 1;
  while (end > start && isSpace(text[end - 1] ?? '')) end -= 1;
  const pieces: string[] = [];
  let piece = '';
  let index = start;
  while (index < end) {
    const character = text[index] ?? '';
    if (!ifs.includes(character)) {
      piece += character;
      index += 1;
      continue;
    }
    while (index < end && isSpace(text[index] ?? '')) index += 1;
    if (index < end && ifs.includes(text[index] ?? '')) {
      index += 1;
      while (index < end && isSpace(text[index] ?? '')) index += 1;
    }
    pieces.push(piece);
    piece = '';
  }
  const endsWithSeparator = end > start && ifs.includes(text[end - 1] ?? '');
  if (end > start && !endsWithSeparator) pieces.push(piece);
  return { pieces, leading: start > 0, trailing: end < text.length || endsWithSeparator };
}

function tilde(text: string, context: ExpansionContext): string {
  return /^~(\/|$)/.test(text) ? (context.home() ?? '~') + text.slice(1) : text;
}

/** A list for `$@` and an unquoted `$*`. */
async function valueOf(
  part: Exclude<WordPart, { kind: 'text' }>,
  context: ExpansionContext,
): Promise<string | readonly string[]> {
  switch (part.kind) {
    case 'command':
      return context.substitute(part.body);
    case 'arithmetic': {
      const expression = await expandToString(part.expression, context);
      return String(
        evaluateArithmetic(
          expression,
          { get: (name) => context.parameter(name), set: (name, value) => context.assign(name, value) },
          context.dialect,
        ),
      );
    }
    case 'parameter':
      return parameterValue(part, context);
    case 'bad':
      throw new ExpansionError(badSubstitution(part.text, context.dialect));
    default: {
      const never: never = part;
      return never;
    }
  }
}

function badSubstitution(text: string, dialect: Dialect): string {
  return { ash: 'syntax error: bad substitution', dash: 'Bad substitution', bash: `${text}: bad substitution` }[
    dialect
  ];
}

/** What a parameter that must be set and is not brings down. */
function notSet(name: string, dialect: Dialect): ExpansionError {
  if (dialect !== 'bash') return new ExpansionError(`${name}: parameter not set`);
  return new ExpansionError(`${/^\d/.test(name) ? '$' : ''}${name}: unbound variable`);
}

async function parameterValue(
  part: Extract<WordPart, { kind: 'parameter' }>,
  context: ExpansionContext,
): Promise<string | readonly string[]> {
  const { name, operator, operand } = part;
  if (name === '@' || name === '*') {
    const list = context.positional();
    if (operator === 'length') return String(list.length);
    if (operator === '' || list.length > 0) {
      return name === '*' && part.quoted ? list.join((context.parameter('IFS') ?? ' ').slice(0, 1)) : list;
    }
  }
  const value = name === '@' || name === '*' ? undefined : context.parameter(name);
  const absent = isAbsent(part, value);
  switch (operator.replace(/^:(?=.)/, '')) {
    case '-':
      return absent ? expandToString(operand, context) : (value ?? '');
    case '+':
      return absent ? '' : expandToString(operand, context);
    case '=': {
      if (!absent) return value ?? '';
      const assigned = await expandToString(operand, context);
      context.assign(name, assigned);
      return assigned;
    }
    case '?': {
      if (!absent) return value ?? '';
      const message = await expandToString(operand, context);
      const orEmpty = operator.startsWith(':');
      const standard =
        context.dialect === 'bash'
          ? `parameter ${orEmpty ? 'null or ' : ''}not set`
          : `parameter not set${orEmpty ? ' or null' : ''}`;
      throw new ExpansionError(`${name}: ${message === '' ? standard : message}`);
    }
    default:
  }
  if (value === undefined && context.nounset) throw notSet(name, context.dialect);
  const text = value ?? '';
  switch (operator) {
    case 'length':
      return String([...text].length);
    case 'indirect':
      return context.parameter(text) ?? '';
    case '^':
      return text.charAt(0).toUpperCase() + text.slice(1);
    case '^^':
      return text.toUpperCase();
    case ',':
      return text.charAt(0).toLowerCase() + text.slice(1);
    case ',,':
      return text.toLowerCase();
    case '#':
    case '##':
    case '%':
    case '%%':
      return removeMatch(text, await expandToPattern(operand, context), operator);
    case '/':
    case '//': {
      const whole = await expandToPattern(operand, context);
      const cut = /^((?:\\.|[^/\\])*)\/?(.*)$/s.exec(whole);
      return replaceMatch(text, cut?.[1] ?? whole, unquotePattern(cut?.[2] ?? ''), operator === '//');
    }
    case ':': {
      const [offsetText = '0', lengthText] = (await expandToString(operand, context)).split(':');
      const variables = { get: context.parameter.bind(context), set: context.assign.bind(context) };
      const offset = Number(evaluateArithmetic(offsetText, variables, context.dialect));
      const start = offset < 0 ? Math.max(0, text.length + offset) : offset;
      if (lengthText === undefined) return text.slice(start);
      const length = Number(evaluateArithmetic(lengthText, variables, context.dialect));
      return length < 0 ? text.slice(start, length) : text.slice(start, start + length);
    }
    default:
      return text;
  }
}

/** Paths that match, sorted; names that start with a dot only where the pattern says the dot. */
function findPaths(pattern: string, context: ExpansionContext): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part) => part !== '');
  let paths = [absolute ? '/' : ''];
  for (const [index, part] of parts.entries()) {
    const next: string[] = [];
    for (const path of paths) {
      const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
      const isLast = index === parts.length - 1;
      if (!hasWildcard(part)) {
        const name = unquotePattern(part);
        if (context.readFolder(path === '' ? '.' : path)?.includes(name) === true) next.push(prefix + name);
        continue;
      }
      for (const name of context.readFolder(path === '' ? '.' : path) ?? []) {
        if (name.startsWith('.') && !part.startsWith('.')) continue;
        if (!matchesPattern(part, name)) continue;
        if (isLast || context.readFolder(prefix + name) !== null) next.push(prefix + name);
      }
    }
    paths = next;
  }
  return paths.sort();
}
