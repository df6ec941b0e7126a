import type { ReadonlySignal } from '@preact/signals';
import { batch, signal } from '@preact/signals';
import type { MeshGraph } from '../../common/mesh.ts';
import type { LessonProblem, ServerMessage, TerminalState } from '../../common/protocol.ts';
import { doneCheck, PROTOCOL_VERSION } from '../../common/protocol.ts';
import type { ConnectionDeps, ConnectionStatus } from '../connection/connection.ts';
import { createConnection } from '../connection/connection.ts';
import type { Screen, TerminalFeed } from '../terminal/terminal-feed.ts';
import { createTerminalFeed } from '../terminal/terminal-feed.ts';
import { ingress } from './ingress.ts';
import type { Results } from './progress.ts';

/** Why the server did not run a block. */
export type Refusal = Extract<ServerMessage, { type: 'block-refused' }>['reason'];

export type ClusterQuestion = Extract<ServerMessage, { type: 'cluster-question' }>;

export interface LessonChanges {
  count: number;
  problems: readonly LessonProblem[];
  /** Whether the cluster and the files are older than what the author saved. */
  stale: boolean;
}

/** The learner's side of one lesson: what the server says about it, and what can be asked of it. */
export interface Session {
  readonly status: ReadonlySignal<ConnectionStatus>;
  readonly results: ReadonlySignal<Results>;
  /** By terminal number; a terminal that was never opened is absent. */
  readonly terminals: ReadonlySignal<Record<number, TerminalState>>;
  /** By block id, until the block is tried again or the learner declines. */
  readonly refusals: ReadonlySignal<Record<string, Refusal>>;
  /** Block ids and check names that were asked for and not answered yet, each behind `block:` or `check:`. */
  readonly requested: ReadonlySignal<ReadonlySet<string>>;
  /** What the author saved since the page came, see `lesson-changed`. `count` grows with each save. */
  readonly changes: ReadonlySignal<LessonChanges>;
  /** The mesh while it is watched; null before the first answer. A `graph` of null: the cluster has no mesh. */
  readonly mesh: ReadonlySignal<{ graph: MeshGraph | null } | null>;
  /** What the learner has to agree to before anything happens; null when there is nothing to ask. */
  readonly question: ReadonlySignal<ClusterQuestion | null>;
  /** Whether what the learner had made is gone: the server has begun the lesson anew, unasked. */
  readonly lost: ReadonlySignal<boolean>;
  dismissLost(): void;
  acceptCluster(): void;
  runBlock(block: string, interrupt: boolean): void;
  dismissRefusal(block: string): void;
  runCheck(check: string): void;
  interrupt(terminal: number): void;
  restartShell(terminal: number): void;
  restartSession(): void;
  /** The learner looks at this step; told again after each reconnect. */
  showStep(step: string): void;
  /** Asks for the mesh over a window, again after each reconnect; with null no more. */
  watchMesh(windowSeconds: number | null): void;
  /** Starts a terminal on a screen. One screen per terminal at a time; dispose the feed before the screen. */
  attach(terminal: number, screen: Screen): TerminalFeed;
  reconnect(): void;
  /** Safe to call twice. */
  dispose(): void;
}

/** @param started whether the learner, in an earlier page, has done something in this lesson and not all of it */
export function createSession(deps: ConnectionDeps, started: boolean): Session {
  const status = signal<ConnectionStatus>({ phase: 'connecting' });
  const results = signal<Results>({ blocks: {}, checks: {}, done: new Set() });
  const terminals = signal<Record<number, TerminalState>>({});
  const refusals = signal<Record<string, Refusal>>({});
  const requested = signal<ReadonlySet<string>>(new Set());
  const changes = signal<LessonChanges>({ count: 0, problems: [], stale: false });
  const mesh = signal<{ graph: MeshGraph | null } | null>(null);
  const question = signal<ClusterQuestion | null>(null);
  const lost = signal(false);
  const feeds = new Map<number, TerminalFeed>();
  let sessionId: string | null = null;
  let shownStep: string | null = null;
  let meshWindow: number | null = null;

  const connection = createConnection(deps, {
    hello: () => ({
      type: 'hello',
      protocolVersion: PROTOCOL_VERSION,
      terminals: [...feeds.values()].flatMap((feed) => feed.position() ?? []),
    }),
    message: (message) => batch(() => receive(message)),
    output: (terminal, offset, data) => feeds.get(terminal)?.output(offset, data),
    status(next) {
      batch(() => {
        status.value = next;
        question.value = null;
        requested.value = new Set();
      });
      // The page that took over may type, restart shells, start over: what is known here ends with it.
      if (next.phase === 'closed') for (const feed of feeds.values()) feed.abandon();
    },
  });

  function receive(message: ServerMessage): void {
    switch (message.type) {
      case 'cluster-question':
        question.value = message;
        return;
      case 'hello':
        question.value = null;
        if (sessionId !== null && sessionId !== message.sessionId) resetFeeds();
        if (sessionId !== message.sessionId) {
          const had = sessionId === null ? started : results.value.done.size > 0;
          lost.value = had && message.done.length === 0;
        }
        sessionId = message.sessionId;
        ingress.value = message.ingress;
        results.value = { blocks: message.blocks, checks: message.checks, done: new Set(message.done) };
        changes.value = { ...changes.value, problems: message.problems };
        refusals.value = {};
        terminals.value = Object.fromEntries(message.terminals.map((state) => [state.terminal, state]));
        if (shownStep !== null) connection.send({ type: 'step-shown', step: shownStep });
        if (meshWindow !== null) connection.send({ type: 'mesh-watch', windowSeconds: meshWindow });
        openFeeds();
        return;
      case 'mesh':
        // What was under way when the learner looked away.
        if (meshWindow !== null) mesh.value = { graph: message.graph };
        return;
      case 'session-restarted':
        ingress.value = message.ingress;
        results.value = { blocks: {}, checks: {}, done: new Set() };
        refusals.value = {};
        lost.value = false;
        changes.value = { ...changes.value, stale: false };
        requested.value = new Set();
        terminals.value = {};
        resetFeeds();
        openFeeds();
        return;
      case 'lesson-changed':
        results.value = { blocks: message.blocks, checks: message.checks, done: new Set(message.done) };
        refusals.value = {};
        changes.value = { count: changes.value.count + 1, problems: message.problems, stale: message.stale };
        return;
      case 'terminal-snapshot':
        feeds.get(message.terminal)?.snapshot(message);
        return;
      case 'terminal-state':
        terminals.value = { ...terminals.value, [message.state.terminal]: message.state };
        return;
      case 'input-ack':
        feeds.get(message.terminal)?.acknowledgeInput(message.seq);
        return;
      case 'block-state':
        answered(`block:${message.block}`);
        refusals.value = without(refusals.value, message.block);
        results.value = {
          ...results.value,
          blocks: { ...results.value.blocks, [message.block]: message.state },
          done: message.state.status === 'passed' ? withDone(message.block) : results.value.done,
        };
        return;
      case 'block-refused':
        answered(`block:${message.block}`);
        refusals.value = { ...refusals.value, [message.block]: message.reason };
        return;
      case 'check-state':
        answered(`check:${message.check}`);
        results.value = {
          ...results.value,
          checks: { ...results.value.checks, [message.check]: message.state },
          done: message.state.status === 'passed' ? withDone(doneCheck(message.check)) : results.value.done,
        };
        return;
      default:
        assertNever(message);
    }
  }

  function withDone(key: string): ReadonlySet<string> {
    return new Set(results.value.done).add(key);
  }

  function openFeeds(): void {
    for (const feed of feeds.values()) feed.open(terminals.value[feed.terminal]?.inputSeq ?? 0);
  }

  function resetFeeds(): void {
    for (const feed of feeds.values()) feed.reset();
  }

  function asked(key: string): void {
    requested.value = new Set(requested.value).add(key);
  }

  function answered(key: string): void {
    if (requested.value.has(key)) requested.value = new Set([...requested.value].filter((other) => other !== key));
  }

  return {
    status,
    results,
    terminals,
    refusals,
    requested,
    changes,
    mesh,
    question,
    lost,
    dismissLost() {
      lost.value = false;
    },
    acceptCluster() {
      const asked = question.value;
      question.value = null;
      if (asked) connection.accept(asked.cluster);
    },
    runBlock(block, interrupt) {
      refusals.value = without(refusals.value, block);
      if (connection.send({ type: 'block-run', block, interrupt })) asked(`block:${block}`);
    },
    dismissRefusal(block) {
      refusals.value = without(refusals.value, block);
    },
    runCheck(check) {
      if (connection.send({ type: 'check-run', check })) asked(`check:${check}`);
    },
    interrupt: (terminal) => void connection.send({ type: 'terminal-interrupt', terminal }),
    restartShell(terminal) {
      if (connection.send({ type: 'terminal-restart', terminal })) feeds.get(terminal)?.clear();
    },
    showStep(step) {
      shownStep = step;
      connection.send({ type: 'step-shown', step });
    },
    watchMesh(windowSeconds) {
      meshWindow = windowSeconds;
      if (windowSeconds === null) mesh.value = null;
      connection.send(windowSeconds === null ? { type: 'mesh-unwatch' } : { type: 'mesh-watch', windowSeconds });
    },
    restartSession: () => void connection.send({ type: 'session-restart' }),
    attach(terminal, screen) {
      const feed = createTerminalFeed({
        terminal,
        screen,
        send: (message) => void connection.send(message),
        gap: () => connection.reconnect(),
      });
      feeds.set(terminal, feed);
      // Before the first hello it is opened with the others.
      if (status.value.phase === 'open') feed.open(terminals.value[terminal]?.inputSeq ?? 0);
      return {
        ...feed,
        dispose() {
          feed.dispose();
          if (feeds.get(terminal) === feed) feeds.delete(terminal);
        },
      };
    },
    reconnect: () => connection.reconnect(),
    dispose: () => connection.dispose(),
  };
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== key));
}

function assertNever(message: never): never {
  throw new Error(`The server sent a message that this page does not know: ${JSON.stringify(message)}`);
}
