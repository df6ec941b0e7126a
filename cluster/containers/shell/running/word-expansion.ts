import { ArithmeticError } from '../arithmetic.ts';
import type { Word } from '../ast.ts';
import { shellMessage } from '../dialect.ts';
import { expandToPattern, expandToString, expandWords, ExpansionError } from '../expansion.ts';
import { PatternLimit } from '../pattern.ts';
import type { Shell } from '../shell.ts';

/** The words of a command as its arguments; what is wrong with them ends the shell or the line. */
export function expandArguments(shell: Shell, words: readonly Word[]): Promise<string[]> {
  return guardExpansion(shell, () => expandWords(words, shell.expansion));
}

/** A word as one string; what is wrong with it ends the shell or the line. */
export function expandText(shell: Shell, word: Word): Promise<string> {
  return guardExpansion(shell, () => expandToString(word, shell.expansion));
}

/** A word as a pattern; what is wrong with it ends the shell or the line. */
export function expandPattern(shell: Shell, word: Word): Promise<string> {
  return guardExpansion(shell, () => expandToPattern(word, shell.expansion));
}

/** Turns errors of an expansion into the end of the shell, or of the line when it is interactive. */
export async function guardExpansion<T>(shell: Shell, expand: () => Promise<T>): Promise<T> {
  try {
    return await expand();
  } catch (error) {
    if (error instanceof ExpansionError || error instanceof ArithmeticError || error instanceof PatternLimit) {
      await shell.process.printError(shellMessage(shell.messages, error.message));
      const isUnset = error instanceof ExpansionError && !/substitution|readonly/.test(error.message);
      if (shell.dialect !== 'bash') shell.abort(2);
      shell.abort(isUnset && shell.isCommandText && !shell.isSubshell ? 127 : 1);
    }
    throw error;
  }
}
