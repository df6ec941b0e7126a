import type { Dialect } from './dialect.ts';

const KEYWORDS = new Set(
  'if then elif else fi for while until do done case esac in { } ! [[ ]] time function'.split(' '),
);

/** A word as `set -x` prints it: dash as it is, the others so that it could be typed again. */
export function tracedWord(word: string, dialect: Dialect): string {
  switch (dialect) {
    case 'dash':
      return word;
    case 'ash':
      return /[^\w\-.+,/:@\]^{}]/.test(word) || KEYWORDS.has(word) ? `'${word.replaceAll("'", `'"'"'`)}'` : word;
    case 'bash':
      if (word === '') return "''";
      return /[\s'"\\|&;()<>!{}*[\]?^$`]|^[~#]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : word;
    default: {
      const never: never = dialect;
      return never;
    }
  }
}
