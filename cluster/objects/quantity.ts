const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Value of a resource quantity as `500m`, `1.5` or `64Mi`, in cores or bytes; NaN when it is none. */
export function parseQuantity(text: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/.exec(text);
  if (!match) return Number.NaN;
  return Number(`${match[1]}${match[2] ?? ''}`) * (SUFFIXES[match[3] ?? ''] ?? 1);
}

const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'];
const DECIMAL = ['E', 'P', 'T', 'G', 'M', 'k'];

/**
 * The shortest quantity without a fraction, as Kubernetes writes sums.
 * @param like a quantity whose form is taken: with `Mi` and its like powers of 1024, else powers of 1000
 */
export function formatQuantity(value: number, like: string): string {
  const suffixes = /[KMGTPE]i$/.test(like) ? BINARY : DECIMAL;
  if (value !== 0) {
    for (const suffix of suffixes) {
      const count = value / (SUFFIXES[suffix] ?? 1);
      if (Number.isInteger(count)) return `${count}${suffix}`;
    }
  }
  return Number.isInteger(value) ? String(value) : `${Math.ceil(value * 1000 - 1e-9)}m`;
}
