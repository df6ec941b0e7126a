import { parseOptions, UsageError } from './options.ts';
import { compilePattern, type RegularExpression } from './regular-expression.ts';
import { forEachInput, pathOf, openInput, tool } from './tool.ts';

type Address = { kind: 'line'; number: number } | { kind: 'last' } | { kind: 'pattern'; pattern: RegularExpression };

type Action =
  | {
      kind: 'substitute';
      pattern: RegularExpression;
      replacement: string;
      global: boolean;
      which: number;
      print: boolean;
    }
  | { kind: 'delete' | 'print' | 'quit' | 'number' }
  | { kind: 'append' | 'insert' | 'change'; text: string }
  | { kind: 'translate'; from: string[]; to: string[] };

interface Instruction {
  from: Address | null;
  to: Address | null;
  negated: boolean;
  action: Action;
  /** Inside a range of addresses. */
  active: boolean;
}

/** sed with addresses and `s d p q = a i c y`, `-n -i -e -E`. Left out: the hold space, branches, files of commands. */
export const sed = tool(async (process) => {
  const args = process.args.slice(1);
  const scripts: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '-e') scripts.push(args[++index] ?? '');
    else rest.push(args[index] ?? '');
  }
  process.args = [process.args[0] ?? 'sed', ...rest];
  const { options, operands } = parseOptions(process, 'nErsi', {
    long: { quiet: 'n', 'in-place': 'i', 'regexp-extended': 'E' },
  });
  if (scripts.length === 0) {
    const script = operands.shift();
    if (script === undefined)
      throw new UsageError('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n', 1);
    scripts.push(script);
  }
  const extended = options.has('E') || options.has('r');
  if (!options.has('i')) {
    const runner = new Runner(parseScript(scripts.join('\n'), extended), options.has('n'), (text) =>
      process.printLater(text),
    );
    const good = await forEachInput(process, operands, (lines) => runner.run(lines));
    await runner.finish();
    return good ? 0 : 1;
  }
  for (const operand of operands) {
    let output = '';
    const runner = new Runner(parseScript(scripts.join('\n'), extended), options.has('n'), (text) => {
      output += text;
      return Promise.resolve();
    });
    await runner.run(process.linesOf(openInput(process, operand)));
    await runner.finish();
    process.container.files.write(pathOf(process, operand), Buffer.from(output), { uid: process.uid });
  }
  return 0;
});

class Runner {
  readonly #instructions: Instruction[];
  readonly #quiet: boolean;
  readonly #print: (text: string) => Promise<void>;
  #number = 0;
  #held: string | null = null;
  #done = false;

  constructor(instructions: Instruction[], quiet: boolean, print: (text: string) => Promise<void>) {
    this.#instructions = instructions;
    this.#quiet = quiet;
    this.#print = print;
  }

  /** One line is held back, so that `$` is known. */
  async run(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      if (this.#done) return;
      if (this.#held !== null) await this.#apply(this.#held, false);
      this.#held = line;
    }
  }

  async finish(): Promise<void> {
    if (this.#held !== null && !this.#done) await this.#apply(this.#held, true);
  }

  async #apply(line: string, isLast: boolean): Promise<void> {
    this.#number += 1;
    let text = line;
    let after = '';
    for (const instruction of this.#instructions) {
      if (!this.#selects(instruction, text, isLast)) continue;
      const { action } = instruction;
      switch (action.kind) {
        case 'substitute': {
          const replaced = substitute(text, action);
          if (replaced !== null) {
            text = replaced;
            if (action.print) await this.#print(`${text}\n`);
          }
          break;
        }
        case 'delete':
          await this.#print(after);
          return;
        case 'print':
          await this.#print(`${text}\n`);
          break;
        case 'number':
          await this.#print(`${this.#number}\n`);
          break;
        case 'quit':
          this.#done = true;
          if (!this.#quiet) await this.#print(`${text}\n`);
          await this.#print(after);
          return;
        case 'append':
          after += `${action.text}\n`;
          break;
        case 'insert':
          await this.#print(`${action.text}\n`);
          break;
        case 'change':
          await this.#print(`${action.text}\n${after}`);
          return;
        case 'translate':
          text = [...text].map((character) => action.to[action.from.indexOf(character)] ?? character).join('');
          break;
        default: {
          const never: never = action;
          throw new Error(`unknown action ${String(never)}`);
        }
      }
    }
    if (!this.#quiet) await this.#print(`${text}\n`);
    await this.#print(after);
  }

  #selects(instruction: Instruction, text: string, isLast: boolean): boolean {
    return this.#inAddress(instruction, text, isLast) !== instruction.negated;
  }

  #inAddress(instruction: Instruction, text: string, isLast: boolean): boolean {
    const { from, to } = instruction;
    if (from === null) return true;
    if (to === null) return this.#matches(from, text, isLast);
    if (instruction.active) {
      if (to.kind === 'line' ? this.#number >= to.number : this.#matches(to, text, isLast)) instruction.active = false;
      return to.kind !== 'line' || this.#number <= to.number;
    }
    if (!this.#matches(from, text, isLast)) return false;
    instruction.active = to.kind !== 'line' || to.number > this.#number;
    return true;
  }

  #matches(address: Address, text: string, isLast: boolean): boolean {
    if (address.kind === 'line') return address.number === this.#number;
    return address.kind === 'last' ? isLast : address.pattern.match(text) !== null;
  }
}

function substitute(text: string, action: Extract<Action, { kind: 'substitute' }>): string | null {
  let result = '';
  let position = 0;
  let count = 0;
  let changed = false;
  while (position <= text.length) {
    const match = action.pattern.match(text, position);
    if (match === null) break;
    count += 1;
    const isWanted = count >= action.which && (action.global || count === action.which);
    result += text.slice(position, match.start);
    if (isWanted) {
      changed = true;
      result += action.replacement.replace(/\\(.)|&/gs, (whole, escaped: string | undefined) => {
        if (whole === '&') return match.groups[0] ?? '';
        if (escaped !== undefined && /\d/.test(escaped)) return match.groups[Number(escaped)] ?? '';
        return escaped === 'n' ? '\n' : escaped === 't' ? '\t' : (escaped ?? '');
      });
    } else result += text.slice(match.start, match.end);
    if (match.end > match.start) position = match.end;
    else {
      result += text[match.end] ?? '';
      position = match.end + 1;
    }
    if (changed && !action.global) break;
  }
  return changed ? result + text.slice(position) : null;
}

function parseScript(script: string, extended: boolean): Instruction[] {
  const instructions: Instruction[] = [];
  let rest = script;
  const fail = (message: string): never => {
    throw new UsageError(`sed: -e expression #1, char ${Math.max(1, script.length - rest.length)}: ${message}\n`, 1);
  };
  const compile = (pattern: string, ignoreCase = false): RegularExpression =>
    compilePattern('sed', pattern, { extended, ignoreCase, fixed: false });
  /** Text up to a delimiter that is not escaped. */
  const delimited = (delimiter: string): string => {
    let text = '';
    for (let index = 0; index < rest.length; index += 1) {
      const character = rest[index] ?? '';
      if (character === '\\') {
        const next = rest[index + 1] ?? '';
        text += next === delimiter && delimiter !== '\\' ? next : character + next;
        index += 1;
      } else if (character === delimiter) {
        rest = rest.slice(index + 1);
        return text;
      } else text += character;
    }
    return fail("unterminated `s' command");
  };
  const address = (): Address | null => {
    const number = /^\d+/.exec(rest);
    if (number !== null) {
      rest = rest.slice(number[0].length);
      return { kind: 'line', number: Number(number[0]) };
    }
    if (rest.startsWith('$')) {
      rest = rest.slice(1);
      return { kind: 'last' };
    }
    if (!rest.startsWith('/')) return null;
    rest = rest.slice(1);
    return { kind: 'pattern', pattern: compile(delimited('/')) };
  };
  for (;;) {
    rest = rest.replace(/^[\s;]+/, '');
    if (rest === '' || rest.startsWith('#')) return instructions;
    const from = address();
    let to: Address | null = null;
    if (from !== null && rest.startsWith(',')) {
      rest = rest.slice(1).trimStart();
      to = address();
    }
    rest = rest.trimStart();
    const negated = rest.startsWith('!');
    if (negated) rest = rest.slice(1).trimStart();
    const [command = ''] = rest;
    rest = rest.slice(1);
    instructions.push({ from, to, negated, active: false, action: parseAction(command) });
  }

  function parseAction(command: string): Action {
    switch (command) {
      case 's': {
        const [delimiter = '/'] = rest;
        rest = rest.slice(1);
        const pattern = delimited(delimiter);
        const replacement = delimited(delimiter);
        const [flags = ''] = /^[gpiI\d]*/.exec(rest) ?? [];
        rest = rest.slice(flags.length);
        return {
          kind: 'substitute',
          pattern: compile(pattern, /i/i.test(flags)),
          replacement,
          global: flags.includes('g'),
          which: Number(/\d+/.exec(flags)?.[0] ?? 1),
          print: flags.includes('p'),
        };
      }
      case 'd':
        return { kind: 'delete' };
      case 'p':
        return { kind: 'print' };
      case 'q':
        return { kind: 'quit' };
      case '=':
        return { kind: 'number' };
      case 'a':
      case 'i':
      case 'c': {
        const [line = ''] = rest.replace(/^\s*\\?\n?\s*/, '').split('\n');
        rest = rest.slice(rest.indexOf(line) + line.length);
        const kind = { a: 'append', i: 'insert', c: 'change' } as const;
        return { kind: kind[command], text: line };
      }
      case 'y': {
        const [delimiter = '/'] = rest;
        rest = rest.slice(1);
        const from = [...delimited(delimiter)];
        return { kind: 'translate', from, to: [...delimited(delimiter)] };
      }
      default:
        return fail(`unknown command: \`${command}'`);
    }
  }
}
