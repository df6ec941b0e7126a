const HOLE = /(?<!\\)<(?:\*|age|date|id|int(?: -?\d+\.\.-?\d+)?|ip|num|rs|time|ver|word)>/;

/** Whether a line of expected output, in the author's notation, leaves something open: `<age>`, `<word>`, `<*>`. */
export function hasHole(text: string): boolean {
  return HOLE.test(text);
}
