import type { Dialect } from './dialect.ts';
import type { Shell } from './shell.ts';

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

/** `set -x` */
export async function traceCommand(
  shell: Shell,
  assignments: readonly [string, string][],
  words: readonly string[],
): Promise<void> {
  if (!shell.options.has('x')) return;
  const sign = shell.variables.get('PS4') ?? '+ ';
  const prefix = shell.dialect === 'bash' ? sign.charAt(0).repeat(shell.substitutionDepth) + sign : sign;
  const values = assignments.map(([name, value]) => `${name}=${tracedWord(value, shell.dialect)}`);
  const line = words.map((word) => tracedWord(word, shell.dialect)).join(' ');
  // bash gives each assignment a line.
  const lines =
    shell.dialect === 'bash'
      ? [...values, ...(words.length > 0 ? [line] : [])]
      : [[...values, ...(words.length > 0 ? [line] : [])].join(' ')];
  await shell.process.printError(lines.map((text) => `${prefix}${text}\n`).join(''));
}
