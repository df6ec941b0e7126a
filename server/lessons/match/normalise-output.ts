/**
 * What a program printed, as the lines that a reader sees: escape sequences removed, carriage returns and
 * backspaces carried out (a progress bar is its last state), tabs as blanks, no blanks at the ends of lines, no
 * empty lines at the beginning and the end.
 *
 * A model of one line of a terminal, not of a screen: sequences that move between lines are dropped.
 */
export function normaliseOutput(output: string): string[] {
  return trimEmptyLines(output.replaceAll(ESCAPE_SEQUENCE, keepLineErase).split('\n').map(showLine));
}

/**
 * CSI, then the string sequences (OSC, DCS, SOS, PM, APC) up to their end or, when that is missing, the end of the
 * line, then two-character escapes. Each alternative starts differently and repeats one class: linear time.
 */
const ESCAPE_SEQUENCE =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;

/** Noncharacters of Unicode, which no program prints, that stand for "erase line" until the line is shown. */
const ERASE_TO_END = '\ufdd0';
const ERASE_TO_START = '\ufdd1';
const ERASE_LINE = '\ufdd2';

function keepLineErase(sequence: string): string {
  if (!sequence.endsWith('K')) return '';
  if (sequence.endsWith('[K') || sequence.endsWith('[0K')) return ERASE_TO_END;
  if (sequence.endsWith('[1K')) return ERASE_TO_START;
  return sequence.endsWith('[2K') ? ERASE_LINE : '';
}

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const NEEDS_CURSOR = /[\u0000-\u001f\u007f\ufdd0-\ufdd2]/;
const TAB_WIDTH = 8;

function showLine(line: string): string {
  const withoutReturn = line.endsWith('\r') ? line.replace(/\r+$/, '') : line;
  return NEEDS_CURSOR.test(withoutReturn) ? overwrite(withoutReturn).trimEnd() : withoutReturn.trimEnd();
}

function overwrite(line: string): string {
  const cells: string[] = [];
  let cursor = 0;
  for (const character of line) {
    if (character === '\r') cursor = 0;
    else if (character === '\b') cursor = Math.max(0, cursor - 1);
    else if (character === '\t') {
      const stop = cursor + TAB_WIDTH - (cursor % TAB_WIDTH);
      while (cells.length < stop) cells.push(' ');
      cursor = stop;
    } else if (character === ERASE_TO_END) cells.length = Math.min(cells.length, cursor);
    else if (character === ERASE_TO_START) cells.fill(' ', 0, cursor + 1);
    else if (character === ERASE_LINE) cells.fill(' ');
    else if (character >= ' ' && character !== '\u007f') {
      cells[cursor] = character;
      cursor++;
    }
  }
  return cells.join('');
}

function trimEmptyLines(lines: string[]): string[] {
  let start = 0;
  let end = lines.length;
  while (start < end && lines[start] === '') start++;
  while (end > start && lines[end - 1] === '') end--;
  return lines.slice(start, end);
}
