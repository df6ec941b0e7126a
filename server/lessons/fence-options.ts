import type { ExpectedOutput } from '../../common/lesson.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { didYouMean, nearest } from './nearest.ts';

/** What the info string of a fence asks for. */
export type FenceAction =
  | { kind: 'run'; terminal: number; interrupt: boolean; timeoutMs: number }
  /** `exit` is null when it is not written. */
  | { kind: 'output'; mode: ExpectedOutput['mode']; exit: number | null }
  | { kind: 'check'; name: string }
  | { kind: 'hint' };

export const DEFAULT_TIMEOUT_MS = 30_000;
/** As many tabs as keys Alt+1 to Alt+9. */
export const MAX_TERMINALS = 9;

const SHELLS = ['sh', 'bash', 'shell'];
const ACTIONS = ['output', 'check', 'hint'];
const RUN_OPTIONS = ['terminal', 'interrupt', 'timeout'];
const CHECK_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Reads an info string such as `sh run terminal=2` or `output exit=56 any order`.
 * @returns null for a fence that is only shown. After a report it returns what could be understood.
 */
export function parseFenceInfo(info: string, report: (message: string) => void): FenceAction | null {
  const [first = '', ...words] = info.split(/\s+/).filter((word) => word !== '');
  const small = first.toLowerCase();
  if (small !== first && SHELLS.includes(small) && words[0]?.toLowerCase() === 'run') {
    report(`"${first} ${words[0]}" is written with capitals. Write \`\`\`${small} run.`);
    return parseRun(words.slice(1), report);
  }
  switch (first) {
    case 'output':
      return parseOutput(words, report);
    case 'check':
      return parseCheckName(words, report);
    case 'hint':
      if (words.length > 0) report(`unknown option "${words[0]}": a hint takes none. Write it as \`\`\`hint.`);
      return { kind: 'hint' };
    case 'run':
      report('an action needs its language first. Write ```sh run.');
      return parseRun(words, report);
  }
  if (SHELLS.includes(first) && words.length > 0) {
    if (words[0] !== 'run') {
      report(`unknown action "${words[0]}" behind "${first}". Use run.${didYouMean(words[0]!, ['run'])}`);
    }
    return parseRun(words.slice(1), report);
  }
  if (words[0] === 'run') {
    report(`"${first} run": only a shell can run a block. Write \`\`\`sh run.`);
    return parseRun(words.slice(1), report);
  }
  const meant = nearest(first, ACTIONS);
  if (meant === undefined) return null;
  report(`unknown action "${first}". Use sh run, output, check or hint. Did you mean "${meant}"?`);
  return parseFenceInfo([meant, ...words].join(' '), report);
}

function parseRun(words: readonly string[], report: (message: string) => void): FenceAction {
  const action = { kind: 'run' as const, terminal: 1, interrupt: false, timeoutMs: DEFAULT_TIMEOUT_MS };
  const seen = new Set<string>();
  for (const word of words) {
    const [name, value] = splitOption(word);
    if (seen.has(name)) report(`the option "${name}" is written twice. Keep one.`);
    seen.add(name);
    if (word === 'interrupt') action.interrupt = true;
    else if (name === 'terminal' && value !== undefined) action.terminal = parseTerminal(value, report);
    else if (name === 'timeout' && value !== undefined) action.timeoutMs = parseTimeout(value, report);
    else if (name === 'interrupt') report(`"${word}": interrupt takes no value. Write interrupt.`);
    else if (RUN_OPTIONS.includes(name)) report(`"${word}" needs a value. Write terminal=2 or timeout=30s.`);
    else {
      const near = didYouMean(name, RUN_OPTIONS);
      report(`unknown option "${word}" of run. Use terminal=2, interrupt or timeout=30s.${near}`);
    }
  }
  return action;
}

function parseTerminal(value: string, report: (message: string) => void): number {
  const terminal = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (terminal >= 1 && terminal <= MAX_TERMINALS) return terminal;
  report(`"terminal=${value}": there are terminals 1 to ${MAX_TERMINALS}. Write one of these numbers.`);
  return 1;
}

function parseTimeout(value: string, report: (message: string) => void): number {
  const timeoutMs = parseDuration(value);
  if (timeoutMs === undefined) report(`"timeout=${value}" is not a duration. Write ${DURATION_FORM}.`);
  return timeoutMs ?? DEFAULT_TIMEOUT_MS;
}

function parseOutput(words: readonly string[], report: (message: string) => void): FenceAction {
  const action = { kind: 'output' as const, mode: 'in-order' as ExpectedOutput['mode'], exit: null as number | null };
  const seen = new Set<string>();
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    const [name, value] = splitOption(word);
    if (seen.has(name)) report(`the option "${name}" is written twice. Keep one.`);
    seen.add(name);
    if (word === 'not') action.mode = 'not';
    else if (word === 'any' && rest[0] === 'order') {
      rest.shift();
      action.mode = 'any-order';
    } else if (name === 'exit') {
      const status = /^\d{1,3}$/.test(value ?? '') ? Number(value) : 256;
      if (status <= 255) action.exit = status;
      else report(`"${word}" is not an exit status. Write exit= with a number from 0 to 255.`);
    } else {
      const near = word === 'any' ? ' Did you mean "any order"?' : didYouMean(name, ['exit', 'not', 'any order']);
      report(`unknown option "${word}" of output. Use exit=56, any order or not.${near}`);
    }
  }
  if (seen.has('not') && seen.has('any')) {
    report('"not" and "any order" exclude each other. Write two output fences, one below the other.');
  }
  return action;
}

function parseCheckName(words: readonly string[], report: (message: string) => void): FenceAction {
  const [name = '', extra] = words;
  if (name === '') report('a check needs a name. Write ```check NAME.');
  else if (!CHECK_NAME.test(name)) {
    report(`"${name}" cannot name a check. Use small letters, digits and hyphens, a letter first.`);
  }
  if (extra !== undefined) report(`unknown option "${extra}" of check. It takes a name and nothing else.`);
  return { kind: 'check', name };
}

function splitOption(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
