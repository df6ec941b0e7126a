import type { SimpleCommand, Word } from '../ast.ts';

/** What a source is made of; `text` is as it was written, `line` counts from 1. */
export type Token =
  | { kind: 'word'; word: Word; text: string; line: number; assignment: Assignment | null }
  | { kind: 'operator'; text: string; line: number }
  | { kind: 'io-number'; text: string; line: number }
  | { kind: 'newline'; text: string; line: number }
  | { kind: 'end'; text: string; line: number };

export type Assignment = SimpleCommand['assignments'][number];

/** Longer ones first: the first that fits is read. */
export const OPERATORS = [
  '<<<',
  '<<-',
  '&&',
  '||',
  ';;',
  '<<',
  '>>',
  '<&',
  '>&',
  '<>',
  '>|',
  '&>',
  '|&',
  '&',
  '|',
  ';',
  '<',
  '>',
  '(',
  ')',
];

export const REDIRECTIONS = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '<<', '<<-', '<<<', '&>']);

/** What only bash has. */
export const BASH_OPERATORS = new Set(['<<<', '|&']);

/** Where a list ends. */
export const TERMINATORS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}', ')', ';;']);

/** Words that mean something at the start of a command. */
export const RESERVED = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
]);

/** Whether a word has no quotes and no expansions, so that it may be a reserved word. */
export function isPlain(word: Word): boolean {
  const [part] = word;
  return word.length === 1 && part?.kind === 'text' && !part.quoted;
}

/** The text of a word that is nothing but that; undefined for others and for operators. */
export function plainText(item: Word | string | undefined): string | undefined {
  if (item === undefined || typeof item === 'string' || !isPlain(item)) return undefined;
  return item[0]?.kind === 'text' ? item[0].text : undefined;
}

/** The assignment that a word is in front of a command; null when it is none. */
export function assignmentOf(word: Word): Assignment | null {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return null;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)$/s.exec(first.text);
  if (match === null) return null;
  const text = match[3] ?? '';
  return {
    name: match[1] ?? '',
    append: match[2] === '+',
    value: [...(text === '' ? [] : [{ ...first, text }]), ...rest],
  };
}
