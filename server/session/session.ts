import { randomUUID } from 'node:crypto';
import type { BlockState, CheckState, ClauseFailure, RunBlock } from '../../common/lesson.ts';
import { doneCheck, type LessonProblem, type ServerMessage } from '../../common/protocol.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import type { Logger } from '../logger.ts';
import { BlockVerdicts } from './block-verdicts.ts';
import { runCheck } from './check-runner.ts';
import type { Environment } from './environment.ts';
import { createLessonEnvironment, type EnvironmentDeps } from './lesson-environment.ts';
import { movedBlocks, partsOf, runBlocksOf } from './lesson-parts.ts';
import { runInTerminal } from './run-in-terminal.ts';
import { createSessionTerminal, type SessionTerminal } from './session-terminal.ts';
import type { RunCommand } from './run-test.ts';
import { VerdictCollector } from './verdict-collector.ts';

export interface SessionDeps extends EnvironmentDeps {
  logger: Logger;
  /** Starts the commands of checks. Default `runTestCommand`. */
  runCommand?: RunCommand | undefined;
}

/** What became of a request to run a block. `settled` resolves with the first verdict. */
export type BlockStart =
  | { started: true; settled: Promise<BlockState> }
  | { started: false; reason: 'busy' | 'shell-ended' | 'not-interruptible' | 'unknown' };

/** How long a command may take to end after Ctrl-C before we say that it does not. */
const INTERRUPT_TIMEOUT_MS = 3_000;

/**
 * One learner in one lesson: the cluster, the home, the terminals, and what became of each block and check.
 * It knows no sockets and speaks no language, so `taller check` runs lessons through it as a page does.
 */
export interface Session {
  readonly id: string;
  /** As it was loaded last, see `change`. */
  readonly lesson: LessonDefinition;
  /** The cluster and the home; another one after `restart`. */
  readonly environment: Environment;
  /** Absolute path of the learner's home. */
  readonly home: string;
  /** The state behind `hello`. */
  state(): Pick<
    Extract<ServerMessage, { type: 'hello' }>,
    'ingress' | 'blocks' | 'checks' | 'done' | 'terminals' | 'problems'
  >;
  /** Undefined when the lesson has no terminal of this number. Starts its shell on first use. */
  terminal(number: number): SessionTerminal | undefined;
  /** A new shell where the old one has ended. @returns false when it has not ended. */
  restartTerminal(number: number): boolean;
  runBlock(id: string, options: { interrupt: boolean }): Promise<BlockStart>;
  /** Resolves with the verdict; null when there is no such check. */
  runCheck(name: string): Promise<CheckState | null>;
  showStep(id: string): void;
  /**
   * A new environment; results are forgotten.
   * @throws what making one throws. Where the old one had to go first, the session `isLost` then.
   */
  restart(): Promise<void>;
  /** Whether it has no environment any more. Nothing can be done with it but to dispose of it. */
  readonly isLost: boolean;
  /**
   * The lesson as its author has saved it. Terminals and cluster stay; results stay with the commands and checks that
   * are still there.
   */
  change(change: LessonChange): void;
  /** Changes of state, as they go to the page. */
  onMessage(listener: (message: ServerMessage) => void): () => void;
  dispose(): Promise<void>;
}

/** What a save of a lesson's author has changed. */
export interface LessonChange {
  /** The lesson as it is now; null while it is not sound. */
  lesson: LessonDefinition | null;
  problems: LessonProblem[];
  /** Whether something changed that a session takes over when it starts: `lesson.yaml`, `setup/`, `files/`. */
  environment: boolean;
}

export async function createSession(first: LessonDefinition, deps: SessionDeps): Promise<Session> {
  let lesson = first;
  let { text, steps, runBlocks, terminalCount } = partsOf(lesson);
  let problems: LessonProblem[] = [];
  /** Whether the environment is older than what it was made from. */
  let stale = false;
  const listeners = new Set<(message: ServerMessage) => void>();

  const newEnvironment = (): Promise<Environment> => createLessonEnvironment(lesson, deps);

  let environment = await newEnvironment();
  let terminals = new Map<number, SessionTerminal>();
  let blocks: Record<string, BlockState> = {};
  let checks: Record<string, CheckState> = {};
  let done = new Set<string>();
  let shownStep = '';
  let disposed = false;
  /** Checks under way, by name: whoever asks again gets the same verdict. */
  let checking = new Map<string, Promise<CheckState>>();
  let abort = new AbortController();

  const send = (message: ServerMessage) => {
    for (const listener of listeners) listener(message);
  };

  const verdicts = new BlockVerdicts((listener) => environment.onVerdict(listener));
  const setBlock = (id: string, reported: BlockState) => {
    const state = verdicts.attach(id, reported);
    blocks[id] = state;
    if (state.status === 'passed') done.add(id);
    send({ type: 'block-state', block: id, state });
    if (state.status === 'passed') checkFinishedStep(id);
  };

  /** Once all commands of a step have passed there is nothing left to wait for, so its checks run by themselves. */
  const checkFinishedStep = (id: string) => {
    const step = steps.find((candidate) => candidate.blocks.some((block) => block.id === id));
    if (!step || !runBlocksOf(step).every((block) => done.has(block.id))) return;
    for (const block of step.blocks) {
      if (block.kind !== 'check' || checks[block.name]?.status === 'passed') continue;
      void session.runCheck(block.name);
    }
  };

  const openTerminal = (number: number, input = { seq: 0 }): SessionTerminal => {
    // What a terminal of an earlier environment still has to say is of no interest.
    const isCurrent = () => terminals.get(number) === terminal;
    const terminal: SessionTerminal = createSessionTerminal({
      number,
      input,
      environment,
      blocks: () => [...runBlocks.values()],
      chooseBlock,
      setBlock: (id, state) => void (isCurrent() && setBlock(id, state)),
      onState: (state) => void (isCurrent() && send({ type: 'terminal-state', state })),
    });
    terminals.set(number, terminal);
    return terminal;
  };

  const isOpen = (block: RunBlock) => !done.has(block.id);
  /** Of several blocks with the same command: one on the shown step, else the first that has not passed. */
  const chooseBlock = (candidates: readonly RunBlock[]): RunBlock | undefined => {
    const shown = steps.find((step) => step.id === shownStep);
    const here = candidates.filter((candidate) => shown?.blocks.some((block) => block.id === candidate.id));
    return here.find(isOpen) ?? here[0] ?? candidates.find(isOpen);
  };

  let isLost = false;
  let restarting: Promise<void> | undefined;
  const restartNow = async () => {
    const old = { environment, terminals };
    stale = false;
    if (environment.exclusive) {
      for (const terminal of old.terminals.values()) terminal.dispose();
      await old.environment.dispose();
    }
    const fresh = await newEnvironment();
    if (disposed) return fresh.dispose();
    abort.abort();
    abort = new AbortController();
    checking = new Map();
    verdicts.forget();
    environment = fresh;
    terminals = new Map();
    blocks = {};
    checks = {};
    done = new Set();
    for (const terminal of old.terminals.values()) terminal.dispose();
    send({ type: 'session-restarted', ingress: fresh.ingressName });
    await old.environment.dispose();
  };

  const session: Session = {
    id: randomUUID(),
    get lesson() {
      return lesson;
    },
    get environment() {
      return environment;
    },
    get home() {
      return environment.home;
    },
    state: () => ({
      ingress: environment.ingressName,
      blocks: { ...blocks },
      checks: { ...checks },
      done: [...done],
      terminals: [...terminals.values()].map((terminal) => terminal.state()),
      problems,
    }),
    terminal(number) {
      if (!Number.isInteger(number) || number < 1 || number > terminalCount) return undefined;
      return terminals.get(number) ?? openTerminal(number);
    },
    restartTerminal(number) {
      const terminal = terminals.get(number);
      if (terminal?.state().activity !== 'ended') return false;
      terminal.dispose();
      // The page that restarts it goes on counting its keys.
      openTerminal(number, terminal.input);
      return true;
    },
    async runBlock(id, { interrupt }) {
      const block = runBlocks.get(id);
      const terminal = block && session.terminal(block.terminal);
      if (!block || !terminal) return { started: false, reason: 'unknown' };
      await terminal.ready();
      const { activity } = terminal.state();
      if (activity === 'ended') return { started: false, reason: 'shell-ended' };
      if (activity === 'running') {
        if (!interrupt && !block.interrupt) return { started: false, reason: 'busy' };
        if (!(await terminal.pty.interrupt(INTERRUPT_TIMEOUT_MS))) {
          return { started: false, reason: 'not-interruptible' };
        }
      }
      if (terminal.state().activity !== 'prompt') return { started: false, reason: 'busy' };
      const settled = runInTerminal(block, terminal, deps.logger).then((state) => {
        const shown = blocks[id];
        return shown?.status === state.status ? shown : state;
      });
      return { started: true, settled };
    },
    async runCheck(name) {
      // The name comes from the page, and may be `constructor`.
      const check = Object.hasOwn(text.checks, name) ? text.checks[name] : undefined;
      if (!check) return null;
      const underWay = checking.get(name);
      if (underWay) return underWay;
      const { signal } = abort;
      const report = (state: CheckState) => {
        // A check that outlived its environment says nothing about the new one.
        if (signal.aborted) return;
        checks[name] = state;
        if (state.status === 'passed') done.add(doneCheck(name));
        send({ type: 'check-state', check: name, state });
      };
      report({ status: 'running' });
      const collector = new VerdictCollector((listener) => environment.onVerdict(listener));
      const waiting = (failures: ClauseFailure[]) => report({ status: 'running', failures });
      const verdict = runCheck(check, environment, signal, deps.runCommand, waiting).then((found): CheckState =>
        collector.attach(found),
      );
      checking.set(name, verdict);
      const state = await verdict.finally(() => collector.stop());
      if (!signal.aborted) checking.delete(name);
      report(state);
      return state;
    },
    showStep(id) {
      shownStep = id;
    },
    restart() {
      // Whoever asks again meanwhile gets the same new environment: making one costs memory and a folder.
      restarting ??= restartNow()
        .catch((error: unknown) => {
          isLost = environment.exclusive;
          throw error;
        })
        .finally(() => {
          restarting = undefined;
        });
      return restarting;
    },
    get isLost() {
      return isLost;
    },
    change(change) {
      problems = change.problems;
      stale ||= change.environment;
      if (change.lesson !== null) {
        const before = runBlocks;
        lesson = change.lesson;
        ({ text, steps, runBlocks, terminalCount } = partsOf(lesson));
        const moved = movedBlocks(before, runBlocks);
        blocks = Object.fromEntries(
          Object.entries(blocks).flatMap(([id, state]) => (moved.has(id) ? [[moved.get(id), state]] : [])),
        );
        const kept = Object.keys(text.checks)
          .map(doneCheck)
          .filter((key) => done.has(key));
        done = new Set([...[...done].flatMap((id) => moved.get(id) ?? []), ...kept]);
        checks = Object.fromEntries(Object.entries(checks).filter(([name]) => Object.hasOwn(text.checks, name)));
      }
      send({ type: 'lesson-changed', blocks: { ...blocks }, checks: { ...checks }, done: [...done], problems, stale });
    },
    onMessage(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async dispose() {
      disposed = true;
      abort.abort();
      verdicts.forget();
      listeners.clear();
      for (const terminal of terminals.values()) terminal.dispose();
      await environment.dispose();
    },
  };
  return session;
}
