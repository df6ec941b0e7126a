import type { Process } from '../../process/process.ts';
import { isGnu, UsageError } from '../options.ts';
import { compilePattern, type RegularExpression } from '../regular-expression.ts';

export type Address =
  | { kind: 'line'; number: number }
  | { kind: 'last' }
  | { kind: 'pattern'; pattern: RegularExpression }
  /** GNU's `FIRST~STEP`. */
  | { kind: 'step'; first: number; step: number }
  /** `+COUNT`, as the second one alone. */
  | { kind: 'count'; count: number };

export type Action =
  | {
      kind: 'substitute';
      pattern: RegularExpression;
      replacement: string;
      global: boolean;
      which: number;
      print: boolean;
    }
  /** Commands of one letter that take nothing. */
  | { kind: 'plain'; letter: string }
  | { kind: 'quit'; status: number; quiet: boolean }
  | { kind: 'text'; letter: string; text: string }
  | { kind: 'translate'; from: string[]; to: string[] }
  /** Goes on behind the instruction with this index when it does not apply. */
  | { kind: 'block'; end: number }
  | { kind: 'branch'; letter: string; label: string; to: number }
  | { kind: 'nothing' };

export interface Instruction {
  from: Address | null;
  to: Address | null;
  negated: boolean;
  action: Action;
}

const PLAIN = 'dDgGhHlnNpPx=';

/** Reads a sed script. @throws UsageError */
export function parseScript(process: Process, script: string, extended: boolean): Instruction[] {
  return new ScriptParser(process, script, extended).all();
}

class ScriptParser {
  readonly #script: string;
  readonly #extended: boolean;
  readonly #gnu: boolean;
  readonly #instructions: Instruction[] = [];
  readonly #labels = new Map<string, number>();
  #rest: string;
  /** What an empty pattern stands for. */
  #lastPattern: RegularExpression | null = null;

  constructor(process: Process, script: string, extended: boolean) {
    this.#script = script;
    this.#rest = script;
    this.#extended = extended;
    this.#gnu = isGnu(process);
  }

  all(): Instruction[] {
    const open: Extract<Action, { kind: 'block' }>[] = [];
    for (;;) {
      this.#skip(/^[\s;]+/);
      if (this.#rest === '') break;
      if (this.#skip(/^#[^\n]*/)) continue;
      if (this.#skip(/^\}/)) {
        const block = open.pop();
        if (block === undefined) this.#fail("unexpected `}'", "unexpected '}'");
        else block.end = this.#instructions.length;
        continue;
      }
      const instruction = this.#instruction();
      if (instruction === null) continue;
      if (instruction.action.kind === 'block') open.push(instruction.action);
      this.#instructions.push(instruction);
    }
    if (open.length > 0) this.#fail("unmatched `{'", "unmatched '{'", 0);
    for (const { action } of this.#instructions) {
      if (action.kind !== 'branch') continue;
      const to = action.label === '' ? this.#instructions.length : this.#labels.get(action.label);
      if (to === undefined) {
        throw new UsageError(
          this.#gnu
            ? `sed: -e expression #1, char ${this.#script.length}: can't find label for jump to \`${action.label}'\n`
            : `sed: can't find label for jump to '${action.label}'\n`,
          1,
        );
      }
      action.to = to;
    }
    return this.#instructions;
  }

  #instruction(): Instruction | null {
    const from = this.#address(false);
    let to: Address | null = null;
    if (from !== null && this.#skip(/^\s*,\s*/)) {
      to = this.#address(true);
      if (to === null) this.#fail("unexpected `,'", 'no address after comma');
    }
    this.#skip(/^\s+/);
    const negated = this.#skip(/^!\s*/);
    const [command = ''] = this.#rest;
    this.#rest = this.#rest.slice(1);
    if (command === '') this.#fail('missing command', 'missing command');
    if (command === ':') {
      const label = /^\s*([^\s;}]+)/.exec(this.#rest);
      if (label === null) this.#fail('":" lacks a label', 'no label');
      this.#labels.set(label?.[1] ?? '', this.#instructions.length);
      this.#rest = this.#rest.slice(label?.[0].length ?? 0);
      return null;
    }
    return { from, to, negated, action: this.#action(command) };
  }

  #action(command: string): Action {
    if (command === '{') return { kind: 'block', end: 0 };
    if (PLAIN.includes(command)) {
      this.#end();
      return { kind: 'plain', letter: command };
    }
    switch (command) {
      case 's':
        return this.#substitution();
      case 'y': {
        const delimiter = this.#delimiter();
        const from = [...this.#delimited(delimiter, 'y')];
        const to = [...this.#delimited(delimiter, 'y')];
        if (from.length !== to.length) {
          this.#fail("strings for `y' command are different lengths", "strings for 'y' command are different lengths");
        }
        this.#end();
        return { kind: 'translate', from, to };
      }
      case 'q':
      case 'Q': {
        const status = Number(/^\s*(\d+)/.exec(this.#rest)?.[1] ?? 0);
        this.#skip(/^\s*\d+/);
        this.#end();
        return { kind: 'quit', status, quiet: command === 'Q' };
      }
      case 'a':
      case 'i':
      case 'c':
        return { kind: 'text', letter: command, text: this.#textLines() };
      case 'b':
      case 't':
      case 'T': {
        const label = /^[ \t]*([^\s;}]*)/.exec(this.#rest);
        this.#rest = this.#rest.slice(label?.[0].length ?? 0);
        return { kind: 'branch', letter: command, label: label?.[1] ?? '', to: 0 };
      }
      case 'r':
      case 'w':
      case 'e':
        return this.#fail(
          `the command \`${command}' is not simulated here`,
          `command ${command} is not simulated here`,
        );
      default:
        return this.#fail(`unknown command: \`${command}'`, `unsupported command ${command}`);
    }
  }

  #substitution(): Action {
    const delimiter = this.#delimiter();
    const source = this.#delimited(delimiter, 's');
    const replacement = this.#delimited(delimiter, 's');
    const [flags = ''] = /^[gpiIm\d]*/.exec(this.#rest) ?? [];
    this.#rest = this.#rest.slice(flags.length);
    if (/^[^\s;}#]/.test(this.#rest)) this.#fail("unknown option to `s'", `bad option in substitution expression`, 1);
    return {
      kind: 'substitute',
      pattern: this.#compile(source, /i/i.test(flags)),
      replacement,
      global: flags.includes('g'),
      which: Number(/\d+/.exec(flags)?.[0] ?? 1),
      print: flags.includes('p'),
    };
  }

  /** Of `a`, `i` and `c`: the rest of the line, more after a backslash. */
  #textLines(): string {
    this.#skip(/^[ \t]*(\\[ \t]*\n)?[ \t]*/);
    const text = /^(?:[^\\\n]|\\[\s\S])*/.exec(this.#rest)?.[0] ?? '';
    this.#rest = this.#rest.slice(text.length);
    if (text === '') this.#fail("expected \\ after `a', `c' or `i'", "expected '\\' after 'a', 'c' or 'i'");
    return text.replace(/\\([\s\S])/g, '$1');
  }

  #delimiter(): string {
    const [delimiter = ''] = this.#rest;
    this.#rest = this.#rest.slice(1);
    return delimiter;
  }

  /** Text up to a delimiter that is not escaped. */
  #delimited(delimiter: string, command: string): string {
    let text = '';
    for (let index = 0; index < this.#rest.length; index += 1) {
      const character = this.#rest[index] ?? '';
      if (character === '\\') {
        const next = this.#rest[index + 1] ?? '';
        text += next === delimiter && delimiter !== '\\' ? next : character + next;
        index += 1;
      } else if (character === '[' && delimiter !== '[') {
        // A delimiter in brackets is a letter like others.
        const set = /^\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\]/.exec(this.#rest.slice(index))?.[0] ?? character;
        text += set;
        index += set.length - 1;
      } else if (character === delimiter) {
        this.#rest = this.#rest.slice(index + 1);
        return text;
      } else text += character;
    }
    this.#rest = '';
    const what = command === '' ? 'address regex' : `\`${command}' command`;
    return this.#fail(`unterminated ${what}`, `unmatched '${delimiter}'`, 0);
  }

  #address(isSecond: boolean): Address | null {
    const number = /^(\d+)(?:~(\d+))?/.exec(this.#rest);
    if (number !== null && (this.#gnu || number[2] === undefined)) {
      this.#rest = this.#rest.slice(number[0].length);
      if (number[2] === undefined) return { kind: 'line', number: Number(number[1]) };
      return { kind: 'step', first: Number(number[1]), step: Number(number[2]) };
    }
    if (number !== null) {
      this.#rest = this.#rest.slice(number[1]?.length ?? 0);
      return { kind: 'line', number: Number(number[1]) };
    }
    const count = isSecond ? /^\+(\d+)/.exec(this.#rest) : null;
    if (count !== null) {
      this.#rest = this.#rest.slice(count[0].length);
      return { kind: 'count', count: Number(count[1]) };
    }
    if (this.#skip(/^\$/)) return { kind: 'last' };
    const custom = /^\\([^\n])/.exec(this.#rest);
    if (custom === null && !this.#rest.startsWith('/')) return null;
    this.#rest = this.#rest.slice(custom === null ? 1 : 2);
    const source = this.#delimited(custom?.[1] ?? '/', '');
    const ignoreCase = this.#skip(/^I/);
    return { kind: 'pattern', pattern: this.#compile(source, ignoreCase) };
  }

  #compile(source: string, ignoreCase: boolean): RegularExpression {
    if (source === '' && this.#lastPattern !== null) return this.#lastPattern;
    this.#lastPattern = compilePattern('sed', source, { extended: this.#extended, ignoreCase, fixed: false });
    return this.#lastPattern;
  }

  #skip(pattern: RegExp): boolean {
    const match = pattern.exec(this.#rest);
    if (match === null) return false;
    this.#rest = this.#rest.slice(match[0].length);
    return true;
  }

  /** Behind a command nothing may stand but the next one's separator. */
  #end(): void {
    this.#skip(/^[ \t]+/);
    if (/^[^\s;}#]/.test(this.#rest)) this.#fail('extra characters after command', `extra characters after command`, 1);
  }

  #fail(gnu: string, busybox: string, further = 0): never {
    const at = Math.max(1, this.#script.length - this.#rest.length + further);
    throw new UsageError(this.#gnu ? `sed: -e expression #1, char ${at}: ${gnu}\n` : `sed: ${busybox}\n`, 1);
  }
}
