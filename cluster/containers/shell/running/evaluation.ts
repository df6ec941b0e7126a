import { UsageError } from '../../programs/options.ts';
import { TestSyntaxError } from '../../programs/test.ts';
import { ArithmeticError, evaluateArithmetic } from '../arithmetic.ts';
import type { Command, Word } from '../ast.ts';
import { ConditionalError, evaluateConditional } from '../conditional.ts';
import { shellMessage } from '../dialect.ts';
import { ExpansionError } from '../expansion.ts';
import type { Shell } from '../shell.ts';
import { parameterValue } from './special-parameters.ts';
import { expandPattern, expandText } from './word-expansion.ts';

/** `((` and `[[`: 0 when it holds, 1 when not, 2 when it means nothing. */
export async function runTest(
  shell: Shell,
  command: Extract<Command, { kind: 'arithmetic' | 'conditional' }>,
): Promise<number> {
  shell.line = command.line;
  if (command.kind === 'arithmetic') return (await evaluateWord(shell, command.expression)) === 0n ? 1 : 0;
  try {
    const result = await evaluateConditional(command.items, {
      process: shell.process,
      dialect: shell.dialect,
      variables: arithmeticVariables(shell),
      toText: (word) => expandText(shell, word),
      toPattern: (word) => expandPattern(shell, word),
    });
    return result ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) return 2;
    const isKnown =
      error instanceof ConditionalError || error instanceof TestSyntaxError || error instanceof ArithmeticError;
    if (!isKnown) throw error;
    await shell.process.printError(shellMessage(shell.messages, error.message));
    return 2;
  }
}

/** The value of an expression that is a command of its own. */
export async function evaluateWord(shell: Shell, expression: Word): Promise<bigint> {
  return evaluate(shell, await expandText(shell, expression));
}

/** The value of an expression; one that is none ends the command with 1. */
export async function evaluate(shell: Shell, expression: string): Promise<bigint> {
  try {
    return evaluateArithmetic(expression, arithmeticVariables(shell), shell.dialect);
  } catch (error) {
    if (!(error instanceof ArithmeticError) && !(error instanceof ExpansionError)) throw error;
    await shell.process.printError(shellMessage(shell.messages, error.message));
    return 0n;
  }
}

function arithmeticVariables(shell: Shell) {
  return {
    get: (name: string): string | undefined => parameterValue(shell, name),
    set: (name: string, value: string): void => shell.variables.set(name, value),
  };
}
