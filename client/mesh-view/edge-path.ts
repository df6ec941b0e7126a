import type { Point } from './layout.ts';

/**
 * A smooth way through points, for the `d` of a path: curves that leave and reach each point in the direction in which
 * the whole way goes, sideways or downwards.
 */
export function edgePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const sideways = Math.abs(last.x - first.x) >= Math.abs(last.y - first.y) * 0.5;
  let from = first;
  const parts = [`M${at(first)}`];
  for (const to of rest) {
    const [dx, dy] = sideways ? [(to.x - from.x) / 2, 0] : [0, (to.y - from.y) / 2];
    parts.push(`C${at({ x: from.x + dx, y: from.y + dy })} ${at({ x: to.x - dx, y: to.y - dy })} ${at(to)}`);
    from = to;
  }
  return parts.join('');
}

/** The way of an edge from a node to itself: out of one of its sides, around through the middle point, and in again. */
export function loopPath(points: readonly Point[]): string {
  const [start, turn, end] = points;
  if (start === undefined || turn === undefined || end === undefined) return '';
  const below = start.y === end.y;
  const [leaves, enters] = below
    ? [
        { x: start.x, y: turn.y },
        { x: end.x, y: turn.y },
      ]
    : [
        { x: turn.x, y: start.y },
        { x: turn.x, y: end.y },
      ];
  return `M${at(start)}C${at(leaves)} ${at(leaves)} ${at(turn)}C${at(enters)} ${at(enters)} ${at(end)}`;
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
