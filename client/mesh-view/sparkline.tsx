const WIDTH = 120;
const HEIGHT = 28;

interface SparklineProps {
  /** From the oldest; null where there is nothing to say. */
  values: readonly (number | null)[];
  /** What the top of the picture stands for; at least 1. */
  max: number;
  /** What the whole says, for who does not see it. */
  label: string;
  kind: 'volume' | 'success' | 'mutual';
}

/** A line over time, with a filled area for a volume. */
export function Sparkline({ values, max, label, kind }: SparklineProps) {
  const step = WIDTH / Math.max(1, values.length - 1);
  const at = (value: number, index: number): string =>
    `${round(index * step)},${round(HEIGHT - 2 - (value / Math.max(1e-9, max)) * (HEIGHT - 4))}`;
  // Gaps part the line in pieces; a piece of a single point is drawn as a dot by the round cap.
  const pieces: string[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) pieces.push([]);
    else pieces.at(-1)?.push(at(value, index));
  });
  const drawn = pieces.filter((piece) => piece.length > 0);
  return (
    <svg class="sparkline" data-kind={kind} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <path class="sparkline__base" d={`M0,${HEIGHT - 2}H${WIDTH}`} />
      {kind === 'volume' &&
        drawn.map((piece) => (
          <path
            key={piece[0]}
            class="sparkline__area"
            d={`M${piece[0]?.split(',')[0]},${HEIGHT - 2}L${piece.join('L')}L${piece.at(-1)?.split(',')[0]},${HEIGHT - 2}z`}
          />
        ))}
      {drawn.map((piece) => (
        <path key={piece[0]} class="sparkline__line" d={`M${piece.join('L')}${piece.length === 1 ? 'h0' : ''}`} />
      ))}
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
