import { get } from 'node:http';
import type { ClientMachine } from './client-machine.ts';
import { fits, type Block, type Step } from './script.ts';

const STEP_TIMEOUT_MS = 60_000;

/** Runs a block of the script. @returns what was not as it says; empty when all was */
export async function runBlock(machine: ClientMachine, block: Block): Promise<string[]> {
  switch (block.form) {
    case 'plain':
      return runPlain(machine, block);
    case 'terminal':
      return runTerminal(machine, block);
    case 'background':
      return runBackground(machine, block);
    default: {
      const never: never = block.form;
      return never;
    }
  }
}

async function runPlain(machine: ClientMachine, block: Block): Promise<string[]> {
  const { exit, stdout, stderr } = await machine.run(block.command);
  const [out, err] = [stdout.split('\n'), stderr.split('\n')];
  const problems = [
    ...(block.exit === '*' || block.exit === String(exit) ? [] : [`exit status ${exit}, not ${block.exit}`]),
    ...block.stdout.filter((pattern) => !out.some((line) => fits(pattern, line))).map((one) => `no line > ${one}`),
    ...block.stderr.filter((pattern) => !err.some((line) => fits(pattern, line))).map((one) => `no line ! ${one}`),
    ...block.absent
      .filter((pattern) => [...out, ...err].some((line) => line !== '' && fits(pattern, line)))
      .map((one) => `a line - ${one}`),
  ];
  return problems.length === 0 ? [] : [...problems, `stdout: ${stdout}`, `stderr: ${stderr}`];
}

/** What has come so far, and what of it nobody has looked at. */
class Screen {
  #seen = '';
  #unread = '';
  #waiter: (() => void) | undefined;

  get seen(): string {
    return this.#seen;
  }

  add(text: string): void {
    this.#seen += text;
    this.#unread += text;
    this.#waiter?.();
  }

  /** Resolves once `text` has come; the next search begins behind it. */
  async find(text: string): Promise<boolean> {
    const until = Date.now() + STEP_TIMEOUT_MS;
    for (;;) {
      const at = this.#unread.indexOf(text);
      if (at >= 0) {
        this.#unread = this.#unread.slice(at + text.length);
        return true;
      }
      const left = until - Date.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiter = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

async function runTerminal(machine: ClientMachine, block: Block): Promise<string[]> {
  const pty = machine.runInTerminal(block.command);
  const screen = new Screen();
  const exited = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  pty.onData((data) => screen.add(data));
  try {
    for (const step of block.steps) {
      if (step.kind === 'type') pty.write(step.text);
      else if (step.kind === 'resize') pty.resize(step.columns, step.rows);
      else if (step.kind === 'see' && !(await screen.find(step.text))) {
        return [`never saw @ ${step.text}`, `screen: ${JSON.stringify(screen.seen)}`];
      }
    }
    const exit = await withTimeout(exited);
    if (exit === undefined) return ['did not end', `screen: ${JSON.stringify(screen.seen)}`];
    if (block.exit === '*' || block.exit === String(exit)) return [];
    return [`exit status ${exit}, not ${block.exit}`, `screen: ${JSON.stringify(screen.seen)}`];
  } finally {
    pty.kill('SIGKILL');
  }
}

async function runBackground(machine: ClientMachine, block: Block): Promise<string[]> {
  const child = machine.runInBackground(block.command);
  const screen = new Screen();
  const exited = new Promise<void>((resolve) => child.on('close', () => resolve()));
  child.stdout?.on('data', (data: Buffer) => screen.add(data.toString()));
  child.stderr?.on('data', (data: Buffer) => screen.add(data.toString()));
  const problems: string[] = [];
  try {
    for (const step of block.steps) {
      if (step.kind === 'see' && !(await screen.find(step.text))) problems.push(`never saw @ ${step.text}`);
      if (step.kind === 'request') problems.push(...(await tryRequest(screen, step)));
      if (problems.length > 0) return [...problems, `output: ${screen.seen}`];
    }
    return [];
  } finally {
    child.kill('SIGINT');
    await withTimeout(exited);
    child.kill('SIGKILL');
  }
}

async function tryRequest(screen: Screen, step: Step & { kind: 'request' }): Promise<string[]> {
  const port = /127\.0\.0\.1:(\d+)/.exec(screen.seen)?.[1];
  const { status, body } = await request(`http://127.0.0.1:${port}${step.path}`);
  const lines = body.split('\n');
  return [
    ...(status === step.status ? [] : [`GET ${step.path}: status ${status}, not ${step.status}`]),
    ...step.body.filter((pattern) => !lines.some((line) => fits(pattern, line))).map((one) => `no line > ${one}`),
  ];
}

/** The status; `closed` when the connection ends without an answer. */
function request(url: string): Promise<{ status: string; body: string }> {
  return new Promise((resolve) => {
    const sent = get(url, { agent: false, timeout: STEP_TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: String(response.statusCode), body }));
      response.on('error', () => resolve({ status: 'cut', body }));
    });
    sent.on('error', () => resolve({ status: 'closed', body: '' }));
    sent.on('timeout', () => sent.destroy());
  });
}

/** Undefined when it took too long. */
async function withTimeout<T>(promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), STEP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
