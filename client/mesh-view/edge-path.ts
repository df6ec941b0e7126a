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

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
