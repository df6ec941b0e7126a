import { alignColumns } from '../kubectl/output/tabwriter.ts';

/** Rows as Go's tabwriter lays them out for istioctl: the last cell is not padded. Ends with a newline. */
export function renderTable(rows: readonly (readonly (string | number)[])[], padding = 5): string {
  const text = rows.map((row) => `${row.join('\t')}\n`).join('');
  return alignColumns(text, { minWidth: 0, padding });
}
