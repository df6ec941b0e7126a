import { join } from 'node:path';
import type { CheckBlock, CheckState } from '../../common/lesson.ts';
import type { CheckDefinition, CheckProof, LessonDefinition } from '../lessons/definition.ts';
import { runCheck } from '../session/check-runner.ts';
import type { EmbeddedEnvironment } from '../session/embedded-environment.ts';
import { COMMAND_TIMEOUT_MS, type RunCommand, runTestCommand } from '../session/run-test.ts';
import type { Attempt } from './attempt.ts';
import { type Replica, RestoreError } from './replica.ts';
import type { Snapshot } from './snapshot.ts';

/** Time for what a command sets off, when the check itself waits for nothing. Milliseconds of the cluster. */
const FOLLOW_MS = 10_000;

const NO_PROOF: CheckProof = { line: 1, already: null, also: [], mistakes: [], free: {} };

/** A lesson on a replica: what every kind of attempt needs to make a state, to look at a check and to report. */
export class TestBench {
  readonly #attempts: Attempt[];
  readonly #lesson: LessonDefinition;
  readonly #createReplica: () => Promise<Replica>;
  #replica: Replica;
  readonly #run: RunCommand;

  /** @param attempts gets each. @param run starts commands. */
  constructor(
    lesson: LessonDefinition,
    replica: Replica,
    createReplica: () => Promise<Replica>,
    attempts: Attempt[],
    run: RunCommand = runTestCommand,
  ) {
    this.#lesson = lesson;
    this.#replica = replica;
    this.#createReplica = createReplica;
    this.#attempts = attempts;
    this.#run = run;
  }

  get environment(): EmbeddedEnvironment {
    return this.#replica.environment;
  }

  get replica(): Replica {
    return this.#replica;
  }

  definition(check: string): CheckDefinition {
    return this.#lesson.texts.en.checks[check]!;
  }

  proof(check: string): CheckProof {
    return this.#lesson.proofs[check] ?? NO_PROOF;
  }

  /** The clauses of a check that have a hint, as keys. */
  hints(check: string): CheckBlock['hintsHtml'] {
    for (const block of this.#lesson.texts.en.lesson.steps.flatMap((step) => step.blocks)) {
      if (block.kind === 'check' && block.name === check) return block.hintsHtml;
    }
    return {};
  }

  /** @throws RestoreError when even a new cluster cannot be brought there. */
  async restore(snapshot: Snapshot): Promise<void> {
    try {
      await this.#replica.restore(snapshot);
    } catch (error) {
      if (!(error instanceof RestoreError)) throw error;
      // What an attempt left behind is in the way.
      await this.#replica.dispose();
      this.#replica = await this.#createReplica();
      await this.#replica.restore(snapshot);
    }
  }

  /** What the check says once everything has settled. */
  async look(check: string): Promise<CheckState> {
    const definition = this.definition(check);
    await this.#replica.clock.skip(Math.max(definition.withinMs, FOLLOW_MS));
    return this.#lookNow(definition);
  }

  /** What the check says at once, or else in the time that it gives. */
  async waitFor(check: string): Promise<CheckState> {
    const definition = this.definition(check);
    const state = await this.#lookNow(definition);
    if (state.status === 'passed' || definition.withinMs === 0) return state;
    await this.#replica.clock.skip(definition.withinMs);
    return this.#lookNow(definition);
  }

  /** What the check says in an environment that differs from the replica's. */
  lookInto(check: string, environment: EmbeddedEnvironment): Promise<CheckState> {
    return runCheck({ ...this.definition(check), withinMs: 0 }, environment, new AbortController().signal, this.#run);
  }

  #lookNow(definition: CheckDefinition): Promise<CheckState> {
    return this.lookInto(definition.name, this.environment);
  }

  /** Runs commands in a new shell in the home, as the learner. */
  async run(command: string): Promise<{ exit: number; output: string }> {
    const { home, shellEnv } = this.environment;
    const result = await this.#run({ command, json: [] }, { cwd: home, env: shellEnv });
    if (!result.timedOut) return result;
    return { exit: result.exit, output: `${result.output}\nIt was ended after ${COMMAND_TIMEOUT_MS / 1000} s.` };
  }

  /** @param line in `proof.yaml`; without it the place is the check in the text. */
  report(kind: Attempt['kind'], check: string, label: string, problem: string | null, line?: number): void {
    const text = this.#lesson.texts.en;
    const place =
      line === undefined
        ? { file: text.file, line: text.lines[check] ?? 1 }
        : { file: join(this.#lesson.directory, 'proof.yaml'), line };
    this.#attempts.push({ kind, check, label, problem, place });
  }

  dispose(): Promise<void> {
    return this.#replica.dispose();
  }
}
