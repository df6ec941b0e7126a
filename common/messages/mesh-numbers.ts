/** Numbers of the mesh view, as a language writes them. */
export interface MeshNumbers {
  number(value: number): string;
  /** Short where large, as `12k`. */
  compact(value: number): string;
  percent(share: number): string;
  milliseconds(ms: number): string;
  bytes(bytes: number): string;
  /** Three digits that count, for rates below one. */
  rate(value: number): string;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

export function meshNumbers(locale: string): MeshNumbers {
  const plain = new Intl.NumberFormat(locale);
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const digits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  const rounded = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const part = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const time = (value: number): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: value < 1000 ? 'millisecond' : 'second',
      maximumFractionDigits: value < 10 ? 1 : value < 1000 ? 0 : 1,
    }).format(value < 1000 ? value : value / 1000);
  return {
    number: (value) => plain.format(value),
    compact: (value) => (value < 1000 ? plain.format(value) : short.format(value)),
    // All but one of a thousand is not all.
    percent: (share) => part.format(share > 0.999 && share < 1 ? 0.999 : share > 0 && share < 0.001 ? 0.001 : share),
    milliseconds: time,
    bytes(value) {
      const step = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
      const unit = BYTE_UNITS[step] ?? 'byte';
      return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 1 }).format(
        value / 1000 ** step,
      );
    },
    rate: (value) => (value < 1 ? digits : rounded).format(value),
  };
}
