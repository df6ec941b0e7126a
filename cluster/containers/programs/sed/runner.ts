import { UsageError } from '../options.ts';
import type { Action, Address, Instruction } from './script.ts';

/** Jumps that one cycle may take, and characters of a space. */
const MAX_JUMPS = 1_000_000;
const MAX_LENGTH = 4 * 1024 * 1024;

/** Runs a script over lines. */
export class SedRunner {
  readonly #instructions: readonly Instruction[];
  readonly #quiet: boolean;
  readonly #print: (text: string) => Promise<void>;
  readonly #breathe: () => Promise<void>;
  /** Until which line a range that has begun lasts; Infinity until its end matches. */
  readonly #active = new Map<Instruction, number>();
  #lines!: AsyncIterator<string>;
  /** Read ahead, so that `$` is known. */
  #ahead: string | null = null;
  #number = 0;
  #pattern = '';
  #hold = '';
  #appended = '';
  #substituted = false;
  #ended = false;
  status = 0;

  constructor(
    instructions: readonly Instruction[],
    quiet: boolean,
    print: (text: string) => Promise<void>,
    breathe: () => Promise<void>,
  ) {
    this.#instructions = instructions;
    this.#quiet = quiet;
    this.#print = print;
    this.#breathe = breathe;
  }

  async run(lines: AsyncIterable<string>): Promise<void> {
    this.#lines = lines[Symbol.asyncIterator]();
    this.#ahead = await this.#read();
    let keep = false;
    while (!this.#ended && (keep || (await this.#nextLine()))) {
      keep = await this.#cycle();
      await this.#flushAppended();
    }
  }

  async #read(): Promise<string | null> {
    const next = await this.#lines.next();
    return next.done === true ? null : next.value;
  }

  async #nextLine(): Promise<boolean> {
    if (this.#ahead === null) return false;
    this.#pattern = this.#ahead;
    this.#ahead = await this.#read();
    this.#number += 1;
    this.#substituted = false;
    return true;
  }

  async #flushAppended(): Promise<void> {
    if (this.#appended === '') return;
    const text = this.#appended;
    this.#appended = '';
    await this.#print(text);
  }

  /** One pass of the script. True when the next one starts with what is left in the pattern space (`D`). */
  async #cycle(): Promise<boolean> {
    let jumps = 0;
    for (let index = 0; index < this.#instructions.length; index += 1) {
      const instruction = this.#instructions[index];
      if (instruction === undefined) break;
      const { action } = instruction;
      if (!this.#selects(instruction)) {
        if (action.kind === 'block') index = action.end - 1;
        continue;
      }
      if (action.kind === 'branch') {
        if (action.letter !== 'b') {
          const isTaken = this.#substituted === (action.letter === 't');
          this.#substituted = false;
          if (!isTaken) continue;
        }
        index = action.to - 1;
        jumps += 1;
        if (jumps % 1000 === 0) await this.#breathe();
        if (jumps > MAX_JUMPS) throw new UsageError('sed: a loop that does not end\n', 1);
        continue;
      }
      const result = await this.#apply(action);
      if (this.#pattern.length + this.#hold.length > MAX_LENGTH) throw new UsageError('sed: out of memory\n', 4);
      if (result === 'end') return false;
      if (result === 'again') return true;
    }
    if (!this.#quiet) await this.#print(`${this.#pattern}\n`);
    return false;
  }

  async #apply(action: Exclude<Action, { kind: 'branch' }>): Promise<'on' | 'end' | 'again'> {
    switch (action.kind) {
      case 'substitute': {
        const replaced = substitute(this.#pattern, action);
        if (replaced !== null) {
          this.#pattern = replaced;
          this.#substituted = true;
          if (action.print) await this.#print(`${replaced}\n`);
        }
        return 'on';
      }
      case 'translate':
        this.#pattern = [...this.#pattern]
          .map((character) => action.to[action.from.indexOf(character)] ?? character)
          .join('');
        return 'on';
      case 'quit':
        this.#ended = true;
        this.status = action.status;
        if (!action.quiet && !this.#quiet) await this.#print(`${this.#pattern}\n`);
        return 'end';
      case 'text':
        if (action.letter === 'a') this.#appended += `${action.text}\n`;
        else await this.#print(`${action.text}\n`);
        return action.letter === 'c' ? 'end' : 'on';
      case 'plain':
        return this.#applyPlain(action.letter);
      case 'block':
      case 'nothing':
        return 'on';
      default: {
        const never: never = action;
        throw new Error(`unknown action ${String(never)}`);
      }
    }
  }

  async #applyPlain(letter: string): Promise<'on' | 'end' | 'again'> {
    switch (letter) {
      case 'd':
        return 'end';
      case 'D': {
        const cut = this.#pattern.indexOf('\n');
        if (cut === -1) return 'end';
        this.#pattern = this.#pattern.slice(cut + 1);
        return 'again';
      }
      case 'g':
        this.#pattern = this.#hold;
        break;
      case 'G':
        this.#pattern += `\n${this.#hold}`;
        break;
      case 'h':
        this.#hold = this.#pattern;
        break;
      case 'H':
        this.#hold += `\n${this.#pattern}`;
        break;
      case 'x':
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        break;
      case 'l':
        await this.#print(`${visible(this.#pattern)}$\n`);
        break;
      case 'n':
        if (this.#ahead === null) {
          this.#ended = true;
          if (!this.#quiet) await this.#print(`${this.#pattern}\n`);
          return 'end';
        }
        if (!this.#quiet) await this.#print(`${this.#pattern}\n`);
        await this.#flushAppended();
        await this.#nextLine();
        break;
      case 'N': {
        if (this.#ahead === null) {
          // Both families print what there is.
          this.#ended = true;
          if (!this.#quiet) await this.#print(`${this.#pattern}\n`);
          return 'end';
        }
        const before = this.#pattern;
        const substituted = this.#substituted;
        await this.#flushAppended();
        await this.#nextLine();
        this.#substituted = substituted;
        this.#pattern = `${before}\n${this.#pattern}`;
        break;
      }
      case 'p':
        await this.#print(`${this.#pattern}\n`);
        break;
      case 'P':
        await this.#print(`${this.#pattern.split('\n')[0] ?? ''}\n`);
        break;
      default:
        await this.#print(`${this.#number}\n`);
    }
    return 'on';
  }

  #selects(instruction: Instruction): boolean {
    return this.#inAddress(instruction) !== instruction.negated;
  }

  #inAddress(instruction: Instruction): boolean {
    const { from, to } = instruction;
    if (from === null) return true;
    if (to === null) return this.#matches(from);
    const until = this.#active.get(instruction);
    if (until !== undefined) {
      if (this.#number >= until || (until === Infinity && this.#matches(to))) this.#active.delete(instruction);
      return until === Infinity || this.#number <= until;
    }
    if (!this.#matches(from)) return false;
    const end = to.kind === 'line' ? to.number : to.kind === 'count' ? this.#number + to.count : Infinity;
    if (end > this.#number && !(to.kind === 'last' && this.#ahead === null)) this.#active.set(instruction, end);
    return true;
  }

  #matches(address: Address): boolean {
    switch (address.kind) {
      case 'line':
        return address.number === this.#number;
      case 'step': {
        if (address.step === 0) return this.#number === address.first;
        return this.#number >= address.first && (this.#number - address.first) % address.step === 0;
      }
      case 'last':
        return this.#ahead === null;
      case 'pattern':
        return address.pattern.match(this.#pattern) !== null;
      case 'count':
        return false;
      default: {
        const never: never = address;
        throw new Error(`unknown address ${String(never)}`);
      }
    }
  }
}

function visible(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\\': '\\\\', '\r': '\\r' };
  return text.replace(/[\n\t\\\r]/g, (character) => escapes[character] ?? character);
}

function substitute(text: string, action: Extract<Action, { kind: 'substitute' }>): string | null {
  let result = '';
  let position = 0;
  let count = 0;
  let changed = false;
  let lastEnd = -1;
  while (position <= text.length) {
    const match = action.pattern.match(text, position);
    if (match === null) break;
    result += text.slice(position, match.start);
    // Nothing right behind a match is no match.
    if (match.start === match.end && match.start === lastEnd) {
      result += text[match.end] ?? '';
      position = match.end + 1;
      continue;
    }
    lastEnd = match.end;
    count += 1;
    const isWanted = count >= action.which && (action.global || count === action.which);
    if (isWanted) {
      changed = true;
      result += replacementText(action.replacement, match.groups);
      if (result.length > MAX_LENGTH) throw new UsageError('sed: out of memory\n', 4);
    } else result += text.slice(match.start, match.end);
    position = match.end;
    if (match.start === match.end) {
      result += text[match.end] ?? '';
      position += 1;
    }
    if (changed && !action.global) break;
  }
  return changed ? result + text.slice(position) : null;
}

/** `&`, `\1`, `\n` and GNU's `\U \L \u \l \E`. */
function replacementText(replacement: string, groups: readonly (string | undefined)[]): string {
  let result = '';
  let mode = '';
  let once = '';
  const add = (text: string): void => {
    let shown = mode === 'U' ? text.toUpperCase() : mode === 'L' ? text.toLowerCase() : text;
    if (once !== '' && shown !== '') {
      const [first = ''] = shown;
      shown = (once === 'u' ? first.toUpperCase() : first.toLowerCase()) + shown.slice(1);
      once = '';
    }
    result += shown;
  };
  for (const [whole, escaped] of replacement.matchAll(/\\([\s\S])|&|[^\\&]+|\\/g)) {
    if (whole === '&') add(groups[0] ?? '');
    else if (escaped === undefined) add(whole);
    else if (/\d/.test(escaped)) add(groups[Number(escaped)] ?? '');
    else if ('ULE'.includes(escaped)) mode = escaped === 'E' ? '' : escaped;
    else if ('ul'.includes(escaped)) once = escaped;
    else add(escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped);
  }
  return result;
}
