import { readdir } from 'node:fs/promises';
import { didYouMean } from '../nearest.ts';
import type { ShellCommand } from './shell-commands.ts';

/** What bash knows by itself. */
const BUILTINS = (
  '. : [ [[ ! { } alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare ' +
  'dirs disown do done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help ' +
  'history if in jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set ' +
  'shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while'
).split(' ');
/** Behind these stands the program. */
const BEFORE = new Set(['!', '{', 'if', 'then', 'elif', 'else', 'while', 'until', 'do', 'time']);
/** What follows these is no program. */
const NO_PROGRAM = new Set(['for', 'select', 'case', 'function', 'in', 'coproc', '[[']);
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** The names of all programs in `folders`, and of what bash knows by itself. */
export async function listPrograms(tools: readonly string[], folders: readonly string[]): Promise<Set<string>> {
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return new Set([...tools, ...BUILTINS, ...names.flat()]);
}

/** Which word of a command is the program; -1 when there is none, or what it is cannot be read off the text. */
function placeOfProgram({ words }: ShellCommand): number {
  for (const [index, { text, plain }] of words.entries()) {
    if (NO_PROGRAM.has(text)) return -1;
    if (BEFORE.has(text) || ASSIGNMENT.test(text)) continue;
    return plain && /^[A-Za-z][\w.-]*$/.test(text) ? index : -1;
  }
  return -1;
}

/**
 * What is wrong with the program that a command calls; null when nothing is.
 * @param commands all of the lesson's: one of them may have made it
 */
export function explainUnknown(
  command: ShellCommand,
  programs: ReadonlySet<string>,
  commands: readonly ShellCommand[],
): string | null {
  const program = command.words[placeOfProgram(command)]?.text;
  if (program === undefined || programs.has(program)) return null;
  // A function, an alias, or a file that was put somewhere.
  const mayMake = (other: ShellCommand): boolean => {
    const place = placeOfProgram(other);
    return other.words.some(({ text }, index) => index !== place && text.split(/[/=(]/).includes(program));
  };
  if (commands.some(mayMake)) return null;
  return `there is no program "${program}".${didYouMean(program, programs) || ' Name one that the learner has.'}`;
}
