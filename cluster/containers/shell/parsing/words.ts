import { ansiText } from '../ansi-text.ts';
import type { Word, WordPart } from '../ast.ts';
import type { Cursor } from './cursor.ts';

/** A word up to a character that ends it, which stays unread. @throws ShellSyntaxError */
export function readWord(cursor: Cursor, end = /[\s;&|<>()]/): Word {
  const parts: Word = [];
  for (;;) {
    const character = cursor.source[cursor.position];
    if (character === undefined || end.test(character)) return parts;
    switch (character) {
      case "'": {
        const end = cursor.source.indexOf("'", cursor.position + 1);
        if (end === -1) cursor.unterminated("'");
        addText(parts, cursor.source.slice(cursor.position + 1, end), true);
        cursor.skipTo(end + 1);
        break;
      }
      case '"':
        cursor.position += 1;
        readDoubleQuoted(cursor, parts);
        break;
      case '\\': {
        const next = cursor.source[cursor.position + 1];
        if (next === undefined) {
          addText(parts, '\\', true);
          cursor.position += 1;
        } else {
          if (next !== '\n') addText(parts, next, true);
          cursor.skipTo(cursor.position + 2);
        }
        break;
      }
      case '$':
        parts.push(readDollar(cursor, false));
        break;
      case '`':
        parts.push(readBackquoted(cursor, false));
        break;
      default:
        addText(parts, character, false);
        cursor.position += 1;
    }
  }
}

function readDoubleQuoted(cursor: Cursor, parts: Word): void {
  // An empty pair of quotes is a word of its own.
  parts.push({ kind: 'text', text: '', quoted: true });
  const { line } = cursor;
  for (;;) {
    const character = cursor.source[cursor.position];
    // bash counts from where it starts, the others from where it should have ended.
    if (character === undefined) cursor.unterminated('"', cursor.dialect === 'bash' ? line : cursor.line);
    if (character === '"') {
      cursor.position += 1;
      return;
    }
    readInsideQuotes(cursor, parts, character, '$`"\\');
  }
}

/** One character, or one expansion, of text in double quotes or of a here-document. */
function readInsideQuotes(cursor: Cursor, parts: Word, character: string, escapable: string): void {
  if (character === '$') parts.push(readDollar(cursor, true));
  else if (character === '`') parts.push(readBackquoted(cursor, true));
  else if (character === '\\') {
    const next = cursor.source[cursor.position + 1];
    if (next === '\n') cursor.skipTo(cursor.position + 2);
    else if (next !== undefined && escapable.includes(next)) {
      addText(parts, next, true);
      cursor.position += 2;
    } else {
      addText(parts, '\\', true);
      cursor.position += 1;
    }
  } else {
    addText(parts, character, true);
    cursor.skipTo(cursor.position + 1);
  }
}

/** All of the source as the text of a here-document or of arithmetic: expansions, and no quotes. */
export function readText(cursor: Cursor): Word {
  const parts: Word = [];
  for (
    let character = cursor.source[cursor.position];
    character !== undefined;
    character = cursor.source[cursor.position]
  ) {
    readInsideQuotes(cursor, parts, character, '$`\\');
  }
  return parts;
}

/** What a dollar stands before. */
function readDollar(cursor: Cursor, quoted: boolean): WordPart {
  const rest = cursor.source.slice(cursor.position + 1, cursor.position + 3);
  if (rest.startsWith("'") && !quoted && cursor.dialect !== 'dash') return readAnsiQuoted(cursor);
  if (rest.startsWith('((')) {
    const arithmetic = readArithmetic(cursor, quoted);
    if (arithmetic !== null) return arithmetic;
  }
  if (rest.startsWith('(')) {
    return { kind: 'command', body: cursor.readInParentheses(cursor.position + 2), quoted };
  }
  if (rest.startsWith('{')) return readBraced(cursor, quoted);
  const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/.exec(
    cursor.source.slice(cursor.position + 1, cursor.position + 257),
  );
  if (name === null) {
    cursor.position += 1;
    return { kind: 'text', text: '$', quoted };
  }
  cursor.position += 1 + name[0].length;
  return { kind: 'parameter', name: name[0], operator: '', operand: [], quoted };
}

/** `$'a\tb'` */
function readAnsiQuoted(cursor: Cursor): WordPart {
  const text = /^(?:[^'\\]|\\.)*/s.exec(cursor.source.slice(cursor.position + 2))?.[0] ?? '';
  const end = cursor.position + 2 + text.length;
  if (cursor.source[end] !== "'") cursor.unterminated("'");
  cursor.skipTo(end + 1);
  return { kind: 'text', text: ansiText(text), quoted: true };
}

/** `${…}` */
function readBraced(cursor: Cursor, quoted: boolean): WordPart {
  const start = cursor.position;
  cursor.position += 2;
  const rest = cursor.source.slice(cursor.position, cursor.position + 512);
  const length = /^#([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])\}/.exec(rest);
  if (length !== null) {
    cursor.position += length[0].length;
    return { kind: 'parameter', name: length[1] ?? '', operator: 'length', operand: [], quoted };
  }
  const indirect = cursor.dialect === 'bash' ? /^!([A-Za-z_]\w*)\}/.exec(rest) : null;
  if (indirect !== null) {
    cursor.position += indirect[0].length;
    return { kind: 'parameter', name: indirect[1] ?? '', operator: 'indirect', operand: [], quoted };
  }
  const name = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])/.exec(rest);
  cursor.position += name?.[0].length ?? 0;
  const operators =
    cursor.dialect === 'bash'
      ? /^(:[-=?+]|[-=?+]|##?|%%?|\/\/?|:|\^\^?|,,?)/
      : cursor.dialect === 'ash'
        ? /^(:[-=?+]|[-=?+]|##?|%%?|\/\/?|:)/
        : /^(:[-=?+]|[-=?+]|##?|%%?)/;
  const operator = operators.exec(cursor.source.slice(cursor.position, cursor.position + 2))?.[0] ?? '';
  cursor.position += operator.length;
  if (cursor.dialect === 'bash' && operator === '' && cursor.source[cursor.position] === '[')
    cursor.notSimulated('arrays are');
  const operand: Word = [];
  for (;;) {
    const character = cursor.source[cursor.position];
    if (character === undefined) cursor.unterminated('}');
    if (character === '}') {
      cursor.position += 1;
      // What means nothing is said when it comes to be expanded.
      const isBad = name === null || (operator === '' && operand.length > 0);
      if (isBad) return { kind: 'bad', text: cursor.source.slice(start, cursor.position), quoted };
      return { kind: 'parameter', name: name[0], operator, operand, quoted };
    }
    readOperandPart(cursor, operand, character, quoted, /^[#%/]/.test(operator));
  }
}

/** `isPattern`: single quotes mean something even between double ones. */
function readOperandPart(cursor: Cursor, operand: Word, character: string, quoted: boolean, isPattern: boolean): void {
  if (character === "'" && (!quoted || isPattern)) {
    const end = cursor.source.indexOf("'", cursor.position + 1);
    if (end === -1) cursor.unterminated("'");
    addText(operand, cursor.source.slice(cursor.position + 1, end), true);
    cursor.skipTo(end + 1);
  } else if (character === '"') {
    cursor.position += 1;
    readDoubleQuoted(cursor, operand);
  } else if (character === '\\') {
    addText(operand, cursor.source[cursor.position + 1] ?? '\\', true);
    cursor.skipTo(cursor.position + 2);
  } else if (character === '$') operand.push(readDollar(cursor, quoted));
  else if (character === '`') operand.push(readBackquoted(cursor, quoted));
  else {
    addText(operand, character, false);
    cursor.skipTo(cursor.position + 1);
  }
}

/** `$(( … ))`; null when it turns out to be a command substitution that starts with a subshell. */
export function readArithmetic(cursor: Cursor, quoted: boolean): WordPart | null {
  let depth = 0;
  for (let index = cursor.position + 3; ; index += 1) {
    const character = cursor.source[index];
    if (character === undefined) cursor.unterminated('))');
    if (character === '(') depth += 1;
    else if (character === ')') {
      if (depth > 0) depth -= 1;
      else if (cursor.source[index + 1] === ')') {
        const inner = cursor.nested(cursor.source.slice(cursor.position + 3, index), cursor.line);
        cursor.skipTo(index + 2);
        return { kind: 'arithmetic', expression: readText(inner), quoted };
      } else return null;
    }
  }
}

/** `` `command` ``: inside of it a backslash hides what would end it. */
function readBackquoted(cursor: Cursor, quoted: boolean): WordPart {
  let body = '';
  let index = cursor.position + 1;
  for (;;) {
    const character = cursor.source[index];
    if (character === undefined) cursor.unterminated('`');
    if (character === '`') break;
    const next = cursor.source[index + 1] ?? '';
    if (character === '\\' && ('$`\\'.includes(next) || (quoted && next === '"'))) {
      body += next;
      index += 2;
    } else {
      body += character;
      index += 1;
    }
  }
  const { line } = cursor;
  cursor.skipTo(index + 1);
  const inner = cursor.nested(body, line);
  return { kind: 'command', body: inner.readCommands(inner, 'end'), quoted };
}

/** Adds text to a word; what is quoted and what is not stand apart. */
function addText(parts: Word, text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
  else parts.push({ kind: 'text', text, quoted });
}
