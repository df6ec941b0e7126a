import { PassThrough, Writable } from 'node:stream';
import { type Clock } from '../../clock.ts';
import { ExecError, type RunningContainer } from '../../containers/runtime.ts';
import { type Container, type Probe } from '../../objects/kinds/pod-types.ts';

/** Runs one probe of one container until stopped. */
export interface ProbeRun {
  stop(): void;
}

// A container that is not ready yet is asked more often than its period says, so that nobody waits for a
// readiness probe of ten seconds; upstream probes at once after a start as well.
const FIRST_PROBE_MS = 20;
const UNREADY_PERIOD_MS = 1_000;

export interface ProbeOutcome {
  ok: boolean;
  /** What a failed probe says in its event. */
  message: string;
}

/**
 * @param onChange the probe passed its success threshold, or its failure threshold
 * @param onFailure each single failure
 */
export function startProbe(
  clock: Clock,
  spec: Container,
  probe: Probe,
  running: RunningContainer,
  podIp: string,
  handlers: { onChange(ok: boolean): void; onFailure(message: string): void },
): ProbeRun {
  let stopped = false;
  let cancel: () => void = () => {};
  let streak = 0;
  let last: boolean | undefined;
  let passing = false;
  const period = (probe.periodSeconds ?? 10) * 1000;

  function next(delayMs: number): void {
    if (!stopped) cancel = clock.schedule(delayMs, () => void run());
  }

  async function run(): Promise<void> {
    const outcome = await check(spec, probe, running, podIp);
    if (stopped) return;
    streak = outcome.ok === last ? streak + 1 : 1;
    last = outcome.ok;
    if (!outcome.ok) handlers.onFailure(outcome.message);
    const threshold = outcome.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (streak >= threshold && (outcome.ok || streak === threshold)) {
      passing = outcome.ok;
      handlers.onChange(outcome.ok);
    }
    next(passing ? period : Math.min(period, UNREADY_PERIOD_MS));
  }

  next((probe.initialDelaySeconds ?? 0) * 1000 || FIRST_PROBE_MS);
  return {
    stop() {
      stopped = true;
      cancel();
    },
  };
}

async function check(spec: Container, probe: Probe, running: RunningContainer, ip: string): Promise<ProbeOutcome> {
  if (probe.exec) return checkExec(probe.exec.command ?? [], running);
  const port = portNumber(spec, probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port ?? 0);
  if (running.listensOn(port)) return { ok: true, message: '' };
  if (probe.httpGet) {
    const { scheme = 'HTTP', path = '/' } = probe.httpGet;
    const url = `${scheme.toLowerCase()}://${ip}:${port}${path}`;
    return { ok: false, message: `Get ${JSON.stringify(url)}: dial tcp ${ip}:${port}: connect: connection refused` };
  }
  return { ok: false, message: `dial tcp ${ip}:${port}: connect: connection refused` };
}

function portNumber(spec: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  return spec.ports?.find((one) => one.name === port)?.containerPort ?? Number(port);
}

async function checkExec(command: readonly string[], running: RunningContainer): Promise<ProbeOutcome> {
  const output: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (output.length < 16) output.push(chunk);
      done();
    },
  });
  const stdin = new PassThrough();
  stdin.end();
  try {
    const code = await running.exec(command, { stdin, stdout: sink, stderr: sink, terminal: null }).exited;
    return { ok: code === 0, message: Buffer.concat(output).toString().slice(0, 1024) };
  } catch (error) {
    if (error instanceof ExecError) return { ok: false, message: error.message };
    throw error;
  }
}
