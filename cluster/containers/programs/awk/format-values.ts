import { formatPrintf } from '../printf-format.ts';
import { toNumber, toText, type Value } from './values.ts';

/** What `printf` prints and `sprintf` is: the first value is the format. */
export function formatValues([format, ...values]: readonly Value[]): string {
  const conversions = [...toText(format).matchAll(/%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?([a-zA-Z%])/g)]
    .map((match) => match[1] ?? '')
    .filter((letter) => letter !== '%');
  // Whole numbers are asked for with `%d`, and a number under `%c` is a character's code.
  const texts = values.map((value, index) => {
    const letter = conversions[index] ?? 's';
    if ('diouxX'.includes(letter)) return String(Math.trunc(toNumber(value)));
    if ('eEfFgG'.includes(letter)) return String(toNumber(value));
    if (letter === 'c' && typeof value === 'number')
      return String.fromCodePoint(Math.max(0, Math.min(value, 0x10ffff)));
    return toText(value);
  });
  // The format is used once, and what it asks for beyond the values is empty.
  while (texts.length < conversions.length) texts.push('');
  return formatPrintf(
    toText(format).replaceAll('\\', '\\\\'),
    texts.slice(0, conversions.length),
    'gnu',
  ).bytes.toString('utf8');
}
