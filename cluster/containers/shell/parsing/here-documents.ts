import type { Redirect, Word } from '../ast.ts';
import type { Cursor } from './cursor.ts';
import { readText } from './words.ts';

/** Here-documents whose redirections are read and whose lines are still to come. */
export class HereDocuments {
  /** The source's end was that of a here-document. */
  endedBySource = false;
  #pending: { redirect: Redirect & { kind: 'here' }; delimiter: string; quoted: boolean; stripTabs: boolean }[] = [];

  /** A redirection whose body is filled in when its line has ended; quotes in the delimiter leave expansions alone. */
  expect(delimiter: Word, descriptor: number, stripTabs: boolean): Redirect {
    const redirect: Redirect & { kind: 'here' } = { kind: 'here', descriptor, body: [] };
    const quoted = delimiter.some((part) => part.kind === 'text' && part.quoted);
    const text = delimiter.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    this.#pending.push({ redirect, delimiter: text, quoted, stripTabs });
    return redirect;
  }

  /** Reads those that wait, at the start of the line behind their redirections. */
  read(cursor: Cursor): void {
    for (const { redirect, delimiter, quoted, stripTabs } of this.#pending) {
      let body = '';
      for (;;) {
        if (cursor.position >= cursor.source.length) {
          this.endedBySource = true;
          break;
        }
        const end = cursor.source.indexOf('\n', cursor.position);
        const stop = end === -1 ? cursor.source.length : end;
        let text = cursor.source.slice(cursor.position, stop);
        cursor.position = end === -1 ? stop : stop + 1;
        cursor.line += 1;
        if (stripTabs) text = text.replace(/^\t+/, '');
        if (text === delimiter) break;
        body += end === -1 ? text : `${text}\n`;
      }
      redirect.body = quoted
        ? [{ kind: 'text', text: body, quoted: true }]
        : readText(cursor.nested(body, cursor.line));
    }
    this.#pending = [];
  }
}
