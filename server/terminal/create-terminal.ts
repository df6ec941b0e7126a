import { CommandFeeder } from './command-feeder.ts';
import { readCommandLines } from './command-lines.ts';
import { CommandTracker, type ShellEvent } from './command-tracker.ts';
import { CtrlC } from './ctrl-c.ts';
import { findBash } from './find-bash.ts';
import { createMarkSplitter } from './mark-splitter.ts';
import { OutputBatch } from './output-batch.ts';
import { openPty, type PtyListener, type PtyOptions, type PtyProcess } from './pty-process.ts';
import { ScreenHistory } from './screen-history.ts';
import { sweepSession } from './session-sweep.ts';
import { createShellIntegration, INTEGRATION_VARIABLE } from './shell-integration.ts';
import { findSyntaxProblem } from './syntax-check.ts';
import { BusyError, type CommandEvent, type Terminal, type TerminalActivity } from './terminal.ts';

export interface TerminalOptions {
  /** Absolute path of the learner's home: the shell starts there. A `.bashrc` is written into it if it has none. */
  home: string;
  /**
   * The shell's environment, all of it but HOME, SHELL, TERM and, unless given, PATH and LANG. Never the server's
   * own, which every program of the learner could read.
   */
  env: Record<string, string>;
  /** Size in character cells, from 1. */
  columns: number;
  rows: number;
  /** A folder of the server for the shell integration's file; made when it is missing. Terminals may share it. */
  integrationDir: string;
  /** Bytes of output kept for {@link Terminal.since} and {@link Terminal.snapshot}. Default 262144 (256 KiB). */
  replayBytes?: number;
}

/** @throws Error when there is no bash, or no pty to be had. */
export function createTerminal(options: TerminalOptions): Terminal {
  const bash = findBash();
  const integration = createShellIntegration(options.integrationDir, options.home);
  const history = new ScreenHistory(options.replayBytes ?? 256 * 1024, options.columns, options.rows);
  const outputListeners = new Set<(data: Uint8Array, offset: number) => void>();
  const stateListeners = new Set<() => void>();
  const commandListeners = new Set<(event: CommandEvent) => void>();
  let delivered = 0;
  let state: TerminalActivity = 'starting';
  let exitCode: number | null = null;
  let isDisposed = false;
  /** A block is being looked at that will be fed next. */
  let isRunRequested = false;
  let fedCommand: number | null = null;

  const batch = new OutputBatch((data) => {
    const offset = delivered;
    delivered += data.length;
    for (const listener of outputListeners) listener(data, offset);
  });
  const tracker = new CommandTracker(onShellEvent);
  const feeder = new CommandFeeder({ phase: () => tracker.phase, send: (data) => pty.write(data) });
  const splitter = createMarkSplitter(integration.nonce, {
    output(bytes) {
      history.append(bytes);
      tracker.output(bytes);
      batch.push(bytes);
    },
    mark: (mark) => tracker.mark(mark),
  });
  const integrationVariable = `${INTEGRATION_VARIABLE}=${integration.file}`;
  const pty = openShell(
    {
      file: bash,
      args: ['--rcfile', integration.file],
      cwd: options.home,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        LANG: 'C.UTF-8',
        ...options.env,
        HOME: options.home,
        SHELL: bash,
        [INTEGRATION_VARIABLE]: integration.file,
      },
      columns: options.columns,
      rows: options.rows,
    },
    {
      data(chunk) {
        splitter.push(chunk);
        updateState();
      },
      exit(code) {
        splitter.end();
        exitCode = code;
        tracker.end(code);
        batch.flush();
        updateState();
        release();
      },
    },
  );

  function openShell(shell: PtyOptions, listener: PtyListener): PtyProcess {
    try {
      return openPty(shell, listener);
    } catch (error) {
      integration.dispose();
      throw error;
    }
  }

  function onShellEvent(event: ShellEvent): void {
    if (event.type === 'started' || event.type === 'output' || event.type === 'finished') {
      // Whoever hears of a command has seen what was printed until then.
      batch.flush();
      const fed = event.type === 'started' ? feeder.isTyping : fedCommand === event.id;
      if (event.type === 'started') fedCommand = fed ? event.id : null;
      for (const listener of commandListeners) listener({ ...event, fed });
    }
    feeder.event(event);
  }
  function updateState(): void {
    const next = activity();
    if (next === state || isDisposed) return;
    batch.flush();
    state = next;
    for (const listener of stateListeners) listener();
  }

  function activity(): TerminalActivity {
    if (tracker.phase === 'ended') return 'ended';
    if (state === 'starting' && tracker.phase !== 'prompt') return 'starting';
    return tracker.phase === 'prompt' && !feeder.isActive ? 'prompt' : 'running';
  }

  function release(): void {
    tracker.dispose();
    integration.dispose();
    sweepSession(pty.pid, integrationVariable);
  }

  const terminal: Terminal = {
    get state() {
      return state;
    },
    get exitCode() {
      return exitCode;
    },
    get offset() {
      return history.end;
    },
    write: (data) => feeder.write(data),
    resize(columns, rows) {
      if (history.resize(columns, rows)) pty.resize(columns, rows);
    },
    async run(command, listener) {
      const lines = readCommandLines(command);
      if (state !== 'prompt' || isRunRequested) throw new BusyError(busyMessage(state));
      isRunRequested = true;
      const problem = await findSyntaxProblem(bash, command).finally(() => (isRunRequested = false));
      if (problem !== null) return { outcome: 'syntax', message: problem };
      if (state !== 'prompt') throw new BusyError(busyMessage(state));
      const fed = feeder.feed(lines, (progress) => listener?.(progress));
      updateState();
      try {
        return await fed;
      } finally {
        updateState();
      }
    },
    interrupt(timeoutMs) {
      if (state === 'prompt' || state === 'ended') return Promise.resolve(state === 'prompt');
      if (feeder.isActive) feeder.cancel();
      return pressCtrlC(timeoutMs);
    },
    since(offset) {
      batch.flush();
      return history.since(offset);
    },
    snapshot() {
      batch.flush();
      return history.snapshot();
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    onOutput: (listener) => subscribe(outputListeners, listener),
    onState: (listener) => subscribe(stateListeners, listener),
    onCommand: (listener) => subscribe(commandListeners, listener),
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      outputListeners.clear();
      stateListeners.clear();
      commandListeners.clear();
      batch.dispose();
      if (exitCode !== null) return;
      state = 'ended';
      pty.dispose();
      // A run that waits must not wait for ever.
      tracker.end(128 + 1);
      release();
    },
  };

  function pressCtrlC(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const ctrlC = new CtrlC((keys) => pty.write(keys));
      const finish = () => {
        clearTimeout(timer);
        ctrlC.stop();
        stop();
        resolve(state === 'prompt');
      };
      const timer = setTimeout(finish, timeoutMs);
      const stop = terminal.onState(() => {
        if (state !== 'running' && state !== 'starting') finish();
      });
      ctrlC.press();
    });
  }

  return terminal;
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function busyMessage(state: TerminalActivity): string {
  if (state === 'ended') return 'The shell has ended. Start a new one.';
  if (state === 'starting') return 'The shell has not shown its prompt yet. Try again in a moment.';
  return 'A command still runs in this terminal. Interrupt it first, or wait for its end.';
}
