import { alias, unalias } from './builtins/aliases.ts';
import type { Builtin } from './builtins/builtin.ts';
import { complain } from './builtins/complaints.ts';
import { breakLoop, continueLoop, exit, returnFrom } from './builtins/control.ts';
import { describe, kindsOf, type KnownBuiltins } from './builtins/describe.ts';
import { changeDirectory, printFolder } from './builtins/folders.ts';
import { getopts } from './builtins/getopts.ts';
import { jobs, kill, wait } from './builtins/jobs.ts';
import { echo, printf } from './builtins/output.ts';
import { read } from './builtins/read.ts';
import { setOptions, shift } from './builtins/set-options.ts';
import { source } from './builtins/source.ts';
import { test } from './builtins/test.ts';
import { trap } from './builtins/trap.ts';
import { declare, evaluateEach, exportVariables, makeLocal, protectVariables, unset } from './builtins/variables.ts';
import type { Dialect } from './dialect.ts';
import type { Shell } from './shell.ts';

/** POSIX' special ones: functions cannot hide them. */
const SPECIAL = new Set([
  '.',
  ':',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'trap',
  'unset',
]);

/** Whether POSIX calls it special: no function hides it, and its errors end a shell. */
export function isSpecialBuiltin(name: string): boolean {
  return SPECIAL.has(name);
}

/** What only some shells have. */
const ONLY_IN: Readonly<Record<string, readonly Dialect[]>> = {
  ...Object.fromEntries(
    'bg complete declare dirs disown fg mapfile popd pushd readarray shopt typeset'
      .split(' ')
      .map((name): [string, readonly Dialect[]] => [name, ['bash']]),
  ),
  history: ['ash', 'bash'],
  let: ['ash', 'bash'],
  source: ['ash', 'bash'],
};

/** A builtin of a dialect; undefined when it has none of that name. */
export function findBuiltin(name: string, dialect: Dialect): Builtin | undefined {
  if (!Object.hasOwn(BUILTINS, name) || ONLY_IN[name]?.includes(dialect) === false) return undefined;
  return BUILTINS[name];
}

/** A builtin of bash that is left out. */
const left: Builtin = async (shell, words) => {
  await complain(shell, words[0] ?? '', 'not simulated here');
  return 1;
};

/** All of them, by name; `exec` is in it so that it is known, and the interpreter runs it. */
const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '.': source,
  source,
  '[': test,
  test,
  break: breakLoop,
  continue: continueLoop,
  return: returnFrom,
  exit,
  cd: changeDirectory,
  pwd: printFolder,
  echo,
  printf,
  eval: (shell, words) => shell.runSource(shell, words.slice(1).join(' '), 'eval'),
  exec: () => 0,
  command: async (shell, words) => {
    if (words[1] !== '-v' && words[1] !== '-V') return words.length > 1 ? shell.runWords(words.slice(1)) : 0;
    return describe(shell, words.slice(2), words[1] === '-V', knownTo(shell));
  },
  type: (shell, words) =>
    shell.dialect === 'bash' && words[1] === '-t'
      ? kindsOf(shell, words.slice(2), knownTo(shell))
      : describe(shell, words.slice(1), true, knownTo(shell)),
  export: exportVariables,
  readonly: protectVariables,
  local: makeLocal,
  declare,
  typeset: declare,
  let: evaluateEach,
  unset,
  set: setOptions,
  shift,
  getopts,
  read,
  wait,
  jobs,
  kill,
  trap,
  umask: async (shell, words) => {
    if (words[1] === undefined) await shell.process.print('0022\n');
    return 0;
  },
  times: async (shell) => {
    await shell.process.print('0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n');
    return 0;
  },
  hash: () => 0,
  alias,
  unalias,
  history: () => 0,
  mapfile: left,
  readarray: left,
  shopt: left,
  pushd: left,
  popd: left,
  dirs: left,
  fg: left,
  bg: left,
  disown: left,
  complete: left,
};

/** The builtins of a shell, for those that look names up. */
function knownTo(shell: Shell): KnownBuiltins {
  return {
    has: (name) => findBuiltin(name, shell.dialect) !== undefined,
    isSpecial: isSpecialBuiltin,
  };
}
