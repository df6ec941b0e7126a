import type { Connection } from '../../network/connection.ts';
import type { Process, Program } from '../process/process.ts';
import type { Image } from './image.ts';
import { redisCli } from './redis-cli.ts';
import { RedisValues } from './redis-values.ts';
import { listenUntilStopped } from './serve.ts';

const PORT = 6379;

/** Redis 7.4 with strings, lists, hashes, sets and expiry, in memory; its data ends with the container. */
const redisServer: Program = async (process) => {
  const values = new RedisValues(() => process.container.clock.now());
  for (const text of [
    '# oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo',
    `# Redis version=7.4.1, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
    '* Running mode=standalone, port=6379.',
    '* Server initialized',
    '* Ready to accept connections tcp',
  ]) {
    await process.print(`${process.pid}:M ${logTime(process)} ${text}\n`);
  }
  const status = await listenUntilStopped(process, new Map([[PORT, (connection) => serve(connection, values)]]));
  await process.print(`${process.pid}:M ${logTime(process)} # Redis is now ready to exit, bye bye...\n`);
  return status;
};

/** `21 Nov 2026 16:12:34.123` */
function logTime(process: Process): string {
  const time = new Date(process.container.clock.now());
  const [, day = '', month = '', year = ''] = /^\w+, (\d+) (\w+) (\d+)/.exec(time.toUTCString()) ?? [];
  return `${day} ${month} ${year} ${time.toISOString().slice(11, 23)}`;
}

/** Bytes of commands that one client may have unanswered. */
const MAX_INPUT = 1024 * 1024;

function serve(connection: Connection, values: RedisValues): void {
  let input = '';
  connection.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    if (input.length > MAX_INPUT) {
      connection.destroy();
      return;
    }
    for (;;) {
      const command = takeCommand(input);
      if (command === null) return;
      input = input.slice(command.length);
      if (command.words.length === 0) continue;
      connection.write(values.reply(command.words), 'latin1');
      if (command.words[0]?.toUpperCase() === 'QUIT') connection.end();
    }
  });
  connection.on('end', () => connection.end());
}

/** The next command, inline or as an array of bulk strings; null while it is not complete. */
function takeCommand(input: string): { words: string[]; length: number } | null {
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

export const redisImage: Image = {
  repositories: ['redis', 'bitnami/redis'],
  exposes: [6379],
  userland: 'busybox',
  workingDirectory: '/data',
  entrypoint: ['redis-server'],
  programs: { '/usr/local/bin/redis-server': redisServer, '/usr/local/bin/redis-cli': redisCli },
};
