const WIDTH = 132;
const HEIGHT = 26;
/** The least height of a bar, so that one request among thousands is seen. */
const MIN_BAR = 2;

interface SparklineProps {
  /** From the oldest; null where there is nothing to say. */
  values: readonly (number | null)[];
  /** What the top of the picture stands for. */
  max: number;
  /** What the whole says, for who does not see it. */
  label: string;
  /** Bars of a share stand before a pale bar of the whole. */
  kind: 'volume' | 'success' | 'mutual';
}

/** Bars over time. */
export function Sparkline({ values, max, label, kind }: SparklineProps) {
  const step = WIDTH / Math.max(1, values.length);
  const bars = (height: (value: number) => number): string =>
    values
      .map((value, index) =>
        value === null || height(value) === 0
          ? ''
          : `M${round((index + 0.5) * step)},${HEIGHT}V${round(HEIGHT - height(value))}`,
      )
      .join('');
  const room = HEIGHT - 2;
  return (
    <svg class="sparkline" data-kind={kind} viewBox={`0 0 ${WIDTH} ${HEIGHT + 1}`} role="img" aria-label={label}>
      {kind !== 'volume' && <path class="sparkline__whole" stroke-width={step * 0.8} d={bars(() => room)} />}
      <path
        class="sparkline__bars"
        stroke-width={step * 0.8}
        d={bars((value) => (value === 0 ? 0 : Math.max(MIN_BAR, (value / max) * room)))}
      />
      <path class="sparkline__base" d={`M0,${HEIGHT + 0.5}H${WIDTH}`} />
    </svg>
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
