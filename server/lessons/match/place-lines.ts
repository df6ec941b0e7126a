import { type ActualLine, matchesLine } from './match-line.ts';
import type { LinePattern } from './parse-pattern.ts';

/**
 * For each pattern the index of the line that it took, -1 for `...`; null when the lines do not match. The
 * patterns are cut at `...`; each piece is placed as far left as it goes, the first at the start, the last at the end.
 * Leftmost is enough: a piece takes a fixed number of lines, so an earlier place never leaves less for the rest.
 */
export function placeInOrder(patterns: readonly LinePattern[], lines: readonly ActualLine[]): number[] | null {
  const places: number[] = [];
  let position = 0;
  let start = 0;
  while (start <= patterns.length) {
    let end = start;
    while (end < patterns.length && patterns[end]!.kind !== 'elision') end++;
    const piece = patterns.slice(start, end);
    const found = placePiece(piece, lines, position, start === 0, end === patterns.length);
    if (found === -1) return null;
    for (let index = 0; index < piece.length; index++) places.push(found + index);
    if (end < patterns.length) places.push(-1);
    position = found + piece.length;
    start = end + 1;
  }
  return places;
}

function placePiece(
  piece: readonly LinePattern[],
  lines: readonly ActualLine[],
  from: number,
  first: boolean,
  last: boolean,
): number {
  const furthest = lines.length - piece.length;
  if (first && last && furthest !== 0) return -1;
  let position = last && !first ? Math.max(from, furthest) : from;
  const end = first ? 0 : furthest;
  for (; position <= end && position <= furthest; position++) {
    if (piece.every((pattern, index) => matchesLine(pattern, lines[position + index]!))) return position;
  }
  return -1;
}

/**
 * For each pattern a line of its own, in any order; -1 where none is left. Lines that nobody wants are allowed only
 * when the patterns hold a `...`, which gets -1 too; {@link anyOrderHolds} judges that.
 */
export function placeInAnyOrder(patterns: readonly LinePattern[], lines: readonly ActualLine[]): number[] {
  const places = Array.from(patterns, () => -1);
  const takenBy = new Map<number, number>();
  // A literal accepts only lines that are all alike, so which of them it takes cannot hurt the others.
  const alike = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const same = alike.get(line.joined);
    if (same === undefined) alike.set(line.joined, [index]);
    else same.push(index);
  }
  for (const same of alike.values()) same.reverse();
  for (const [index, pattern] of patterns.entries()) {
    if (pattern.kind !== 'tokens' || pattern.literal === null) continue;
    const line = alike.get(pattern.literal)?.pop();
    if (line === undefined) continue;
    places[index] = line;
    takenBy.set(line, index);
  }
  const literals = new Set(takenBy.keys());
  for (const [index, pattern] of patterns.entries()) {
    if (pattern.kind === 'elision' || (pattern.kind === 'tokens' && pattern.literal !== null)) continue;
    augment(index, patterns, lines, literals, takenBy, places);
  }
  return places;
}

/** Bipartite matching, one pattern more (Kuhn): a line that is taken is free again if its owner finds another. */
function augment(
  start: number,
  patterns: readonly LinePattern[],
  lines: readonly ActualLine[],
  literals: ReadonlySet<number>,
  takenBy: Map<number, number>,
  places: number[],
): void {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const pattern of queue) {
    for (const [line, actual] of lines.entries()) {
      if (cameFrom.has(line) || literals.has(line) || !matchesLine(patterns[pattern]!, actual)) continue;
      cameFrom.set(line, pattern);
      const owner = takenBy.get(line);
      if (owner !== undefined) {
        queue.push(owner);
        continue;
      }
      for (let free = line; free !== -1;) {
        const winner = cameFrom.get(free)!;
        const before = places[winner]!;
        takenBy.set(free, winner);
        places[winner] = free;
        free = winner === start ? -1 : before;
      }
      return;
    }
  }
}

/** Whether the placement of {@link placeInAnyOrder} leaves nothing out on either side. */
export function anyOrderHolds(
  patterns: readonly LinePattern[],
  lines: readonly ActualLine[],
  places: readonly number[],
): boolean {
  const elided = patterns.some((pattern) => pattern.kind === 'elision');
  const wanted = patterns.filter((pattern) => pattern.kind !== 'elision').length;
  const placed = places.filter((place) => place !== -1).length;
  return placed === wanted && (elided || lines.every((line, index) => line.text === '' || places.includes(index)));
}
