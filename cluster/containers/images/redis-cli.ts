import { NetworkError, type Connection } from '../../network/connection.ts';
import type { Process, Program } from '../process/process.ts';
import { resolveHost } from '../programs/curl/connection.ts';

/** A reply of the Redis protocol. */
type Reply =
  | { kind: 'simple' | 'error'; text: string }
  | { kind: 'integer'; value: number }
  | { kind: 'bulk'; text: string | null }
  | { kind: 'array'; items: Reply[] };

/** redis-cli with `-h HOST`, `-p PORT` and a command; without one it reads them line by line. */
export const redisCli: Program = async (process) => {
  const words = process.args.slice(1);
  let [host, port] = ['127.0.0.1', 6379];
  while (words[0]?.startsWith('-') === true) {
    const option = words.shift() ?? '';
    if (option === '-h') host = words.shift() ?? host;
    else if (option === '-p') port = Number(words.shift());
    else if (option === '-n' || option === '-a') words.shift();
    else if (option === '--version' || option === '-v') {
      await process.print('redis-cli 7.4.1\n');
      return 0;
    } else if (option !== '--raw' && option !== '--no-auth-warning') {
      await process.printError(`Unrecognized option or bad number of args for: '${option}'\n`);
      return 1;
    }
  }
  const connection = await connect(process, host, port);
  if (typeof connection === 'string') {
    await process.printError(`Could not connect to Redis at ${host}:${port}: ${connection}\n`);
    return 1;
  }
  try {
    const session = new Session(process, connection);
    if (words.length > 0) return await session.run(words);
    const isTerminal = process.isTerminal(0);
    if (isTerminal) await process.print(`${host}:${port}> `);
    for await (const line of process.lines()) {
      const command = [...line.matchAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|(\S+)/g)].map(
        ([, a, b, c]) => a ?? b ?? c ?? '',
      );
      if (command[0] === 'exit' || command[0]?.toLowerCase() === 'quit') return 0;
      if (command.length > 0) await session.run(command);
      if (isTerminal) await process.print(`${host}:${port}> `);
    }
    return 0;
  } finally {
    connection.destroy();
  }
};

/** @returns the reason when there is no connection */
async function connect(process: Process, host: string, port: number): Promise<Connection | string> {
  const [ip] = resolveHost(process, host) ?? [];
  if (ip === undefined) return 'Name or service not known';
  try {
    return await process.race(process.container.network.connect({ ip, port }, { uid: process.uid }));
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return error.code === 'ECONNREFUSED' ? 'Connection refused' : 'Connection timed out';
  }
}

class Session {
  readonly #process: Process;
  readonly #connection: Connection;
  #input = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  constructor(process: Process, connection: Connection) {
    this.#process = process;
    this.#connection = connection;
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    connection.on('data', (chunk: Buffer) => {
      this.#input = Buffer.concat([this.#input, chunk]);
      this.#wake();
    });
    connection.on('end', end);
    connection.on('close', end);
  }

  /** @returns the exit status of a command line */
  async run(words: readonly string[]): Promise<number> {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#connection.write(`*${words.length}\r\n${parts.join('')}`);
    const reply = await this.#read();
    if (reply === null) {
      await this.#process.printError('Error: Server closed the connection\n');
      return 1;
    }
    const text = this.#process.isTerminal(1) ? formatted(reply, '') : raw(reply);
    await this.#process.print(`${text}\n`);
    return reply.kind === 'error' ? 1 : 0;
  }

  async #read(): Promise<Reply | null> {
    for (;;) {
      const found = parseReply(this.#input, 0);
      if (found !== null) {
        this.#input = this.#input.subarray(found.end);
        return found.reply;
      }
      if (this.#ended) return null;
      await this.#process.race(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      );
    }
  }
}

/** The reply that begins at `start`; null while it is not complete. */
function parseReply(input: Buffer, start: number): { reply: Reply; end: number } | null {
  const lineEnd = input.indexOf('\r\n', start);
  if (lineEnd === -1) return null;
  const sign = String.fromCharCode(input[start] ?? 0);
  const line = input.toString('utf8', start + 1, lineEnd);
  const next = lineEnd + 2;
  if (sign === '+' || sign === '-')
    return { reply: { kind: sign === '+' ? 'simple' : 'error', text: line }, end: next };
  if (sign === ':') return { reply: { kind: 'integer', value: Number(line) }, end: next };
  if (sign === '$') {
    const length = Number(line);
    if (length < 0) return { reply: { kind: 'bulk', text: null }, end: next };
    if (input.length < next + length + 2) return null;
    return { reply: { kind: 'bulk', text: input.toString('utf8', next, next + length) }, end: next + length + 2 };
  }
  const items: Reply[] = [];
  let end = next;
  for (let left = Number(line); left > 0; left -= 1) {
    const item = parseReply(input, end);
    if (item === null) return null;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: { kind: 'array', items }, end };
}

/** What goes to a pipe. */
function raw(reply: Reply): string {
  switch (reply.kind) {
    case 'simple':
    case 'error':
      return reply.text;
    case 'integer':
      return String(reply.value);
    case 'bulk':
      return reply.text ?? '';
    case 'array':
      return reply.items.map(raw).join('\n');
    default: {
      const never: never = reply;
      return never;
    }
  }
}

/** What goes to a terminal. */
function formatted(reply: Reply, indent: string): string {
  switch (reply.kind) {
    case 'simple':
      return reply.text;
    case 'error':
      return `(error) ${reply.text}`;
    case 'integer':
      return `(integer) ${reply.value}`;
    case 'bulk':
      return reply.text === null ? '(nil)' : JSON.stringify(reply.text);
    case 'array':
      if (reply.items.length === 0) return '(empty array)';
      return reply.items
        .map((item, index) => `${index === 0 ? '' : indent}${index + 1}) ${formatted(item, `${indent}   `)}`)
        .join('\n');
    default: {
      const never: never = reply;
      return never;
    }
  }
}
