import type { Token, Tokens } from 'marked';

/**
 * Finds the lines of tokens, which marked does not give. Ask in the order of the text. marked decides what is a
 * token; this only looks where its text stands, so that the two cannot disagree about what a fence is.
 */
export class SourceLines {
  readonly #source: string;
  readonly #lines: string[];
  #offset = 0;
  /** Index of the line that `#offset` is on. */
  #offsetLine = 0;
  /** Index of the first line that no fence before took. */
  #nextLine = 0;

  /** @param source with `\n` as the only line end. */
  constructor(source: string) {
    this.#source = source;
    this.#lines = source.split('\n');
  }

  /** Line of the first character of a token at the top level, from 1; blank lines before it do not count. */
  topLevel(token: Token): number {
    // A definition that is there twice has no token; searching instead of counting steps over it.
    const found = this.#source.indexOf(token.raw, this.#offset);
    const start = found === -1 ? this.#offset : found;
    const blank = /^\n*/.exec(token.raw)![0].length;
    const line = this.#offsetLine + countNewlines(this.#source, this.#offset, start + blank);
    const end = start + token.raw.length;
    this.#offsetLine = line + countNewlines(this.#source, start + blank, end);
    this.#offset = end;
    this.#nextLine = Math.max(this.#nextLine, line);
    return line + 1;
  }

  /** Line of the opening fence, from 1. In a list or quote the lines carry its marks in front. */
  fence(token: Tokens.Code): number {
    const raw = token.raw.split('\n');
    const opening = raw[0]!.trim();
    const body = token.text.split('\n');
    for (let index = this.#nextLine; index < this.#lines.length; index++) {
      const line = this.#lines[index]!;
      if (!line.trimEnd().endsWith(opening) || !FENCE_START.test(line)) continue;
      const same = body.every((text, at) => (this.#lines[index + 1 + at] ?? '').trimEnd().endsWith(text.trim()));
      if (!same && token.text !== '') continue;
      this.#nextLine = index + 1 + (token.text === '' ? 0 : body.length);
      return index + 1;
    }
    return this.#nextLine + 1;
  }

  /** The first line from `line` on that holds `text`; `line` itself when none does. */
  containing(text: string, line: number): number {
    const found = this.#lines.findIndex((candidate, index) => index >= line - 1 && candidate.includes(text));
    return found === -1 ? line : found + 1;
  }
}

/** Marks of quotes and lists, then the fence. */
const FENCE_START = /^(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s))*(?:`{3}|~{3})/;

function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
