import type { CheckState, ClauseFailure, ComparedLine, RunBlock, RunFailure } from '../../common/lesson.ts';
import { normaliseOutput } from '../lessons/match/normalise-output.ts';
import type { BlockStart } from '../session/session.ts';

/** A failed block in words for its author. @param printed what it printed. */
export function describeBlockFailure(block: RunBlock, failure: RunFailure, printed: string): string {
  switch (failure.reason) {
    case 'different': {
      const exit = failure.exit && describeExit(failure.exit);
      const lines = failure.lines.some((line) => line.kind !== 'same' && line.kind !== 'elided')
        ? `The output differs from what the lesson says:\n${describeLines(failure.lines)}`
        : null;
      // Why it ended so is told by lines that "..." has taken, or that nothing was said about.
      const seen = failure.lines.some((line) => line.kind !== 'missing' && line.kind !== 'elided');
      return [exit, lines, exit && !seen ? describePrinted(printed) : null].filter((part) => part !== null).join('\n');
    }
    case 'timeout':
      return `Still running after ${failure.timeoutMs / 1000} s. Give the block timeout=…, or an output that a watch reaches.\n${describeLines(failure.lines)}`.trimEnd();
    case 'syntax':
      return `bash cannot read the command: ${failure.message}`;
    case 'interrupted':
      return `"${block.command}" was interrupted before it ended.`;
    case 'shell-ended':
      return `"${block.command}" ended the shell.`;
    default:
      return failure satisfies never;
  }
}

/** A block that could not be run in words for its author. */
export function describeRefusal(reason: Extract<BlockStart, { started: false }>['reason']): string {
  switch (reason) {
    case 'shell-ended':
      return 'It was not run: a command before it has ended the shell of its terminal.';
    case 'not-interruptible':
      return 'It was not run: the command before it goes on in its terminal, even after Ctrl-C.';
    case 'busy':
      return 'It was not run: a command before it still runs in its terminal.';
    case 'unknown':
      return 'It was not run: the lesson has no such block.';
    default:
      return reason satisfies never;
  }
}

/** A failed check in words for its author. @param printed what its command printed; without one nothing. */
export function describeCheckFailure(state: Extract<CheckState, { status: 'failed' }>, printed = ''): string {
  const clauses = state.failures.map(describeClause);
  const unseen = state.failures.every(({ kind }) => kind === 'exit' || kind === 'json');
  return [...clauses, ...(unseen && printed !== '' ? [describePrinted(printed)] : [])].join('\n');
}

/** Lines of output that a failure shows. */
const MAX_PRINTED_LINES = 12;

function describePrinted(output: string): string {
  const lines = normaliseOutput(output);
  if (lines.length === 0) return 'It printed nothing.';
  const left = lines.length - MAX_PRINTED_LINES;
  const shown = lines.slice(0, MAX_PRINTED_LINES).map((line) => `        ${line}`);
  return ['It printed:', ...shown, ...(left > 0 ? [`        … ${left} more`] : [])].join('\n');
}

function describeClause(failure: ClauseFailure): string {
  switch (failure.kind) {
    case 'object-missing':
      return `There is no ${failure.subject}.`;
    case 'object-present':
      return `${failure.subject} still exists.`;
    case 'field':
      return `${failure.path} should be ${failure.expected} and is ${failure.actual ?? 'not set'}.`;
    case 'exit':
      return describeExit(failure);
    case 'lines':
      return `The output differs:\n${describeLines(failure.lines)}`;
    case 'json':
      return `${failure.path} ${failure.operator} ${failure.expected} does not hold: it is ${failure.actual ?? 'not set'}.`;
    case 'timeout':
      return `It had not become true after ${failure.timeoutMs / 1000} s.`;
    case 'error':
      return `The check could not run: ${failure.message}`;
    default:
      return failure satisfies never;
  }
}

function describeExit({ expected, actual }: { expected: number; actual: number }): string {
  return `The exit status should be ${expected} and is ${actual}.`;
}

/** A diff: `-` expected, `+` printed. */
function describeLines(lines: readonly ComparedLine[]): string {
  return lines
    .flatMap((line) => {
      switch (line.kind) {
        case 'same':
          return [`        ${line.text}`];
        case 'different':
          return [`      - ${line.expected}`, `      + ${line.actual}`];
        case 'missing':
          return [`      - ${line.expected}`];
        case 'unexpected':
          return [`      + ${line.actual}`];
        case 'elided':
          return [`        … ${line.count} more`];
        default:
          return line satisfies never;
      }
    })
    .join('\n');
}
