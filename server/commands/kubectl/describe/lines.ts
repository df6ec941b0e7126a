import { LAST_APPLIED } from '../last-applied.ts';

/**
 * Text of a description, cells set apart by tabs. Aligned at the end by `alignColumns`.
 * The shared parts of kubectl/pkg/describe/describe.go.
 */
export class Lines {
  #text = '';

  /** @param level two blanks each. */
  add(level: number, ...cells: string[]): this {
    this.#text += `${'  '.repeat(level)}${cells.join('\t')}\n`;
    return this;
  }

  raw(text: string): this {
    this.#text += text;
    return this;
  }

  toString(): string {
    return this.#text;
  }
}

/** `Title:  a=1` and one line for each further label. `title` may be indented. */
export function addLabels(lines: Lines, title: string, labels: Record<string, string> | null | undefined): void {
  const entries = Object.entries(labels ?? {}).sort(byKey);
  if (entries.length === 0) lines.raw(`${title}:\t<none>\n`);
  entries.forEach(([key, value], index) => lines.raw(`${index === 0 ? `${title}:` : ''}\t${key}=${value}\n`));
}

/** Longer annotations go on lines of their own. */
const LONG_ANNOTATION = 140;

export function addAnnotations(
  lines: Lines,
  title: string,
  annotations: Record<string, string> | null | undefined,
): void {
  const entries = Object.entries(annotations ?? {})
    .filter(([key]) => key !== LAST_APPLIED)
    .sort(byKey);
  if (entries.length === 0) lines.raw(`${title}:\t<none>\n`);
  entries.forEach(([key, text], index) => {
    const value = text.replace(/\n$/, '');
    lines.raw(index === 0 ? `${title}:\t` : '\t');
    if (value.length + key.length + 2 <= LONG_ANNOTATION && !value.includes('\n')) {
      lines.raw(`${key}: ${value}\n`);
      return;
    }
    lines.raw(`${key}:\n`);
    for (const line of value.split('\n')) lines.raw(`\t  ${shorten(line, LONG_ANNOTATION - 2)}\n`);
  });
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

export function orNone(text: string | undefined | null): string {
  return text ? text : '<none>';
}

export function yesNo(value: boolean): string {
  return value ? 'True' : 'False';
}
