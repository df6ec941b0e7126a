import type { List } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import { AliasTexts } from './alias-texts.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/** Nesting of commands and words; deeper is a syntax error rather than a stack overflow. */
export const MAX_DEPTH = 200;

/** What a source is read by. */
export interface Grammar {
  dialect: Dialect;
  /** What words stand for at the start of a command. Default none. */
  aliases?: ReadonlyMap<string, string>;
}

/** Reads commands up to a `)` and that, or up to the end; words hold commands, as commands hold words. */
export type ReadCommands = (cursor: Cursor, end: ')' | 'end') => List;

/** How far a source has been read. */
export class Cursor {
  /** An alias is put into it where it stands. */
  source: string;
  /** Index of the character to read next. */
  position: number;
  /** Line of that character, from 1. */
  line: number;
  readonly depth: number;
  readonly grammar: Grammar;
  readonly dialect: Dialect;
  readonly readCommands: ReadCommands;
  readonly aliasTexts: AliasTexts;

  /** @throws ShellSyntaxError when it is nested too deeply */
  constructor(
    source: string,
    position: number,
    line: number,
    depth: number,
    grammar: Grammar,
    readCommands: ReadCommands,
    aliasTexts = new AliasTexts(),
  ) {
    this.source = source;
    this.position = position;
    this.line = line;
    this.depth = depth;
    this.grammar = grammar;
    this.dialect = grammar.dialect;
    this.readCommands = readCommands;
    this.aliasTexts = aliasTexts;
    if (depth > MAX_DEPTH) throw new ShellSyntaxError({ kind: 'not-simulated', what: 'nesting as deep as this' }, line);
  }

  /** One for a text that was taken out of this source. */
  nested(source: string, line: number): Cursor {
    const { depth, grammar, readCommands, aliasTexts } = this;
    return new Cursor(source, 0, line, depth + 1, grammar, readCommands, aliasTexts.forText());
  }

  /** Reads commands that begin at a position of this source up to their `)`, and goes on behind it. */
  readInParentheses(position: number): List {
    const { source, line, depth, grammar, readCommands, aliasTexts } = this;
    const inner = new Cursor(source, position, line, depth + 1, grammar, readCommands, aliasTexts);
    const commands = readCommands(inner, ')');
    // Aliases were put into it.
    this.source = inner.source;
    this.position = inner.position;
    this.line = inner.line;
    return commands;
  }

  /** Goes on to a position, and counts the lines on the way. */
  skipTo(position: number): void {
    for (let index = this.position; index < position; index += 1) if (this.source[index] === '\n') this.line += 1;
    this.position = position;
  }

  unterminated(closing: string, line = this.line): never {
    throw new ShellSyntaxError({ kind: 'unterminated', closing }, line);
  }

  notSimulated(what: string): never {
    throw new ShellSyntaxError({ kind: 'not-simulated', what }, this.line);
  }
}
