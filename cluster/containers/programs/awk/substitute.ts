import type { RegularExpression } from '../regular-expression.ts';
import { checkLength } from './limits.ts';

/**
 * What `sub` (the first match) and `gsub` (all) make of a text. In the replacement `&` stands for what matched, and
 * `\&` for itself.
 * @throws UsageError when it becomes too long
 */
export function substitute(
  all: boolean,
  pattern: RegularExpression,
  replacement: string,
  text: string,
): { text: string; count: number } {
  let result = '';
  let position = 0;
  let count = 0;
  while (position <= text.length) {
    const match = pattern.match(text, position);
    if (match === null) break;
    count += 1;
    const piece = text.slice(match.start, match.end);
    result +=
      text.slice(position, match.start) +
      replacement.replace(/\\(.)|&/gs, (whole, escaped?: string) =>
        whole === '&' ? piece : escaped === '&' ? '&' : whole,
      );
    checkLength(result);
    if (match.end === match.start) result += text[match.end] ?? '';
    position = match.end === match.start ? match.end + 1 : match.end;
    if (!all) break;
  }
  return { text: result + text.slice(position), count };
}
