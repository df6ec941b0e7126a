import type { Command, List } from '../ast.ts';
import { matchesPattern } from '../pattern.ts';
import type { Shell } from '../shell.ts';
import { LoopJump } from './control-flow.ts';
import { evaluateWord } from './evaluation.ts';
import { expandArguments, expandPattern, expandText } from './word-expansion.ts';

/** Groups, `if`, `case` and loops. */
export async function runCompound(
  shell: Shell,
  command: Exclude<
    Command,
    { kind: 'simple' | 'pipeline' | 'and-or' | 'function' | 'subshell' | 'timed' | 'arithmetic' | 'conditional' }
  >,
): Promise<number> {
  switch (command.kind) {
    case 'group':
      return shell.runList(command.body);
    case 'if':
      for (const { condition, body } of command.clauses) {
        if ((await shell.runCondition(condition)) === 0) return shell.runList(body);
      }
      return command.otherwise === null ? 0 : shell.runList(command.otherwise);
    case 'loop':
      return runLoop(
        shell,
        async () => ((await shell.runCondition(command.condition)) === 0) !== command.until,
        command.body,
      );
    case 'for': {
      const words = command.words === null ? [...shell.positional] : await expandArguments(shell, command.words);
      let index = 0;
      return runLoop(
        shell,
        () => {
          const word = words[index];
          if (word === undefined) return Promise.resolve(false);
          shell.variables.set(command.name, word);
          index += 1;
          return Promise.resolve(true);
        },
        command.body,
      );
    }
    case 'counting-for': {
      shell.line = command.line;
      await evaluateWord(shell, command.start);
      let first = true;
      const isEndless = command.condition.every((part) => part.kind === 'text' && part.text.trim() === '');
      return runLoop(
        shell,
        async () => {
          if (!first) await evaluateWord(shell, command.step);
          first = false;
          return isEndless || (await evaluateWord(shell, command.condition)) !== 0n;
        },
        command.body,
      );
    }
    case 'case': {
      const subject = await expandText(shell, command.word);
      for (const { patterns, body } of command.clauses) {
        for (const pattern of patterns) {
          const expanded = await expandPattern(shell, pattern);
          if (matchesPattern(expanded, subject)) return shell.runList(body);
        }
      }
      return 0;
    }
    default: {
      const never: never = command;
      return never;
    }
  }
}

/** Runs a body as long as `next` says; a `break` for an outer loop goes on to it. */
async function runLoop(shell: Shell, next: () => Promise<boolean>, body: List): Promise<number> {
  let status = 0;
  shell.loopDepth += 1;
  try {
    while (await next()) {
      try {
        status = await shell.runList(body);
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error;
        error.levels -= 1;
        if (error.levels > 0 && shell.loopDepth > 1) throw error;
        status = 0;
        if (error.kind === 'break') break;
      }
      await shell.step();
    }
  } finally {
    shell.loopDepth -= 1;
  }
  return status;
}
