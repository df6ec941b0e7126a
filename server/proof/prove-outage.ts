import type { TestBench } from './test-bench.ts';

const LABEL = 'the cluster does not answer';
/** Nothing listens on port 1. */
const NOBODY = 'http://127.0.0.1:1';
const ASKS_CLUSTER = /\b(?:kubectl|oc|istioctl|curl)\b/;

/**
 * A command that asks the cluster fails when nobody answers. One that passes then takes any error for the one that it
 * waits for: a misspelt name, a pod that has gone.
 */
export async function proveOutage(bench: TestBench, check: string): Promise<void> {
  const { test } = bench.definition(check);
  if (test.kind !== 'run' || !ASKS_CLUSTER.test(test.command)) return;
  const { environment } = bench;
  const { KUBECONFIG: _cluster, ...env } = environment.checkEnv;
  const checkEnv = { ...env, KUBECONFIG: '/dev/null', http_proxy: NOBODY, https_proxy: NOBODY };
  const state = await bench.lookInto(check, { ...environment, checkEnv });
  const problem =
    state.status === 'passed'
      ? `check "${check}" passes although ${LABEL}: any error will do. Test also what is printed, or a status that only this refusal has.`
      : null;
  bench.report('outage', check, LABEL, problem);
}
