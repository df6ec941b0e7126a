import type { Process } from '../process/process.ts';
import type { Tty } from '../process/tty.ts';

export type EditedLine =
  | { kind: 'line'; text: string }
  /** Ctrl-D on an empty line, or the terminal is gone. */
  | { kind: 'end' }
  /** Ctrl-C. */
  | { kind: 'interrupt' };

/** Lines kept for the arrow keys. */
const HISTORY_LINES = 200;

/** Characters of one line. */
const MAX_LINE = 65_536;

/** Names that Tab offers for the word before the cursor. */
export type Complete = (before: string) => { word: string; candidates: readonly string[] };

/**
 * Reads lines from a terminal with the keys of BusyBox: arrows, Home, End, Delete, Tab, Ctrl-A, -B, -D, -E, -F, -K, -L,
 * -N, -P, -U, -W. Left out: search in the history, words with Alt.
 */
export class LineEditor {
  readonly #process: Process;
  readonly #tty: Tty;
  readonly #complete: Complete;
  readonly #history: string[] = [];
  /** Keys that came while a line was finished. */
  #pending = '';
  readonly #decoder = new TextDecoder();
  #prompt = '';
  #characters: string[] = [];
  #cursor = 0;

  constructor(process: Process, tty: Tty, complete: Complete) {
    this.#process = process;
    this.#tty = tty;
    this.#complete = complete;
  }

  /** Puts a line into the history. */
  remember(text: string): void {
    if (text.trim() === '' || text === this.#history.at(-1)) return;
    this.#history.push(text);
    if (this.#history.length > HISTORY_LINES) this.#history.shift();
  }

  async readLine(prompt: string): Promise<EditedLine> {
    this.#tty.raw = true;
    this.#prompt = prompt;
    this.#characters = [];
    this.#cursor = 0;
    let historyIndex = this.#history.length;
    let draft = '';
    const recall = async (index: number): Promise<void> => {
      if (index < 0 || index > this.#history.length) return;
      if (historyIndex === this.#history.length) draft = this.#characters.join('');
      historyIndex = index;
      const text = this.#history[index] ?? draft;
      await this.#moveTo(0);
      this.#characters = [...text];
      this.#cursor = this.#characters.length;
      await this.#process.print(`${text}\x1b[J`);
    };
    try {
      await this.#process.print(prompt);
      for (;;) {
        const key = await this.#key();
        switch (key) {
          case null:
            return { kind: 'end' };
          case '\r':
          case '\n':
            await this.#moveTo(this.#characters.length);
            await this.#process.print('\n');
            return { kind: 'line', text: this.#characters.join('') };
          case '\x03':
            await this.#process.print('^C\n');
            return { kind: 'interrupt' };
          case '\x04':
            if (this.#characters.length === 0) return { kind: 'end' };
            await this.#delete(this.#cursor, this.#cursor + 1);
            break;
          case '\x7f':
          case '\b':
            if (this.#cursor > 0) await this.#delete(this.#cursor - 1, this.#cursor);
            break;
          case '\x1b[3~':
            await this.#delete(this.#cursor, this.#cursor + 1);
            break;
          case '\x1b[D':
          case '\x1bOD':
          case '\x02':
            if (this.#cursor > 0) await this.#moveTo(this.#cursor - 1);
            break;
          case '\x1b[C':
          case '\x1bOC':
          case '\x06':
            if (this.#cursor < this.#characters.length) await this.#moveTo(this.#cursor + 1);
            break;
          case '\x1b[H':
          case '\x1bOH':
          case '\x1b[1~':
          case '\x01':
            await this.#moveTo(0);
            break;
          case '\x1b[F':
          case '\x1bOF':
          case '\x1b[4~':
          case '\x05':
            await this.#moveTo(this.#characters.length);
            break;
          case '\x1b[A':
          case '\x1bOA':
          case '\x10':
            await recall(historyIndex - 1);
            break;
          case '\x1b[B':
          case '\x1bOB':
          case '\x0e':
            await recall(historyIndex + 1);
            break;
          case '\x0b':
            await this.#delete(this.#cursor, this.#characters.length);
            break;
          case '\x15':
            await this.#delete(0, this.#cursor);
            break;
          case '\x17':
            await this.#delete(this.#wordStart(), this.#cursor);
            break;
          case '\x0c':
            await this.#process.print('\x1b[H\x1b[J');
            await this.#redraw();
            break;
          case '\t':
            await this.#completeWord();
            break;
          default:
            if (key >= ' ') await this.#insert([key]);
        }
      }
    } finally {
      this.#tty.raw = false;
      if (this.#pending !== '') {
        // What was typed ahead belongs to whoever reads next.
        this.#tty.typeAhead(Buffer.from(this.#pending));
        this.#pending = '';
      }
    }
  }

  /** One key: a character or an escape sequence; null at the end. */
  async #key(): Promise<string | null> {
    for (;;) {
      // An escape by itself may be the start of a sequence whose rest is still on its way.
      // oxlint-disable-next-line no-control-regex -- the escape is the key
      const sequence = /^\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^[O])/.exec(this.#pending);
      if (sequence !== null) {
        this.#pending = this.#pending.slice(sequence[0].length);
        return sequence[0];
      }
      if (this.#pending !== '' && !this.#pending.startsWith('\x1b')) {
        const [character = ''] = this.#pending;
        this.#pending = this.#pending.slice(character.length);
        return character;
      }
      if (this.#pending.length > 32) this.#pending = '';
      const bytes = await this.#process.read(0);
      if (bytes === null) return null;
      this.#pending += this.#decoder.decode(bytes, { stream: true });
    }
  }

  async #insert(characters: readonly string[]): Promise<void> {
    if (this.#characters.length + characters.length > MAX_LINE) return;
    this.#characters.splice(this.#cursor, 0, ...characters);
    const tail = this.#characters.slice(this.#cursor);
    this.#cursor += characters.length;
    await this.#process.print(tail.join('') + this.#back(tail.length - characters.length));
  }

  async #delete(from: number, to: number): Promise<void> {
    const end = Math.min(to, this.#characters.length);
    if (from >= end) return;
    await this.#moveTo(from);
    this.#characters.splice(from, end - from);
    const tail = this.#characters.slice(from);
    await this.#process.print(`${tail.join('')}\x1b[J${this.#back(tail.length)}`);
  }

  async #moveTo(position: number): Promise<void> {
    if (position < this.#cursor) await this.#process.print(this.#back(this.#cursor - position, this.#cursor));
    else await this.#process.print(this.#characters.slice(this.#cursor, position).join(''));
    this.#cursor = position;
  }

  /** Moves the cursor on the screen back over characters, up the rows of a line that wraps. */
  #back(distance: number, from = this.#cursor + distance): string {
    if (distance === 0) return '';
    const { columns } = this.#tty.size;
    const start = visibleLength(this.#prompt) + from;
    const end = start - distance;
    const rows = Math.floor(start / columns) - Math.floor(end / columns);
    if (rows === 0) return '\b'.repeat(distance);
    return `\x1b[${rows}A\x1b[${(end % columns) + 1}G`;
  }

  async #redraw(): Promise<void> {
    await this.#process.print(
      this.#prompt + this.#characters.join('') + this.#back(this.#characters.length - this.#cursor),
    );
  }

  #wordStart(): number {
    let start = this.#cursor;
    while (start > 0 && this.#characters[start - 1] === ' ') start -= 1;
    while (start > 0 && this.#characters[start - 1] !== ' ') start -= 1;
    return start;
  }

  async #completeWord(): Promise<void> {
    const { word, candidates } = this.#complete(this.#characters.slice(0, this.#cursor).join(''));
    const [first] = candidates;
    if (first === undefined) return;
    let common = first;
    for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1);
    const rest = common.slice(word.length);
    if (rest !== '') await this.#insert([...rest]);
    if (candidates.length === 1) {
      if (!first.endsWith('/')) await this.#insert([' ']);
    } else if (rest === '') {
      await this.#process.print(
        `\n${candidates.map((name) => name.split('/').filter(Boolean).at(-1) ?? name).join('  ')}\n`,
      );
      await this.#redraw();
    }
  }
}

function visibleLength(text: string): number {
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it looks for
  return [...text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')].length;
}
