import { compilePattern, type RegularExpression } from '../regular-expression.ts';

/** The regular expressions of a program, each compiled once. */
export class Patterns {
  readonly #known = new Map<string, RegularExpression>();

  /** @throws UsageError for what is no extended regular expression */
  compile(source: string): RegularExpression {
    const known = this.#known.get(source);
    if (known !== undefined) return known;
    const pattern = compilePattern('awk', source, { extended: true, ignoreCase: false, fixed: false });
    this.#known.set(source, pattern);
    return pattern;
  }

  /**
   * The pieces between separators, as fields and `split` have them: a space stands for any blanks, nothing for every
   * character apart, one character for itself, and more are a regular expression.
   */
  split(text: string, separator: string): string[] {
    if (separator === ' ') return text.split(/[ \t\n]+/).filter((field) => field !== '');
    if (text === '') return [];
    if (separator === '') return [...text];
    if (separator.length === 1 && separator !== '\\') return text.split(separator);
    const pattern = this.compile(separator);
    const fields: string[] = [];
    let start = 0;
    for (let match = pattern.match(text, 0); match !== null; match = pattern.match(text, start)) {
      if (match.end === match.start) break;
      fields.push(text.slice(start, match.start));
      start = match.end;
    }
    return [...fields, text.slice(start)];
  }
}
