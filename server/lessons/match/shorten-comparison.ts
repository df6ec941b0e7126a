import type { ComparedLine } from '../../../common/lesson.ts';

/** Lines of a comparison that are shown. */
export const MAX_COMPARED_LINES = 200;
/** Characters of one line that are shown; a program may print a megabyte without a newline. */
const MAX_LINE_LENGTH = 500;
/** Equal lines kept on either side of a difference once there are too many. */
const CONTEXT_LINES = 3;

/** Keeps a comparison readable: cuts long lines, folds equal lines far from a difference, then cuts the end. */
export function shorten(lines: readonly ComparedLine[]): ComparedLine[] {
  const folded = lines.length > MAX_COMPARED_LINES ? foldEqualLines(lines) : lines;
  const kept = folded.slice(0, folded.length > MAX_COMPARED_LINES ? MAX_COMPARED_LINES - 1 : undefined);
  const rest = folded.slice(kept.length).reduce((sum, line) => sum + (line.kind === 'elided' ? line.count : 1), 0);
  const shown = kept.map(cutTexts);
  return rest === 0 ? shown : [...shown, { kind: 'elided', count: rest }];
}

function foldEqualLines(lines: readonly ComparedLine[]): ComparedLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, line] of lines.entries()) {
    if (line.kind === 'same' || line.kind === 'elided') continue;
    near.fill(1, Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1);
  }
  // Without any difference the beginning is as good as any place.
  if (!near.includes(1)) return [...lines];
  const folded: ComparedLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = folded.at(-1);
    if (near[index] === 1) folded.push(line);
    else {
      const count = line.kind === 'elided' ? line.count : 1;
      if (last?.kind === 'elided') folded[folded.length - 1] = { kind: 'elided', count: last.count + count };
      else folded.push({ kind: 'elided', count });
    }
  }
  return folded;
}

function cutTexts(line: ComparedLine): ComparedLine {
  switch (line.kind) {
    case 'same':
      return { kind: 'same', text: cut(line.text) };
    case 'different':
      return { kind: 'different', expected: cut(line.expected), actual: cut(line.actual) };
    case 'missing':
      return { kind: 'missing', expected: cut(line.expected) };
    case 'unexpected':
      return { kind: 'unexpected', actual: cut(line.actual) };
    case 'elided':
      return line;
  }
}

function cut(text: string): string {
  return text.length <= MAX_LINE_LENGTH ? text : `${text.slice(0, MAX_LINE_LENGTH)}…`;
}
