import { FileError, resolvePath } from '../files/file-system.ts';
import { parseSignal, SIGNALS } from '../process/signals.ts';
import { echoText, killProcesses } from '../programs/basic.ts';
import { formatPrintf } from '../programs/printf-format.ts';
import { evaluateTest, TestSyntaxError } from '../programs/test.ts';
import { builtinMessage, changeDirectoryError, shellMessage, type Dialect } from './dialect.ts';
import { splitForRead } from './read-fields.ts';
import { FunctionReturn, LoopJump, ShellExit, TrapPending } from './running/control-flow.ts';
import { evaluate } from './running/evaluation.ts';
import { patiently, setTrap } from './running/traps.ts';
import type { Shell } from './shell.ts';

/** A command of the shell itself; `words[0]` is its name. */
export type Builtin = (shell: Shell, words: readonly string[]) => Promise<number> | number;

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

export function findBuiltin(name: string, dialect: Dialect): Builtin | undefined {
  if (!Object.hasOwn(BUILTINS, name) || ONLY_IN[name]?.includes(dialect) === false) return undefined;
  return BUILTINS[name];
}

function count(words: readonly string[]): number {
  const value = Number(words[1] ?? '1');
  return Number.isInteger(value) && value > 0 ? value : 1;
}

/** The status that `exit` and `return` are given. */
async function statusOf(shell: Shell, [name = '', word]: readonly string[]): Promise<number> {
  if (word === undefined) return shell.lastStatus;
  if (/^-?\d+$/.test(word)) return Number(word) & 0xff;
  await complain(
    shell,
    name,
    shell.dialect === 'bash' ? `${word}: numeric argument required` : `Illegal number: ${word}`,
  );
  return shell.abort(2);
}

function complain(shell: Shell, builtin: string, text: string): Promise<void> {
  return shell.process.printError(builtinMessage(shell.messages, builtin, text));
}

/** An error of a special builtin: it ends all shells but bash. */
async function fail(shell: Shell, builtin: string, text: string): Promise<number> {
  await complain(shell, builtin, text);
  if (shell.dialect === 'bash') return 1;
  return shell.abort(2);
}

/** `break` and `continue`; without a loop they do nothing, and bash says so. */
async function jump(shell: Shell, kind: 'break' | 'continue', words: readonly string[]): Promise<number> {
  if (shell.loopDepth > 0) throw new LoopJump(kind, count(words));
  if (shell.dialect === 'bash') await complain(shell, kind, "only meaningful in a `for', `while', or `until' loop");
  return 0;
}

async function unknownAlias(shell: Shell, builtin: string, name: string): Promise<void> {
  if (shell.dialect === 'bash') await complain(shell, builtin, `${name}: not found`);
  else await shell.process.printError(`${builtin}: ${name} not found\n`);
}

/** A builtin of bash that is left out. */
const left: Builtin = async (shell, words) => {
  await complain(shell, words[0] ?? '', 'not simulated here');
  return 1;
};

const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '.': source,
  source,
  '[': test,
  test,
  break: (shell, words) => jump(shell, 'break', words),
  continue: (shell, words) => jump(shell, 'continue', words),
  return: async (shell, words) => {
    if (shell.dialect === 'bash' && shell.variables.functionDepth === 0 && shell.sources === 0) {
      await complain(shell, 'return', "can only `return' from a function or sourced script");
      return 2;
    }
    throw new FunctionReturn(await statusOf(shell, words));
  },
  exit: async (shell, words) => {
    if (shell.interactive && shell.dialect === 'bash') await shell.process.printError('exit\n');
    throw new ShellExit(await statusOf(shell, words));
  },
  cd: changeDirectory,
  pwd: async (shell) => {
    await shell.process.print(`${shell.process.workingDirectory}\n`);
    return 0;
  },
  echo: async (shell, words) => {
    // dash expands escapes without being asked.
    await shell.process.print(echoText(words.slice(1), shell.dialect === 'dash' ? 'dash' : 'other'));
    return 0;
  },
  printf: async (shell, words) => {
    const { dialect } = shell;
    const variable = dialect === 'bash' && words[1] === '-v' ? words[2] : undefined;
    const [format, ...values] = words.slice(variable === undefined ? 1 : 3);
    if (format === undefined) {
      await shell.process.printError(
        dialect === 'bash'
          ? 'printf: usage: printf [-v var] format [arguments]\n'
          : shellMessage(
              shell.messages,
              dialect === 'ash' ? 'usage: printf FORMAT [ARGUMENT...]' : 'printf: usage: printf format [arg ...]',
            ),
      );
      return 2;
    }
    const { bytes, problems } = formatPrintf(format, values, dialect);
    if (variable === undefined) await shell.process.print(bytes);
    else shell.variables.set(variable, bytes.toString('utf8'));
    const prefix = dialect === 'ash' ? '' : 'printf: ';
    for (const problem of problems) await shell.process.printError(shellMessage(shell.messages, prefix + problem));
    return problems.length > 0 ? 1 : 0;
  },
  eval: (shell, words) => shell.runSource(shell, words.slice(1).join(' '), 'eval'),
  // The interpreter handles it; this entry makes it known.
  exec: () => 0,
  command: async (shell, words) => {
    if (words[1] !== '-v' && words[1] !== '-V') return words.length > 1 ? shell.runWords(words.slice(1)) : 0;
    return describe(shell, words.slice(2), words[1] === '-V');
  },
  type: (shell, words) =>
    shell.dialect === 'bash' && words[1] === '-t'
      ? kindsOf(shell, words.slice(2))
      : describe(shell, words.slice(1), true),
  export: assignEach((shell, name) => shell.variables.export(name), 'export'),
  readonly: assignEach((shell, name) => shell.variables.makeReadOnly(name), 'readonly'),
  local: assignEach((shell, name) => {
    if (shell.variables.makeLocal(name)) shell.variables.unset(name);
  }, 'local'),
  // Of bash's declare: variables of one value.
  declare,
  typeset: declare,
  let: async (shell, words) => {
    let value = 0n;
    for (const word of words.slice(1)) value = await evaluate(shell, word);
    return value === 0n ? 1 : 0;
  },
  unset: async (shell, words) => {
    let status = 0;
    for (const word of words.slice(1)) {
      if (word === '-f' || word === '-v') continue;
      if (words[1] === '-f') shell.functions.delete(word);
      else if (!/^[A-Za-z_]\w*$/.test(word)) {
        // bash goes by in silence.
        if (shell.dialect !== 'bash') status = await fail(shell, 'unset', `${word}: bad variable name`);
      } else if (shell.variables.isReadOnly(word)) {
        status = await fail(
          shell,
          'unset',
          `${word}: ${shell.dialect === 'bash' ? 'cannot unset: readonly variable' : 'is read only'}`,
        );
      } else shell.variables.unset(word);
    }
    return status;
  },
  set: setOptions,
  shift: (shell, words) => {
    const number = words[1] === undefined ? 1 : Number(words[1]);
    if (number > shell.positional.length) {
      return shell.dialect === 'dash' ? fail(shell, 'shift', "can't shift that many") : 1;
    }
    shell.positional = shell.positional.slice(number);
    return 0;
  },
  getopts,
  read,
  wait,
  jobs: async (shell) => {
    let index = 0;
    for (const job of shell.jobs) {
      index += 1;
      if (job.isAlive) await shell.process.print(`[${index}]+  Running                 ${job.args.join(' ')} &\n`);
    }
    return 0;
  },
  kill: async (shell, words) => {
    // `%1` and `$!` mean children of the shell; the program knows process ids.
    const jobs = [...shell.jobs];
    const translated = words.map((word) =>
      word.startsWith('%') ? String(jobs[Number(word.slice(1)) - 1]?.pid ?? word) : word,
    );
    const args = translated.slice(1);
    if (args.length === 0) {
      const usage = {
        ash: 'sh: you need to specify whom to kill\n',
        dash: 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]\n',
        bash: 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n',
      };
      await shell.process.printError(usage[shell.dialect]);
      return shell.dialect === 'ash' ? 1 : 2;
    }
    const complainOf = (text: string): Promise<void> =>
      shell.dialect === 'ash' ? shell.process.printError(`${shell.name}: ${text}\n`) : complain(shell, 'kill', text);
    const status = await killProcesses(
      shell.process,
      args,
      shell.dialect === 'ash' ? 'busybox' : shell.dialect,
      complainOf,
    );
    // A signal to itself comes before the next command.
    await shell.process.breathe();
    return status;
  },
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
  alias: async (shell, words) => {
    const show = (name: string, value: string): Promise<void> =>
      shell.process.print(
        `${shell.dialect === 'bash' ? 'alias ' : ''}${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`,
      );
    let status = 0;
    if (words.length === 1) for (const [name, value] of shell.aliases) await show(name, value);
    for (const word of words.slice(1)) {
      const cut = word.indexOf('=');
      const value = shell.aliases.get(word);
      if (cut > 0) shell.aliases.set(word.slice(0, cut), word.slice(cut + 1));
      else if (value !== undefined) await show(word, value);
      else {
        status = 1;
        await unknownAlias(shell, 'alias', word);
      }
    }
    return status;
  },
  unalias: async (shell, words) => {
    let status = 0;
    for (const word of words.slice(1)) {
      if (word === '-a') shell.aliases.clear();
      else if (!shell.aliases.delete(word)) {
        status = 1;
        await unknownAlias(shell, 'unalias', word);
      }
    }
    return status;
  },
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

async function source(shell: Shell, words: readonly string[]): Promise<number> {
  const [name = '.', path, ...args] = words;
  if (path === undefined) {
    if (shell.dialect === 'dash') return 0;
    if (shell.dialect === 'ash') return 2;
    await complain(shell, name, 'filename argument required');
    await shell.process.printError(`${name}: usage: ${name} filename [arguments]\n`);
    return 2;
  }
  let content: Uint8Array;
  try {
    content = shell.process.container.files.read(resolvePath(shell.process.workingDirectory, path), shell.process.uid);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const text =
      shell.dialect === 'bash'
        ? `${path}: ${error.message}`
        : shell.dialect === 'ash'
          ? `can't open '${path}': ${error.message}`
          : `cannot open ${path}: No such file`;
    if (shell.dialect === 'bash') await shell.process.printError(shellMessage(shell.messages, text));
    else await complain(shell, words[0] ?? '.', text);
    if (shell.dialect === 'bash' || shell.interactive) return 1;
    throw new ShellExit(2);
  }
  const outer = shell.positional;
  if (args.length > 0) shell.positional = args;
  shell.sources += 1;
  try {
    return await shell.runSource(shell, Buffer.from(content).toString('utf8'));
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.sources -= 1;
    if (args.length > 0) shell.positional = outer;
  }
}

async function test(shell: Shell, words: readonly string[]): Promise<number> {
  const [name = ''] = words;
  const args = words.slice(1);
  const prefix = shell.dialect === 'ash' ? '' : `${name}: `;
  try {
    if (name === '[' && args.pop() !== ']')
      throw new TestSyntaxError(shell.dialect === 'bash' ? "missing `]'" : 'missing ]');
    return evaluateTest(shell.process, args, shell.dialect) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestSyntaxError)) throw error;
    await shell.process.printError(shellMessage(shell.messages, prefix + error.message));
    return 2;
  }
}

async function changeDirectory(shell: Shell, words: readonly string[]): Promise<number> {
  const { process } = shell;
  const word = words[1] ?? shell.variables.get('HOME') ?? '/';
  const target = word === '-' ? (shell.variables.get('OLDPWD') ?? process.workingDirectory) : word;
  const path = resolvePath(process.workingDirectory, target);
  try {
    const node = process.container.files.find(path, { uid: process.uid });
    if (node.kind !== 'directory') throw new FileError('ENOTDIR');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.printError(changeDirectoryError(shell.messages, target, error));
    return shell.dialect === 'bash' ? 1 : 2;
  }
  shell.variables.set('OLDPWD', process.workingDirectory);
  process.workingDirectory = path;
  shell.variables.set('PWD', path);
  if (word === '-') await process.print(`${path}\n`);
  return 0;
}

const KEYWORDS = new Set('! case do done elif else esac fi for if then until while { }'.split(' '));

async function describe(shell: Shell, names: readonly string[], verbose: boolean): Promise<number> {
  let status = 0;
  for (const name of names) {
    const found = shell.process.container.findExecutable(
      name,
      shell.process.workingDirectory,
      shell.variables.get('PATH'),
      shell.process.uid,
    );
    const say = (what: string): Promise<void> => shell.process.print(verbose ? `${name} is ${what}\n` : `${name}\n`);
    if (KEYWORDS.has(name)) await say('a shell keyword');
    else if (shell.functions.has(name)) await say(shell.dialect === 'dash' ? 'a shell function' : 'a function');
    else if (findBuiltin(name, shell.dialect) !== undefined) {
      await say(isSpecialBuiltin(name) && shell.dialect !== 'bash' ? 'a special shell builtin' : 'a shell builtin');
    } else if (found.kind === 'program' || found.kind === 'script') {
      await shell.process.print(verbose ? `${name} is ${found.path}\n` : `${found.path}\n`);
    } else {
      if (verbose && shell.dialect === 'bash') await complain(shell, 'type', `${name}: not found`);
      else if (verbose) await shell.process.print(`${name}: not found\n`);
      status = shell.dialect === 'bash' ? 1 : 127;
    }
  }
  return status;
}

/** `type -t` */
async function kindsOf(shell: Shell, names: readonly string[]): Promise<number> {
  let status = 0;
  for (const name of names) {
    const { container, workingDirectory, uid } = shell.process;
    const found = container.findExecutable(name, workingDirectory, shell.variables.get('PATH'), uid);
    if (KEYWORDS.has(name)) await shell.process.print('keyword\n');
    else if (shell.functions.has(name)) await shell.process.print('function\n');
    else if (findBuiltin(name, 'bash') !== undefined) await shell.process.print('builtin\n');
    else if (found.kind === 'program' || found.kind === 'script') await shell.process.print('file\n');
    else status = 1;
  }
  return status;
}

/** bash's `declare` and `typeset` for variables of one value; `-x -r -i` count, arrays are left out. */
async function declare(shell: Shell, words: readonly string[]): Promise<number> {
  const flags = words
    .slice(1)
    .filter((word) => /^-\w/.test(word))
    .join('');
  if (/[aAfFpn]/.test(flags)) {
    await complain(shell, words[0] ?? '', `${flags}: not simulated here`);
    return 1;
  }
  for (const word of words.slice(1).filter((each) => !each.startsWith('-'))) {
    const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '') {
      await complain(shell, words[0] ?? '', `\`${word}': not a valid identifier`);
      return 1;
    }
    shell.variables.makeLocal(name);
    if (value !== undefined)
      shell.variables.set(name, flags.includes('i') ? String(await evaluate(shell, value)) : value);
    if (flags.includes('x')) shell.variables.export(name);
    if (flags.includes('r')) shell.variables.makeReadOnly(name);
  }
  return 0;
}

/** `export`, `readonly` and `local`: `NAME=VALUE` or `NAME`, then `mark`. */
function assignEach(mark: (shell: Shell, name: string) => void, builtin: string): Builtin {
  return async (shell, words) => {
    const args = words.slice(1).filter((word) => word !== '-p');
    if (args.length === 0 && builtin === 'export') {
      const lines = [...shell.variables.environment()].map(
        ([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`,
      );
      await shell.process.print(lines.join(''));
      return 0;
    }
    for (const word of args) {
      const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
      if (name === '') {
        const bad =
          shell.dialect === 'bash'
            ? `\`${word}': not a valid identifier`
            : `${word.replace(/=.*$/s, '')}: bad variable name`;
        const status = await fail(shell, builtin, bad);
        return status;
      }
      if (builtin === 'local' && shell.variables.functionDepth === 0) {
        return fail(shell, 'local', shell.dialect === 'bash' ? 'can only be used in a function' : 'not in a function');
      }
      if (builtin === 'readonly') {
        if (value !== undefined) shell.variables.set(name, value);
        mark(shell, name);
        continue;
      }
      mark(shell, name);
      if (value !== undefined) shell.variables.set(name, value);
    }
    return 0;
  };
}

async function setOptions(shell: Shell, words: readonly string[]): Promise<number> {
  const args = words.slice(1);
  if (args.length === 0) {
    const lines = shell.variables
      .entries()
      .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`);
    await shell.process.print(lines.join(''));
    return 0;
  }
  const long: Readonly<Record<string, string>> = {
    errexit: 'e',
    nounset: 'u',
    xtrace: 'x',
    noglob: 'f',
    noclobber: 'C',
    allexport: 'a',
    noexec: 'n',
    verbose: 'v',
    monitor: 'm',
    notify: 'b',
    ...(shell.dialect === 'dash' ? {} : { pipefail: 'o pipefail' }),
    ...(shell.dialect === 'bash'
      ? { posix: 'o posix', emacs: 'o emacs', vi: 'o vi', errtrace: 'E' }
      : { ignoreeof: 'I' }),
  };
  while (args.length > 0) {
    const [word = ''] = args;
    if (!/^[-+]./.test(word)) break;
    args.shift();
    if (word === '--') {
      shell.positional = args;
      return 0;
    }
    for (const letter of word.slice(1)) {
      let option = letter;
      if (letter === 'o') {
        const name = args.shift();
        // Without a name it lists them all, of which nobody makes use here.
        if (name === undefined) return 0;
        const known = long[name];
        if (known === undefined) {
          if (shell.dialect !== 'bash')
            return shell.dialect === 'ash'
              ? (await complain(shell, 'set', `illegal option -o ${name}`), 1)
              : fail(shell, 'set', `Illegal option -o ${name}`);
          await complain(shell, 'set', `${name}: invalid option name`);
          return 2;
        }
        option = known;
      } else if (!'abCefhmnuvxEBHPTt'.includes(letter)) {
        if (shell.dialect !== 'bash')
          return fail(shell, 'set', `${shell.dialect === 'ash' ? 'i' : 'I'}llegal option -${letter}`);
        await complain(shell, 'set', `-${letter}: invalid option`);
        await shell.process.printError('set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n');
        return 2;
      }
      if (word.startsWith('-')) shell.options.add(option);
      else shell.options.delete(option);
    }
  }
  if (args.length > 0) shell.positional = args;
  return 0;
}

async function getopts(shell: Shell, words: readonly string[]): Promise<number> {
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

async function read(shell: Shell, words: readonly string[]): Promise<number> {
  const names = words.slice(1);
  let raw = false;
  let prompt = '';
  let characters = Infinity;
  while (/^-./.test(names[0] ?? '')) {
    const option = names.shift() ?? '';
    if (option === '--') break;
    // `-t` waits for no longer than that elsewhere; here input is there or ends.
    const value = /[pntduN]$/.test(option) ? (names.shift() ?? '') : '';
    if (option.endsWith('p')) prompt = value;
    if (option.endsWith('n') || option.endsWith('N')) characters = Number(value);
    if (option.includes('r')) raw = true;
  }
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (bad !== undefined) {
    const text = {
      ash: `read: '${bad}': bad variable name`,
      dash: `read: ${bad}: bad variable name`,
      bash: `read: \`${bad}': not a valid identifier`,
    };
    await shell.process.printError(shellMessage(shell.messages, text[shell.dialect]));
    return shell.dialect === 'dash' ? 2 : 1;
  }
  if (names.length === 0 && shell.dialect === 'dash') {
    await complain(shell, 'read', 'arg count');
    return 2;
  }
  if (prompt !== '' && shell.process.isTerminal(0)) await shell.process.printError(prompt);
  const { line, ended } = await readLine(shell, raw, characters);
  // Without a name nothing is split.
  if (names.length === 0) shell.variables.set('REPLY', line);
  else {
    const fields = splitForRead(line, shell.variables.get('IFS') ?? ' \t\n', names.length);
    for (const [index, name] of names.entries()) shell.variables.set(name, fields[index] ?? '');
  }
  return ended ? 1 : 0;
}

/** One line of standard input; what was read beyond it is kept for the next. */
async function readLine(shell: Shell, raw: boolean, characters: number): Promise<{ line: string; ended: boolean }> {
  const descriptor = shell.process.descriptors.get(0);
  if (descriptor === undefined) return { line: '', ended: true };
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf(10);
    if (bytes.length >= characters && (end === -1 || end >= characters)) {
      descriptor.unread(bytes.subarray(characters));
      return { line: bytes.subarray(0, characters).toString('utf8'), ended: false };
    }
    if (end !== -1) {
      descriptor.unread(bytes.subarray(end + 1));
      const line = bytes.subarray(0, end).toString('utf8');
      if (raw || !line.endsWith('\\')) return { line: raw ? line : line.replace(/\\(.)/g, '$1'), ended: false };
      const more = await readLine(shell, raw, characters - line.length);
      return { line: line.slice(0, -1) + more.line, ended: more.ended };
    }
    const chunk = await patiently(() => shell.process.read(0));
    if (chunk === null) return { line: bytes.toString('utf8'), ended: true };
    bytes = Buffer.concat([bytes, chunk]);
  }
}

async function wait(shell: Shell, words: readonly string[]): Promise<number> {
  const pids = words.slice(1).map(Number);
  const jobs = [...shell.jobs].filter((job) => pids.length === 0 || pids.includes(job.pid));
  let status = 0;
  for (const job of jobs) {
    try {
      status = await shell.process.race(job.exited);
    } catch (error) {
      if (!(error instanceof TrapPending)) throw error;
      return 128 + SIGNALS.TERM;
    }
    shell.jobs.delete(job);
  }
  if (pids.length > 0 && jobs.length === 0 && shell.dialect === 'bash') {
    await complain(shell, 'wait', `pid ${pids[0] ?? ''} is not a child of this shell`);
  }
  return pids.length === 0 ? 0 : jobs.length === 0 ? 127 : status;
}

async function trap(shell: Shell, words: readonly string[]): Promise<number> {
  const [action, ...signals] = words.slice(1);
  if (action === undefined) {
    for (const [signal, text] of shell.traps) {
      const name = shell.dialect === 'bash' && signal !== 'EXIT' ? `SIG${signal}` : signal;
      await shell.process.print(`trap -- '${text.replaceAll("'", String.raw`'\''`)}' ${name}\n`);
    }
    return 0;
  }
  for (const word of signals.length === 0 ? [action] : signals) {
    const signal = word === '0' || word.toUpperCase() === 'EXIT' ? 'EXIT' : parseSignal(word);
    if (signal === undefined) {
      if (shell.dialect === 'dash') await shell.process.printError(`trap: ${word}: bad trap\n`);
      else await complain(shell, 'trap', `${word}: invalid signal specification`);
      return 1;
    }
    if (action === '-' || signals.length === 0) {
      shell.traps.delete(signal);
      if (signal !== 'EXIT') shell.process.resetSignal(signal);
    } else {
      shell.traps.set(signal, action);
      if (signal !== 'EXIT') setTrap(shell, signal, action);
    }
  }
  return 0;
}
