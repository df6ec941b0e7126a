import { Agent, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '../../network/connection.ts';
import type { Process, Program } from '../process/process.ts';
import { resolveHost } from '../programs/curl/connection.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped, readBody } from './serve.ts';

const VERSION = '1.69.5';

/** Flags that are read, with whether a value follows. */
const FLAGS: Readonly<Record<string, boolean>> = {
  c: true,
  n: true,
  qps: true,
  t: true,
  H: true,
  loglevel: true,
  timeout: true,
  quiet: false,
};

interface Options {
  values: Map<string, string>;
  headers: Record<string, string>;
  url: URL;
  /** For one call. Milliseconds. */
  timeoutMs: number;
}

/**
 * fortio: `load`, `curl` and `server`. Left out: histograms (percentiles are shown), HTTPS, gRPC, UDP, the web pages and
 * flags other than `-c`, `-n`, `-t`, `-qps`, `-H`, `-timeout`, `-quiet` and `-loglevel`, which has nothing to do: warnings
 * are not written.
 */
const fortio: Program = async (process) => {
  const [, verb = '', ...args] = process.args;
  if (verb === 'version') {
    await process.print(`${VERSION}\n`);
    return 0;
  }
  if (verb === 'server') return serve(process);
  if (verb !== 'load' && verb !== 'curl') {
    await process.printError(
      `Error: unexpected command ${JSON.stringify(verb)}: simulated are load, curl, server and version\n`,
    );
    return 1;
  }
  const options = readOptions(args);
  if (typeof options === 'string') {
    await process.printError(`${options}\n`);
    return 1;
  }
  return verb === 'curl' ? curlOnce(process, options) : load(process, options);
};

function readOptions(args: readonly string[]): Options | string {
  const values = new Map<string, string>();
  const headers: Record<string, string> = {};
  const rest = [...args];
  while (rest[0]?.startsWith('-')) {
    const [name = '', attached] = (rest.shift() ?? '').replace(/^--?/, '').split(/=(.*)/s);
    const takes = FLAGS[name];
    if (takes === undefined) return `flag provided but not defined: -${name}`;
    const value = takes ? (attached ?? rest.shift() ?? '') : (attached ?? 'true');
    values.set(name, value);
    if (name === 'H') {
      const [header = '', text = ''] = value.split(/:\s*(.*)/s);
      headers[header] = text;
    }
  }
  const [target] = rest;
  if (target === undefined) return 'Error: need a url as parameter';
  try {
    const url = new URL(target.includes('://') ? target : `http://${target}`);
    if (url.protocol !== 'http:') return `Error: only http is simulated, not ${url.protocol}`;
    return { values, headers, url, timeoutMs: readDuration(values.get('timeout') ?? '3s') };
  } catch {
    return `Error: cannot parse url ${JSON.stringify(target)}`;
  }
}

/** `10s`, `500ms`, `2m` in milliseconds; 0 for anything else. */
function readDuration(text: string): number {
  const [, amount = '0', unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  return Number(amount) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

interface Got {
  /** -1: no answer, as fortio counts it. */
  status: number;
  head: string;
  body: Buffer;
}

/** What one of fortio's threads has: a connection that it keeps, and how often it had to open one. */
class Caller {
  sockets = 0;
  readonly #agent: Agent;
  readonly #process: Process;
  readonly #options: Options;
  readonly #open = new Set<Connection>();

  constructor(process: Process, options: Options) {
    this.#process = process;
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agent.createConnection = (_options, done) => {
      this.#connect().then(
        (connection) => done?.(null, connection as Duplex),
        (error: Error) => done?.(error, undefined as unknown as Duplex),
      );
      return undefined;
    };
  }

  async #connect(): Promise<Connection> {
    const { hostname, port } = this.#options.url;
    const [ip] = resolveHost(this.#process, hostname) ?? [];
    if (ip === undefined) throw new Error(`lookup ${hostname}: no such host`);
    const { network } = this.#process.container;
    const connection = await network.connect({ ip, port: Number(port || 80) }, { uid: this.#process.uid });
    this.sockets += 1;
    this.#open.add(connection);
    connection.once('close', () => this.#open.delete(connection));
    return connection;
  }

  call(): Promise<Got> {
    const { url, headers, timeoutMs } = this.#options;
    return new Promise((resolve) => {
      const failed = (error: Error): void => {
        cancel();
        resolve({ status: -1, head: error.message, body: Buffer.alloc(0) });
      };
      const outgoing = httpRequest({
        agent: this.#agent,
        host: url.hostname,
        port: Number(url.port || 80),
        path: url.pathname + url.search,
        headers: { Host: url.host, 'User-Agent': `fortio.org/fortio-${VERSION}`, ...headers },
      });
      outgoing.on('error', failed);
      outgoing.on('response', (incoming) => {
        const names: string[] = [];
        for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
          names.push(`${incoming.rawHeaders[index] ?? ''}: ${incoming.rawHeaders[index + 1] ?? ''}\r\n`);
        }
        const status = incoming.statusCode ?? -1;
        const head = `HTTP/1.1 ${status} ${incoming.statusMessage ?? ''}\r\n${names.join('')}\r\n`;
        readBody(incoming).then((body) => {
          cancel();
          resolve({ status, head, body });
        }, failed);
      });
      const cancel = this.#process.container.clock.schedule(timeoutMs, () =>
        outgoing.destroy(new Error('i/o timeout')),
      );
      outgoing.end();
    });
  }

  dispose(): void {
    this.#agent.destroy();
    for (const connection of this.#open) connection.destroy();
  }
}

async function curlOnce(process: Process, options: Options): Promise<number> {
  const caller = new Caller(process, options);
  try {
    const { status, head, body } = await process.race(caller.call());
    if (status === -1) {
      await process.printError(`Error ${head}\nAborting because of dial error\n`);
      return 1;
    }
    if (!options.values.has('quiet')) await process.printError(`> GET ${options.url.pathname} HTTP/1.1\n`);
    await process.print(head + body.toString('utf8'));
    if (status !== 200) await process.printError(`Error status ${status} : \n`);
    return status === 200 ? 0 : 1;
  } finally {
    caller.dispose();
  }
}

async function load(process: Process, options: Options): Promise<number> {
  const { clock } = process.container;
  const { values, url } = options;
  const threads = Math.max(1, Number(values.get('c') ?? 4));
  const qps = Number(values.get('qps') ?? 8);
  const durationMs = readDuration(values.get('t') ?? '5s');
  const exactly = values.has('n') ? Math.max(1, Number(values.get('n'))) : null;
  if (![threads, qps, exactly ?? 0].every(Number.isFinite)) {
    await process.printError('Error: -c, -n and -qps are numbers\n');
    return 1;
  }
  const total = exactly ?? (qps > 0 ? Math.max(1, Math.round((qps * durationMs) / 1000)) : null);
  const howMany = exactly === null ? `for ${durationMs / 1000}s` : `for ${exactly} calls`;
  await process.print(`Fortio ${VERSION} running at ${qps} queries per second, 2->2 procs, ${howMany}: ${url.href}\n`);

  const callers = Array.from({ length: threads }, () => new Caller(process, options));
  const codes = new Map<number, number>();
  const times: number[] = [];
  const begun = clock.now();
  let started = 0;
  const run = async (caller: Caller): Promise<void> => {
    while (total === null ? clock.now() - begun < durationMs : started < total) {
      const turn = started;
      started += 1;
      if (qps > 0) {
        const wait = begun + (turn * 1000) / qps - clock.now();
        if (wait > 0) await process.sleep(wait);
      }
      const at = clock.now();
      const { status } = await process.race(caller.call());
      times.push(Math.max(0.1, clock.now() - at) / 1000);
      codes.set(status, (codes.get(status) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(callers.map(run));
  } finally {
    for (const caller of callers) caller.dispose();
  }
  await process.print(
    report(
      times,
      codes,
      (clock.now() - begun) / 1000,
      threads,
      callers.reduce((sum, one) => sum + one.sockets, 0),
    ),
  );
  return 0;
}

function report(
  times: number[],
  codes: ReadonlyMap<number, number>,
  elapsed: number,
  threads: number,
  sockets: number,
): string {
  const count = times.length;
  const sorted = [...times].sort((a, b) => a - b);
  const sum = sorted.reduce((all, one) => all + one, 0);
  const average = sum / count;
  const spread = Math.sqrt(sorted.reduce((all, one) => all + (one - average) ** 2, 0) / count);
  const short = (value: number): string => String(Number(value.toPrecision(7)));
  const rate = (count / Math.max(elapsed, 0.001)).toFixed(2);
  const lines = [
    `Ended after ${Math.round(elapsed * 1000)}ms : ${count} calls. qps=${rate}`,
    `Aggregated Function Time : count ${count} avg ${short(average)} +/- ${short(spread)} min ${short(sorted[0] ?? 0)} max ${short(sorted.at(-1) ?? 0)} sum ${short(sum)}`,
    ...[50, 75, 90, 99, 99.9].map((percent) => {
      const value = sorted[Math.min(count - 1, Math.ceil((percent / 100) * count) - 1)] ?? 0;
      return `# target ${percent}% ${short(value)}`;
    }),
    `Sockets used: ${sockets} (for perfect keepalive, would be ${Math.min(threads, count)})`,
    ...[...codes]
      .sort(([a], [b]) => a - b)
      .map(([code, times]) => `Code ${String(code).padStart(3)} : ${times} (${((100 * times) / count).toFixed(1)} %)`),
    `All done ${count} calls (plus 0 warmup) ${(average * 1000).toFixed(3)} ms avg, ${Number(rate).toFixed(1)} qps`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The echo server: what is sent comes back; `?status=503` and `?delay=10ms` say how. */
async function serve(process: Process): Promise<number> {
  await process.printError(`Fortio ${VERSION} Multi hello server is running on port 8080\n`);
  const accept = httpAcceptor(process, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const status = Number(url.searchParams.get('status') ?? 200);
    const reply = async (): Promise<void> => {
      const body = await readBody(request);
      await process.sleep(readDuration(url.searchParams.get('delay') ?? ''));
      answer(response, status >= 200 && status < 600 ? status : 200, [['Date', httpDate(process)]], body);
    };
    reply().catch(() => response.destroy());
  });
  return listenUntilStopped(process, new Map([[8080, accept]]));
}

export const fortioImage: Image = {
  repositories: ['fortio/fortio'],
  userland: 'none',
  entrypoint: ['/usr/bin/fortio'],
  command: ['server', '-config-dir', '/etc/fortio'],
  programs: { '/usr/bin/fortio': fortio },
};
