import type { Shell } from '../shell.ts';

/** `getopts` */
export async function getopts(shell: Shell, words: readonly string[]): Promise<number> {
  const [, letters = '', variable = '', ...given] = words;
  const args = given.length > 0 ? given : shell.positional;
  // The place inside a group of letters, as `-ab`, is kept beside OPTIND.
  const index = Number(shell.variables.get('OPTIND') ?? '1');
  const place = Number(shell.variables.get('_OPTPLACE') ?? '1');
  const arg = args[index - 1];
  if (arg === undefined || !/^-./.test(arg) || arg === '--') {
    if (arg === '--') shell.variables.set('OPTIND', String(index + 1));
    shell.variables.set(variable, '?');
    return 1;
  }
  const letter = arg[place] ?? '';
  const position = letters.indexOf(letter);
  const next = (newIndex: number, newPlace: number): void => {
    shell.variables.set('OPTIND', String(newIndex));
    shell.variables.set('_OPTPLACE', String(newPlace));
  };
  if (position === -1 || letter === ':') {
    shell.variables.set(variable, '?');
    if (letters.startsWith(':')) shell.variables.set('OPTARG', letter);
    else {
      shell.variables.unset('OPTARG');
      await shell.process.printError(
        shell.dialect === 'bash' ? `${shell.name}: illegal option -- ${letter}\n` : `Illegal option -${letter}\n`,
      );
    }
    if (place + 1 < arg.length) next(index, place + 1);
    else next(index + 1, 1);
    return 0;
  }
  shell.variables.set(variable, letter);
  if (letters[position + 1] !== ':') {
    shell.variables.unset('OPTARG');
    if (place + 1 < arg.length) next(index, place + 1);
    else next(index + 1, 1);
    return 0;
  }
  const rest = arg.slice(place + 1);
  const value = rest === '' ? args[index] : rest;
  if (value === undefined) {
    shell.variables.set(variable, letters.startsWith(':') ? ':' : '?');
    if (letters.startsWith(':')) shell.variables.set('OPTARG', letter);
    else {
      shell.variables.unset('OPTARG');
      await shell.process.printError(
        shell.dialect === 'bash'
          ? `${shell.name}: option requires an argument -- ${letter}\n`
          : `No arg for -${letter} option\n`,
      );
    }
    next(index + 1, 1);
    return 0;
  }
  shell.variables.set('OPTARG', value);
  next(rest === '' ? index + 2 : index + 1, 1);
  return 0;
}
