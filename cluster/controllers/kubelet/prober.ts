import { PassThrough, Writable, type Duplex } from 'node:stream';
import { type Clock } from '../../clock.ts';
import { ExecError, type RunningContainer } from '../../containers/runtime.ts';
import { Connection, NetworkError } from '../../network/connection.ts';
import { type Container, type Probe } from '../../objects/kinds/pod-types.ts';
import { probeHttp } from './probe-http.ts';

/** Runs one probe of one container until stopped. */
export interface ProbeRun {
  stop(): void;
}

// A container that is not ready yet is asked more often than its period says, so that nobody waits for a
// readiness probe of ten seconds; upstream probes at once after a start as well.
const FIRST_PROBE_MS = 20;
const UNREADY_PERIOD_MS = 1_000;

/** The network side of the pod. */
export interface ProbedPod {
  readonly ip: string;
  /** Null when nothing listens. */
  dial(port: number): Duplex | null;
}

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
  sandbox: ProbedPod,
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
    const outcome = await check(clock, spec, probe, running, sandbox);
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

async function check(
  clock: Clock,
  spec: Container,
  probe: Probe,
  running: RunningContainer,
  sandbox: ProbedPod,
): Promise<ProbeOutcome> {
  if (probe.exec) return checkExec(probe.exec.command ?? [], running);
  const port = portNumber(spec, probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port ?? 0);
  const address = `${sandbox.ip}:${port}`;
  // The programs speak no TLS of their own: behind HTTPS only the port is looked at.
  if (!probe.httpGet || probe.httpGet.scheme === 'HTTPS') {
    return running.listensOn(port)
      ? { ok: true, message: '' }
      : { ok: false, message: `dial tcp ${address}: connect: connection refused` };
  }
  return checkHttp(clock, probe, address, () => sandbox.dial(port));
}

/** Kubernetes 1.36, pkg/probe/http/http.go, DoHTTPProbe: any status from 200 to 399 is a success. */
async function checkHttp(
  clock: Clock,
  probe: Probe,
  address: string,
  dial: () => Duplex | null,
): Promise<ProbeOutcome> {
  const { path = '/', host, httpHeaders = [] } = probe.httpGet ?? {};
  const failed = (why: string) => ({
    ok: false,
    message: `Get ${JSON.stringify(`http://${host ?? address}${path}`)}: ${why}`,
  });
  const connection = dial();
  if (!connection) return failed(`dial tcp ${address}: connect: connection refused`);
  const timeout = new AbortController();
  const cancel = clock.schedule((probe.timeoutSeconds ?? 1) * 1000, () => timeout.abort());
  const headers = {
    Host: host ?? address,
    'User-Agent': 'kube-probe/1.36',
    Accept: '*/*',
    Connection: 'close',
    ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
  };
  try {
    const status = await probeHttp(connection, { path, headers, signal: timeout.signal });
    if (status >= 200 && status < 400) return { ok: true, message: '' };
    return { ok: false, message: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    if (timeout.signal.aborted) {
      return failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
    }
    if (!(error instanceof Error)) throw error;
    // As a sidecar does that takes no plaintext.
    if (error instanceof NetworkError && error.code === 'ECONNRESET' && connection instanceof Connection) {
      const { ip, port } = connection.local;
      return failed(`read tcp ${ip}:${port}->${address}: read: connection reset by peer`);
    }
    return failed('EOF');
  } finally {
    cancel();
  }
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
