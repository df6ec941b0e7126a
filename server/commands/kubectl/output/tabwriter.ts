/**
 * Columns aligned as Go's text/tabwriter does: cells end with a tab, and a column reaches over the adjacent lines
 * that have a cell in it.
 */
export interface TabwriterOptions {
  /** Least width of a cell, padding included. */
  minWidth: number;
  /** Blanks behind the widest cell. */
  padding: number;
  /** Widths of earlier calls, which columns do not fall below (Go's RememberWidths). Changed by the call. */
  remembered?: number[];
}

/** How kubectl aligns tables (k8s.io/cli-runtime/pkg/printers/tabwriter.go). */
export const TABLE_OPTIONS = { minWidth: 6, padding: 3 };
/** How kubectl aligns `describe`. */
export const DESCRIBE_OPTIONS = { minWidth: 0, padding: 2 };

export function alignColumns(text: string, options: TabwriterOptions): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const output: string[] = [];
  const widths: number[] = [];
  format(0, lines.length);
  return output.join('\n');

  function format(from: number, to: number): void {
    const column = widths.length;
    let start = from;
    for (let at = from; at < to; at++) {
      if (column >= (lines[at]?.length ?? 0) - 1) continue;
      write(start, at);
      start = at;
      let width = options.minWidth;
      for (; at < to && column < (lines[at]?.length ?? 0) - 1; at++) {
        width = Math.max(width, displayWidth(lines[at]?.[column] ?? '') + options.padding);
      }
      const { remembered } = options;
      if (remembered) {
        width = Math.max(width, remembered[column] ?? 0);
        remembered[column] = width;
      }
      widths.push(width);
      format(start, at);
      widths.pop();
      start = at;
    }
    write(start, to);
  }

  function write(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const cells = lines[at] ?? [];
      output.push(
        cells
          .map((cell, column) => {
            const width = widths[column];
            return width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - displayWidth(cell)));
          })
          .join(''),
      );
    }
  }
}

/** Go counts code points, not cells of the terminal. */
function displayWidth(text: string): number {
  let width = 0;
  for (const _ of text) width++;
  return width;
}
