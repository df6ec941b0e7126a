/** A word of a command line. */
export interface ShellWord {
  /** Without its quotes. */
  text: string;
  /** Whether the program gets `text` as it stands: nothing in it is expanded. */
  plain: boolean;
}

/** A program with its arguments, as it stands between `;`, `|`, `&&` and their like. */
export interface ShellCommand {
  words: ShellWord[];
  /** Files behind `>` and `>>`. */
  writes: ShellWord[];
  /** Where it begins, from 0. */
  line: number;
}

/**
 * The programs that a text for bash calls, those in `$(…)` included, with what they are given. Here-documents and
 * the patterns of `case` are left out. For a text that bash can read; of any other it makes something, and ends.
 */
export function readShellCommands(text: string, line = 0): ShellCommand[] {
  const reader = new Reader(text, line);
  reader.read();
  return reader.commands;
}

class Reader {
  readonly commands: ShellCommand[] = [];
  readonly #text: string;
  #position = 0;
  #line: number;
  #words: ShellWord[] = [];
  #writes: ShellWord[] = [];
  #start: number;
  /** Subshells that are open; any other `)` ends a pattern of `case`. */
  #depth = 0;
  #delimiters: { word: string; tabs: boolean }[] = [];

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
    this.#start = line;
  }

  read(): void {
    while (this.#position < this.#text.length) {
      const [token] = this.#match(/[ \t]+|\\\n|#[^\n]*|\n|[;&|]+|[()]|\d*(?:<<<|<<-?|[<>]&|>>|>\||<>|[<>])/y) ?? [];
      // A process in place of a file is a part of a word.
      if (token === undefined || (/^[<>]$/.test(token) && this.#text[this.#position] === '(')) {
        if (token !== undefined) this.#position -= token.length;
        this.#addWord(this.#readWord());
      } else this.#readToken(token);
    }
    this.#end();
  }

  #readToken(token: string): void {
    if (token === '\n') {
      this.#end();
      this.#line++;
      for (const delimiter of this.#delimiters) this.#skipDocument(delimiter);
      this.#delimiters = [];
      this.#start = this.#line;
    } else if (token === '\\\n') this.#line++;
    else if (token === '(') this.#open();
    else if (token === ')') {
      if (this.#depth === 0) [this.#words, this.#writes] = [[], []];
      else this.#depth--;
      this.#end();
    } else if (/^[;&|]/.test(token)) this.#end();
    else if (/[<>]/.test(token)) this.#redirect(token.replace(/^\d+/, ''));
  }

  #open(): void {
    if (this.#text.startsWith('(', this.#position)) this.#match(/\([^]*?\)\)/y);
    else if (this.#words.length === 1 && this.#match(/[ \t]*\)/y)) this.#words[0]!.text += '()';
    else this.#depth++;
    if (this.#words.length > 0) this.#end();
  }

  #redirect(operator: string): void {
    this.#match(/[ \t]+/y);
    if (/[\n;&|()]/.test(this.#text[this.#position] ?? '\n')) return;
    const word = this.#readWord();
    if (operator === '<<' || operator === '<<-') {
      this.#delimiters.push({ word: word.text, tabs: operator === '<<-' });
    } else if (operator.startsWith('>') && !operator.endsWith('&')) this.#writes.push(word);
  }

  #addWord(word: ShellWord): void {
    if (this.#words.length === 0) this.#start = this.#line;
    this.#words.push(word);
  }

  #end(): void {
    const [words, writes] = [this.#words, this.#writes];
    if (words.length > 0 || writes.length > 0) this.commands.push({ words, writes, line: this.#start });
    [this.#words, this.#writes] = [[], []];
  }

  #readWord(): ShellWord {
    let text = '';
    let plain = true;
    while (this.#position < this.#text.length) {
      const part = this.#match(/\\\n|\\([^])|'([^']*)'?|[^\s'"\\$`;&|()<>*?[\]{}~]+/y);
      if (part !== null) {
        this.#count(part[0]);
        text += part[1] ?? part[2] ?? (part[0] === '\\\n' ? '' : part[0]);
      } else if (this.#match(/"/y)) {
        const quoted = this.#readQuoted();
        text += quoted.text;
        plain &&= quoted.plain;
      } else if (/[\s;&|)]/.test(this.#text[this.#position]!)) break;
      else if (this.#text[this.#position] === '(') {
        // A list of values, `names=(a b)`, or `name()`.
        if (!text.endsWith('=')) break;
        this.#skipNested('(', ')');
        plain = false;
      } else if (/^(?:[<>](?!\()|<<)/.test(this.#text.slice(this.#position, this.#position + 2))) break;
      else {
        const from = this.#position;
        this.#readExpansion();
        text += this.#text.slice(from, this.#position);
        plain = false;
      }
    }
    return { text, plain };
  }

  #readQuoted(): ShellWord {
    let text = '';
    let plain = true;
    while (this.#position < this.#text.length && !this.#match(/"/y)) {
      const part = this.#match(/\\\n|\\([$`"\\])|[^"$`\\]+|\\/y);
      if (part !== null) {
        this.#count(part[0]);
        text += part[1] ?? (part[0] === '\\\n' ? '' : part[0]);
      } else {
        const from = this.#position;
        this.#readExpansion();
        text += this.#text.slice(from, this.#position);
        plain = false;
      }
    }
    return { text, plain };
  }

  /** `$(…)`, `${…}`, a variable, backticks, or one sign of a pattern. */
  #readExpansion(): void {
    const [opening = ''] = this.#match(/\$\(\(|\$\(|[<>]\(|\$\{|`|\$?[^]/y) ?? [];
    if (opening === '$((') return this.#skipUntil('))');
    if (opening === '${') return this.#skipNested('{', '}', 1);
    if (opening === '`') return this.#readInner(() => this.#skipUntil('`'), 1);
    if (opening.endsWith('(')) return this.#readInner(() => this.#skipNested('(', ')', 1), 1);
    this.#count(opening);
  }

  #readInner(skip: () => void, closing: number): void {
    const [from, line] = [this.#position, this.#line];
    skip();
    this.commands.push(...readShellCommands(this.#text.slice(from, this.#position - closing), line));
  }

  #skipUntil(end: string): void {
    const found = this.#text.indexOf(end, this.#position);
    this.#skipTo(found === -1 ? this.#text.length : found + end.length);
  }

  /** To the end of what is open, over quotes. */
  #skipNested(open: string, close: string, depth = 0): void {
    let level = depth;
    while (this.#position < this.#text.length) {
      const [token = ''] = this.#match(/\\[^]|'[^']*'?|"(?:\\[^]|[^"\\])*"?|[^]/y) ?? [];
      this.#count(token);
      if (token === open) level++;
      else if (token === close && --level === 0) return;
    }
  }

  #skipDocument({ word, tabs }: { word: string; tabs: boolean }): void {
    while (this.#position < this.#text.length) {
      const newline = this.#text.indexOf('\n', this.#position);
      const end = newline === -1 ? this.#text.length : newline;
      const line = this.#text.slice(this.#position, end);
      this.#skipTo(Math.min(end + 1, this.#text.length));
      if ((tabs ? line.replace(/^\t+/, '') : line) === word) return;
    }
  }

  #skipTo(position: number): void {
    this.#count(this.#text.slice(this.#position, position));
    this.#position = position;
  }

  #count(text: string): void {
    for (const character of text) if (character === '\n') this.#line++;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#position;
    const found = expression.exec(this.#text);
    if (found !== null) this.#position += found[0].length;
    return found;
  }
}
