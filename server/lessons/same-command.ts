/**
 * Whether what a learner typed is the command of a block. Equal up to what makes no difference to bash and is
 * invisible on the screen: blanks at the ends of lines, runs of blanks outside quotes, a backslash with a newline
 * (which bash joins before it remembers the line), empty lines. The text of a here-document must be equal except for
 * blanks at the ends of its lines.
 */
export function isSameCommand(typed: string, command: string): boolean {
  return normaliseCommand(typed) === normaliseCommand(command);
}

function normaliseCommand(text: string): string {
  const reader = { text: text.replaceAll('\r\n', '\n'), position: 0 };
  const lines: string[] = [];
  while (reader.position < reader.text.length) {
    const { line, delimiters } = readCommandLine(reader);
    if (line !== '') lines.push(line);
    for (const delimiter of delimiters) lines.push(...readHereDocument(reader, delimiter));
  }
  return lines.join('\n');
}

interface Reader {
  text: string;
  position: number;
}

interface Delimiter {
  word: string;
  /** `<<-` allows tabs before the delimiter. */
  tabs: boolean;
}

/** Up to the next newline outside quotes. A blank is one token, quoted text another. */
const TOKEN = /\\\n|\\[^]|'[^']*'?|"(?:\\[^]|[^"\\])*"?|<<<|<<-?|[ \t]+|\n|[^]/y;

function readCommandLine(reader: Reader): { line: string; delimiters: Delimiter[] } {
  const delimiters: Delimiter[] = [];
  const pieces: string[] = [];
  while (reader.position < reader.text.length) {
    TOKEN.lastIndex = reader.position;
    const token = TOKEN.exec(reader.text)![0];
    reader.position += token.length;
    if (token === '\n') break;
    if (token === '\\\n') continue;
    if (/^[ \t]/.test(token)) {
      if (pieces.at(-1) !== ' ') pieces.push(' ');
    } else if (token.startsWith('"'))
      pieces.push(token.replaceAll(/\\(?:\n|([^]))/g, (pair, kept) => (kept ? pair : '')));
    else pieces.push(token);
    if (token === '<<' || token === '<<-') addDelimiter(reader, token, delimiters);
  }
  return { line: pieces.join('').trim(), delimiters };
}

/** Looks ahead only: the word is read again as a part of the line. */
function addDelimiter(reader: Reader, operator: string, delimiters: Delimiter[]): void {
  DELIMITER.lastIndex = reader.position;
  const word = DELIMITER.exec(reader.text)?.[1];
  if (word !== undefined) delimiters.push({ word: word.replaceAll(/["'\\]/g, ''), tabs: operator === '<<-' });
}

const DELIMITER = /[ \t]*((?:\\[^\n]|'[^'\n]*'|"[^"\n]*"|[^\s;&|<>()'"\\])+)/y;

/** With its last line; to the end of the text when that is missing, as bash reads it. */
function readHereDocument(reader: Reader, delimiter: Delimiter): string[] {
  const lines: string[] = [];
  while (reader.position < reader.text.length) {
    const newline = reader.text.indexOf('\n', reader.position);
    const end = newline === -1 ? reader.text.length : newline;
    const line = reader.text.slice(reader.position, end);
    reader.position = end + 1;
    lines.push(line.trimEnd());
    if ((delimiter.tabs ? line.replace(/^\t+/, '') : line).trimEnd() === delimiter.word) break;
  }
  return lines;
}
