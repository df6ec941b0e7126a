import { FileError, resolvePath } from '../files/file-system.ts';
import { parseSignal, SIGNALS } from '../process/signals.ts';
import { echoText } from '../programs/basic.ts';
import { formatPrintf } from '../programs/printf-format.ts';
import { evaluateTest, TestSyntaxError } from '../programs/test.ts';
import { changeDirectoryError, shellMessage } from './dialect.ts';
import { FunctionReturn, LoopJump, ShellExit, TrapPending, type Shell } from './shell.ts';

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

export function findBuiltin(name: string): Builtin | undefined {
  return Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
}

function count(words: readonly string[]): number {
  const value = Number(words[1] ?? '1');
  return Number.isInteger(value) && value > 0 ? value : 1;
}

function statusOf(shell: Shell, word: string | undefined): number {
  return word === undefined ? shell.lastStatus : Number.parseInt(word, 10) & 0xff;
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '.': source,
  source,
  '[': test,
  '[[': test,
  test,
  break: (_shell, words) => {
    throw new LoopJump('break', count(words));
  },
  continue: (_shell, words) => {
    throw new LoopJump('continue', count(words));
  },
  return: (shell, words) => {
    throw new FunctionReturn(statusOf(shell, words[1]));
  },
  exit: async (shell, words) => {
    if (shell.interactive && shell.dialect === 'bash') await shell.process.printError('exit\n');
    throw new ShellExit(statusOf(shell, words[1]));
  },
  cd: changeDirectory,
  pwd: async (shell) => {
    await shell.process.print(`${shell.process.workingDirectory}\n`);
    return 0;
  },
  echo: async (shell, words) => {
    // dash expands escapes without being asked.
    await shell.process.print(echoText(words.slice(1), shell.dialect === 'dash'));
    return 0;
  },
  printf: async (shell, words) => {
    const [, format, ...values] = words;
    if (format === undefined) {
      await shell.process.printError(shellMessage(shell.messages, 'printf: usage: printf format [arg ...]'));
      return 2;
    }
    const { bytes, problems } = formatPrintf(format, values);
    await shell.process.print(bytes);
    for (const problem of problems) await shell.process.printError(shellMessage(shell.messages, `printf: ${problem}`));
    return problems.length > 0 ? 1 : 0;
  },
  eval: (shell, words) => shell.runSource(shell, words.slice(1).join(' ')),
  // The interpreter handles it; this entry makes it known.
  exec: () => 0,
  command: async (shell, words) => {
    if (words[1] !== '-v' && words[1] !== '-V') return words.length > 1 ? shell.runWords(words.slice(1)) : 0;
    return describe(shell, words.slice(2), words[1] === '-V');
  },
  type: (shell, words) => describe(shell, words.slice(1), true),
  export: assignEach((shell, name) => shell.export(name), 'export'),
  readonly: assignEach((shell, name) => shell.makeReadOnly(name), 'readonly'),
  local: assignEach((shell, name) => {
    if (shell.makeLocal(name)) shell.unset(name);
  }, 'local'),
  unset: (shell, words) => {
    for (const word of words.slice(1)) {
      if (word === '-f' || word === '-v') continue;
      if (words[1] === '-f') shell.functions.delete(word);
      else shell.unset(word);
    }
    return 0;
  },
  set: setOptions,
  shift: (shell, words) => {
    const number = words[1] === undefined ? 1 : Number(words[1]);
    if (number > shell.positional.length) return 1;
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
    const found = shell.process.container.findExecutable('kill', '/', shell.get('PATH'), shell.process.uid);
    if (found.kind !== 'program') return 127;
    const child = shell.process.container.spawn(found.program, {
      args: translated,
      environment: shell.environment(),
      workingDirectory: shell.process.workingDirectory,
      uid: shell.process.uid,
      descriptors: new Map(
        [...shell.process.descriptors].map(([number, descriptor]) => [number, descriptor.duplicate()]),
      ),
      parent: shell.process,
      tty: shell.process.tty,
    });
    return shell.process.race(child.exited);
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
  alias: () => 0,
  unalias: () => 0,
  history: () => 0,
};

async function source(shell: Shell, words: readonly string[]): Promise<number> {
  const [, path = '', ...args] = words;
  let content: Uint8Array;
  try {
    content = shell.process.container.files.read(resolvePath(shell.process.workingDirectory, path), shell.process.uid);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const text =
      shell.dialect === 'bash'
        ? `${path}: ${error.message}`
        : shell.dialect === 'ash'
          ? `.: can't open '${path}': ${error.message}`
          : `.: cannot open ${path}: No such file`;
    await shell.process.printError(shellMessage(shell.messages, text));
    if (shell.dialect === 'bash' || shell.interactive) return 1;
    throw new ShellExit(2);
  }
  const outer = shell.positional;
  if (args.length > 0) shell.positional = args;
  try {
    return await shell.runSource(shell, Buffer.from(content).toString('utf8'));
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    if (args.length > 0) shell.positional = outer;
  }
}

async function test(shell: Shell, words: readonly string[]): Promise<number> {
  const [name = ''] = words;
  const closing = name === '[' ? ']' : name === '[[' ? ']]' : null;
  const args = words.slice(1);
  if (closing !== null && args.pop() !== closing) {
    await shell.process.printError(shellMessage(shell.messages, `${name}: missing ${closing}`));
    return 2;
  }
  try {
    return evaluateTest(shell.process, args) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestSyntaxError)) throw error;
    await shell.process.printError(shellMessage(shell.messages, `${name}: ${error.message}`));
    return 2;
  }
}

async function changeDirectory(shell: Shell, words: readonly string[]): Promise<number> {
  const { process } = shell;
  const word = words[1] ?? shell.get('HOME') ?? '/';
  const target = word === '-' ? (shell.get('OLDPWD') ?? process.workingDirectory) : word;
  const path = resolvePath(process.workingDirectory, target);
  try {
    const node = process.container.files.find(path, { uid: process.uid });
    if (node.kind !== 'directory') throw new FileError('ENOTDIR');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    await process.printError(changeDirectoryError(shell.messages, target, error));
    return shell.dialect === 'dash' ? 2 : 1;
  }
  shell.set('OLDPWD', process.workingDirectory);
  process.workingDirectory = path;
  shell.set('PWD', path);
  if (word === '-') await process.print(`${path}\n`);
  return 0;
}

async function describe(shell: Shell, names: readonly string[], verbose: boolean): Promise<number> {
  let status = 0;
  for (const name of names) {
    const found = shell.process.container.findExecutable(
      name,
      shell.process.workingDirectory,
      shell.get('PATH'),
      shell.process.uid,
    );
    if (shell.functions.has(name)) await shell.process.print(verbose ? `${name} is a function\n` : `${name}\n`);
    else if (findBuiltin(name) !== undefined)
      await shell.process.print(verbose ? `${name} is a shell builtin\n` : `${name}\n`);
    else if (found.kind === 'program' || found.kind === 'script') {
      await shell.process.print(verbose ? `${name} is ${found.path}\n` : `${found.path}\n`);
    } else {
      if (verbose) await shell.process.printError(shellMessage(shell.messages, `${name}: not found`));
      status = 127;
    }
  }
  return status;
}

/** `export`, `readonly` and `local`: `NAME=VALUE` or `NAME`, then `mark`. */
function assignEach(mark: (shell: Shell, name: string) => void, builtin: string): Builtin {
  return async (shell, words) => {
    const args = words.slice(1).filter((word) => word !== '-p');
    if (args.length === 0 && builtin === 'export') {
      const lines = [...shell.environment()].map(
        ([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`,
      );
      await shell.process.print(lines.join(''));
      return 0;
    }
    for (const word of args) {
      const [, name = '', value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(word) ?? [];
      if (name === '') {
        await shell.process.printError(shellMessage(shell.messages, `${builtin}: ${word}: bad variable name`));
        throw new ShellExit(2);
      }
      if (builtin === 'readonly') {
        if (value !== undefined) shell.set(name, value);
        mark(shell, name);
        continue;
      }
      mark(shell, name);
      if (value !== undefined) shell.set(name, value);
    }
    return 0;
  };
}

async function setOptions(shell: Shell, words: readonly string[]): Promise<number> {
  const args = words.slice(1);
  if (args.length === 0) {
    const lines = shell.variables().map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`);
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
        const name = args.shift() ?? '';
        option = long[name] ?? `o ${name}`;
      }
      if (word.startsWith('-')) shell.options.add(option);
      else shell.options.delete(option);
    }
  }
  if (args.length > 0) shell.positional = args;
  return 0;
}

function getopts(shell: Shell, words: readonly string[]): number {
  const [, letters = '', variable = '', ...given] = words;
  const args = given.length > 0 ? given : shell.positional;
  // The place inside a group of letters, as `-ab`, is kept beside OPTIND.
  const index = Number(shell.get('OPTIND') ?? '1');
  const place = Number(shell.get('_OPTPLACE') ?? '1');
  const arg = args[index - 1];
  if (arg === undefined || !/^-./.test(arg) || arg === '--') {
    if (arg === '--') shell.set('OPTIND', String(index + 1));
    shell.set(variable, '?');
    return 1;
  }
  const letter = arg[place] ?? '';
  const position = letters.indexOf(letter);
  const next = (newIndex: number, newPlace: number): void => {
    shell.set('OPTIND', String(newIndex));
    shell.set('_OPTPLACE', String(newPlace));
  };
  if (position === -1 || letter === ':') {
    shell.set(variable, '?');
    shell.set('OPTARG', letters.startsWith(':') ? letter : '');
    if (place + 1 < arg.length) next(index, place + 1);
    else next(index + 1, 1);
    return 0;
  }
  shell.set(variable, letter);
  if (letters[position + 1] !== ':') {
    if (place + 1 < arg.length) next(index, place + 1);
    else next(index + 1, 1);
    return 0;
  }
  const rest = arg.slice(place + 1);
  const value = rest === '' ? args[index] : rest;
  if (value === undefined) {
    shell.set(variable, letters.startsWith(':') ? ':' : '?');
    next(index + 1, 1);
    return 0;
  }
  shell.set('OPTARG', value);
  next(rest === '' ? index + 2 : index + 1, 1);
  return 0;
}

async function read(shell: Shell, words: readonly string[]): Promise<number> {
  const names = words.slice(1);
  let raw = false;
  while (names[0]?.startsWith('-') === true) {
    const option = names.shift() ?? '';
    if (option === '-p') await shell.process.printError(names.shift() ?? '');
    else if (option.includes('r')) raw = true;
  }
  const { line, ended } = await readLine(shell, raw);
  const ifs = shell.get('IFS') ?? ' \t\n';
  if (names.length === 0) names.push('REPLY');
  let rest = line.replace(/^[ \t]+/, '');
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      shell.set(name, rest.replace(/[ \t]+$/, ''));
      break;
    }
    const end = [...rest].findIndex((character) => ifs.includes(character));
    shell.set(name, end === -1 ? rest : rest.slice(0, end));
    rest = end === -1 ? '' : rest.slice(end + 1).replace(/^[ \t]+/, '');
  }
  return ended && line === '' ? 1 : ended ? 1 : 0;
}

/** One line of standard input; what was read beyond it is kept for the next. */
async function readLine(shell: Shell, raw: boolean): Promise<{ line: string; ended: boolean }> {
  const descriptor = shell.process.descriptors.get(0);
  if (descriptor === undefined) return { line: '', ended: true };
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf(10);
    if (end !== -1) {
      descriptor.unread(bytes.subarray(end + 1));
      const line = bytes.subarray(0, end).toString('utf8');
      if (raw || !line.endsWith('\\')) return { line: raw ? line : line.replace(/\\(.)/g, '$1'), ended: false };
      const more = await readLine(shell, raw);
      return { line: line.slice(0, -1) + more.line, ended: more.ended };
    }
    const chunk = await shell.patiently(() => shell.process.read(0));
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
  return pids.length === 0 ? 0 : jobs.length === 0 ? 127 : status;
}

async function trap(shell: Shell, words: readonly string[]): Promise<number> {
  const [action, ...signals] = words.slice(1);
  if (action === undefined) {
    for (const [signal, text] of shell.traps) await shell.process.print(`trap -- '${text}' ${signal}\n`);
    return 0;
  }
  for (const word of signals.length === 0 ? [action] : signals) {
    const signal = word === '0' || word.toUpperCase() === 'EXIT' ? 'EXIT' : parseSignal(word);
    if (signal === undefined) {
      await shell.process.printError(shellMessage(shell.messages, `trap: ${word}: invalid signal specification`));
      return 1;
    }
    if (action === '-' || signals.length === 0) {
      shell.traps.delete(signal);
      if (signal !== 'EXIT') shell.process.resetSignal(signal);
    } else {
      shell.traps.set(signal, action);
      if (signal !== 'EXIT') shell.trap(signal, action);
    }
  }
  return 0;
}
