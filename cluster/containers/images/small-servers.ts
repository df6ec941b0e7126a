import type { Connection } from '../../network/connection.ts';
import type { Process, Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { answer, httpAcceptor, httpDate, listenUntilStopped } from './serve.ts';

const HELLO = `
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

`;

const hello: Program = async (process) => {
  await process.print(HELLO);
  return 0;
};

/** hashicorp/http-echo 1.0: one text for every request. */
const httpEcho: Program = async (process) => {
  let listen = ':5678';
  let text = process.environment.get('ECHO_TEXT') ?? 'hello-world';
  const args = process.args.slice(1);
  while (args.length > 0) {
    const [name = '', attached] = (args.shift() ?? '').replace(/^--?/, '').split(/=(.*)/s);
    const value = attached ?? args.shift() ?? '';
    if (name === 'listen') listen = value;
    else if (name === 'text') text = value;
    else if (name !== 'status-code') {
      await process.printError(`flag provided but not defined: -${name}\n`);
      return 127;
    }
  }
  const port = Number(listen.split(':').at(-1));
  await process.print(
    `${process.container.clock.now()} [INFO] server is listening on ${listen}\n`.replace(/^\d+/, stamp(process)),
  );
  const accept = httpAcceptor(process, (request, response) => {
    if (request.url === '/health') {
      answer(
        response,
        200,
        [
          ['X-App-Name', 'http-echo'],
          ['X-App-Version', '1.0.0'],
          ['Date', httpDate(process)],
          ['Content-Type', 'application/json; charset=utf-8'],
        ],
        '{"status":"ok"}\n',
      );
      return;
    }
    answer(
      response,
      200,
      [
        ['X-App-Name', 'http-echo'],
        ['X-App-Version', '1.0.0'],
        ['Date', httpDate(process)],
        ['Content-Type', 'text/plain; charset=utf-8'],
      ],
      `${text}\n`,
    );
  });
  return listenUntilStopped(process, new Map([[port, accept]]));
};

function stamp(process: Process): string {
  return new Date(process.container.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}

/** Strings only, in memory: PING, ECHO, SET, GET, DEL, EXISTS, INCR, KEYS, DBSIZE, INFO, QUIT. */
const redisServer: Program = (process) => {
  const values = new Map<string, string>();
  return listenUntilStopped(process, new Map([[6379, (connection: Connection) => serveRedis(connection, values)]]));
};

/** Bytes of commands that one client may have unanswered. */
const MAX_REDIS_INPUT = 1024 * 1024;

function serveRedis(connection: Connection, values: Map<string, string>): void {
  let input = '';
  connection.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    if (input.length > MAX_REDIS_INPUT) {
      connection.destroy();
      return;
    }
    for (;;) {
      const command = takeRedisCommand(input);
      if (command === null) return;
      input = input.slice(command.length);
      if (command.words.length === 0) continue;
      connection.write(redisReply(command.words, values), 'latin1');
      if (command.words[0]?.toUpperCase() === 'QUIT') connection.end();
    }
  });
  connection.on('end', () => connection.end());
}

/** The next command, inline or as an array of bulk strings; null while it is not complete. */
function takeRedisCommand(input: string): { words: string[]; length: number } | null {
  const end = input.indexOf('\n');
  if (end === -1) return null;
  const line = input.slice(0, end).replace(/\r$/, '');
  if (!line.startsWith('*')) return { words: line.split(/\s+/).filter(Boolean), length: end + 1 };
  const words: string[] = [];
  let position = end + 1;
  for (let left = Number(line.slice(1)); left > 0; left -= 1) {
    const header = /^\$(\d+)\r\n/.exec(input.slice(position, position + 32));
    if (header === null) return null;
    const start = position + header[0].length;
    const length = Number(header[1]);
    if (input.length < start + length + 2) return null;
    words.push(input.slice(start, start + length));
    position = start + length + 2;
  }
  return { words, length: position };
}

/** What all values of one server may have together. */
const MAX_REDIS_BYTES = 4 * 1024 * 1024;

function sizeOf(values: ReadonlyMap<string, string>): number {
  let size = 0;
  for (const [key, value] of values) size += key.length + value.length + 64;
  return size;
}

function bulk(value: string | undefined): string {
  return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
}

function redisReply([name = '', ...args]: readonly string[], values: Map<string, string>): string {
  const [key = '', value = ''] = args;
  switch (name.toUpperCase()) {
    case 'PING':
      return args.length === 0 ? '+PONG\r\n' : bulk(key);
    case 'ECHO':
      return bulk(key);
    case 'SET':
      if (sizeOf(values) + value.length > MAX_REDIS_BYTES)
        return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
      values.set(key, value);
      return '+OK\r\n';
    case 'GET':
      return bulk(values.get(key));
    case 'DEL':
      return `:${args.filter((each) => values.delete(each)).length}\r\n`;
    case 'EXISTS':
      return `:${args.filter((each) => values.has(each)).length}\r\n`;
    case 'INCR': {
      const next = Number(values.get(key) ?? '0') + 1;
      if (!Number.isInteger(next)) return '-ERR value is not an integer or out of range\r\n';
      values.set(key, String(next));
      return `:${next}\r\n`;
    }
    case 'KEYS':
      return `*${values.size}\r\n${[...values.keys()].map(bulk).join('')}`;
    case 'DBSIZE':
      return `:${values.size}\r\n`;
    case 'INFO':
      return bulk('# Server\r\nredis_version:7.4.1\r\nredis_mode:standalone\r\n');
    case 'QUIT':
      return '+OK\r\n';
    default:
      return `-ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}' `).join('')}\r\n`;
  }
}

export const smallServerImages: readonly Image[] = [
  { repositories: ['hello-world'], userland: 'none', command: ['/hello'], programs: { '/hello': hello } },
  {
    repositories: ['hashicorp/http-echo'],
    userland: 'none',
    user: { uid: 65_532, name: 'nonroot', home: '/home/nonroot' },
    entrypoint: ['/http-echo'],
    programs: { '/http-echo': httpEcho },
  },
  {
    repositories: ['redis'],
    userland: 'busybox',
    workingDirectory: '/data',
    entrypoint: ['redis-server'],
    programs: { '/usr/local/bin/redis-server': redisServer },
  },
];
