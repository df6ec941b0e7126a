import type { Table, TableRow } from '../api/object.ts';
import { alignColumns, TABLE_OPTIONS } from './tabwriter.ts';

export interface TableOptions {
  noHeaders: boolean;
  wide: boolean;
  showLabels: boolean;
  labelColumns: readonly string[];
  withNamespace: boolean;
  /** `pod` or `deployment.apps`: put before names; '' for none. */
  kind: string;
}

/**
 * Prints the tables of one kind, line by line as `--watch` needs it: columns never shrink.
 * k8s.io/cli-runtime/pkg/printers/tableprinter.go.
 */
export class TablePrinter {
  readonly #options: TableOptions;
  readonly #remembered: number[] = [];
  #columns: Table['columnDefinitions'] = [];
  #headed = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  /** @param event stands in a first column of its own, for `--output-watch-events`. */
  print(table: Pick<Table, 'columnDefinitions' | 'rows'>, event?: string): string {
    if (table.columnDefinitions?.length > 0) this.#columns = table.columnDefinitions;
    const lines: string[] = [];
    if (!this.#headed && !this.#options.noHeaders) {
      lines.push(this.#header(event !== undefined));
    }
    this.#headed = true;
    for (const row of table.rows) lines.push(this.#row(row, event));
    if (lines.length === 0) return '';
    const text = lines.map((cells) => `${cells}\n`).join('');
    return alignColumns(text, { ...TABLE_OPTIONS, remembered: this.#remembered });
  }

  #header(withEvent: boolean): string {
    const { wide, withNamespace, labelColumns, showLabels } = this.#options;
    const names = this.#columns.filter((column) => wide || !column.priority).map((column) => column.name.toUpperCase());
    const labels = labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase());
    return [
      ...(withEvent ? ['EVENT'] : []),
      ...(withNamespace ? ['NAMESPACE'] : []),
      ...names,
      ...labels,
      ...(showLabels ? ['LABELS'] : []),
    ].join('\t');
  }

  #row(row: TableRow, event: string | undefined): string {
    const { wide, withNamespace, labelColumns, showLabels, kind } = this.#options;
    const metadata = row.object?.metadata ?? {};
    const cells = this.#columns.flatMap((column, index) => {
      if (!wide && column.priority) return [];
      const text = renderCell(row.cells[index]);
      return [index === 0 && kind !== '' ? `${kind}/${text}` : text];
    });
    return [
      ...(event === undefined ? [] : [event]),
      ...(withNamespace ? [metadata.namespace ?? ''] : []),
      ...cells,
      ...labelColumns.map((label) => metadata.labels?.[label] ?? ''),
      ...(showLabels ? [renderLabels(metadata.labels)] : []),
    ].join('\t');
  }
}

/** `a=1,b=2`, or `<none>`. */
export function renderLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}

function renderCell(value: unknown): string {
  if (value === null || value === undefined) return '<none>';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const broken = /[\n\r\f]/.exec(text);
  return broken ? `${text.slice(0, broken.index)}...` : text;
}
