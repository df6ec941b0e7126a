import { checkLength } from './limits.ts';
import type { AwkStreams } from './streams.ts';
import type { Variables } from './variables.ts';

/** The program's input, cut into records by `RS`; counts them in `NR` and `FNR`. */
export class RecordReader {
  readonly #streams: AwkStreams;
  readonly #variables: Variables;
  /** What was read beyond a record. */
  #pending: string | null = null;

  constructor(streams: AwkStreams, variables: Variables) {
    this.#streams = streams;
    this.#variables = variables;
  }

  /** Lines, paragraphs when RS is empty, or pieces between its characters; null at the end. */
  async next(): Promise<string | null> {
    const separator = this.#variables.text('RS');
    const first = await this.#line();
    if (first === null) return null;
    if (separator === '\n') return this.#counted(first);
    if (separator === '') {
      let text: string | null = first;
      while (text === '') text = await this.#line();
      if (text === null) return null;
      for (let next = await this.#line(); next !== null && next !== ''; next = await this.#line()) text += `\n${next}`;
      return this.#counted(text);
    }
    let text = first;
    while (!text.includes(separator)) {
      const next = await this.#line();
      if (next === null) return this.#counted(text);
      text += `\n${next}`;
      checkLength(text);
    }
    const cut = text.indexOf(separator);
    this.#pending = text.slice(cut + separator.length);
    return this.#counted(text.slice(0, cut));
  }

  #counted(record: string): string {
    this.#variables.increment('NR');
    this.#variables.increment('FNR');
    return record;
  }

  async #line(): Promise<string | null> {
    if (this.#pending !== null) {
      const text = this.#pending;
      this.#pending = null;
      return text;
    }
    const next = await this.#streams.nextLine();
    if (next === null) return null;
    if (next.isFirst) {
      this.#variables.assign('FNR', 0);
      this.#variables.assign('FILENAME', next.file);
    }
    return next.line;
  }
}
