import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ClauseFailure, CheckState } from '../../common/lesson.ts';
import type { CheckDefinition } from '../lessons/definition.ts';
import { evaluateObjectTest } from '../lessons/evaluate-object-test.ts';
import { evaluateRunTest } from '../lessons/evaluate-run-test.ts';
import type { Environment } from './environment.ts';
import { COMMAND_TIMEOUT_MS, type RunCommand, runTestCommand } from './run-test.ts';

/** How often a condition with `within` is looked at again. */
const RETRY_MS = 100;

/** What does not hold for longer than this is told while the check still waits: it may be a mistake. */
const SAY_AFTER_MS = 1_500;

/**
 * Looks until the condition holds or `within` has passed, at least once.
 * A check that cannot be evaluated fails with an `error` clause: it never throws.
 * @param signal ends the waiting and a command under way; the verdict is then of no interest.
 * @param run starts commands.
 * @param onWaiting is told what does not hold while the check goes on waiting, again when that changes.
 */
export async function runCheck(
  check: CheckDefinition,
  environment: Environment,
  signal: AbortSignal,
  run: RunCommand = runTestCommand,
  onWaiting: (failures: ClauseFailure[]) => void = () => {},
): Promise<CheckState> {
  const start = Date.now();
  const deadline = start + check.withinMs;
  let said: ClauseFailure[] | undefined;
  for (;;) {
    const failures = await evaluate(check, environment, signal, run);
    if (failures.length === 0) return { status: 'passed' };
    if (Date.now() + RETRY_MS > deadline) return { status: 'failed', failures };
    if (Date.now() - start >= SAY_AFTER_MS && !isDeepStrictEqual(failures, said)) {
      said = failures;
      onWaiting(failures);
    }
    await delay(RETRY_MS);
    if (signal.aborted) return { status: 'failed', failures };
  }
}

async function evaluate(
  { test }: CheckDefinition,
  environment: Environment,
  signal: AbortSignal,
  run: RunCommand,
): Promise<ClauseFailure[]> {
  if (test.kind === 'run') {
    try {
      const result = await run(test, { cwd: environment.home, env: environment.checkEnv, signal });
      if (result.timedOut) return [{ kind: 'timeout', clause: 'timeout', timeoutMs: COMMAND_TIMEOUT_MS }];
      return evaluateRunTest(test, result);
    } catch (error) {
      // bash itself did not start; a learner may have removed the folder it starts in.
      return [{ kind: 'error', clause: 'error', message: `cannot run "${test.command}": ${(error as Error).message}` }];
    }
  }
  try {
    const { resource, namespace, name } = test;
    return evaluateObjectTest(test, await environment.objects.read(resource, namespace, name));
  } catch (error) {
    return [{ kind: 'error', clause: 'error', message: (error as Error).message }];
  }
}
