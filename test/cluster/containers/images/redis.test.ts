import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollFor } from '../poll-for.ts';
import { TestCluster, type TestPod } from '../test-cluster.ts';

let cluster: TestCluster;
let redis: TestPod;
let client: TestPod;

beforeAll(async () => {
  cluster = new TestCluster();
  redis = cluster.pod({ image: 'redis:7.4-alpine' });
  client = cluster.pod({ command: ['sleep', 'infinity'] });
  await pollFor('the server', () => redis.containers.get('app')?.listensOn(6379) === true);
});
afterAll(() => cluster.dispose());

test('says when it is ready', () => {
  const last = redis.containers.get('app')?.log.lines().at(-1)?.text;
  expect(last).toMatch(/^1:M \d\d \w{3} \d{4} [\d:.]{12} \* Ready to accept connections tcp$/);
});

test.each([
  ['PING', 'PONG'],
  ['SET greeting hello', 'OK'],
  ['GET greeting', 'hello'],
  ['GET nothing', ''],
  ['INCR hits', '1'],
  ['INCRBY hits 41', '42'],
  ['INCR greeting', 'ERR value is not an integer or out of range'],
  ['APPEND greeting !', '6'],
  ['MGET greeting hits', 'hello!\n42'],
  ['RPUSH queue a b c', '3'],
  ['LRANGE queue 0 -1', 'a\nb\nc'],
  ['LPOP queue', 'a'],
  ['GET queue', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  ['HSET user name Ada age 36', '2'],
  ['HGETALL user', 'name\nAda\nage\n36'],
  ['SADD tags x y x', '2'],
  ['TYPE tags', 'set'],
  ['EXPIRE greeting 100', '1'],
  ['TTL greeting', '100'],
  ['KEYS g*', 'greeting'],
  ['DEL greeting nothing', '1'],
  ['EXISTS greeting', '0'],
  ['SET', "ERR wrong number of arguments for 'set' command"],
  ['NONSENSE a', "ERR unknown command 'NONSENSE', with args beginning with: 'a' "],
])('redis-cli %s', async (command, answer) => {
  expect((await redis.exec(['redis-cli', ...command.split(' ')])).stdout).toBe(`${answer}\n`);
});

test('redis-cli reads commands line by line', async () => {
  const { stdout } = await redis.exec(['redis-cli'], { stdin: 'SET a "two words"\nGET a\n' });

  expect(stdout).toBe('OK\ntwo words\n');
});

test('redis-cli shows types on a terminal', async () => {
  const terminal = redis.terminal(['redis-cli']);

  await terminal.until('127.0.0.1:6379> ');
  terminal.type('RPUSH shown one two\r');
  await terminal.until('(integer) 2\r\n127.0.0.1:6379> ');
  terminal.type('LRANGE shown 0 -1\r');
  await terminal.until('1) "one"\r\n2) "two"\r\n');
  terminal.type('GET no-key\r');
  await terminal.until('(nil)');
  terminal.type('exit\r');
  expect(await terminal.exited).toBe(0);
});

test('redis-cli says why it has no connection', async () => {
  expect(await redis.exec(['redis-cli', '-p', '6380', 'PING'])).toEqual({
    stdout: '',
    stderr: 'Could not connect to Redis at 127.0.0.1:6380: Connection refused\n',
    status: 1,
  });
});

test('answers inline commands over nc', async () => {
  const { stdout } = await client.sh(`printf 'PING\\r\\nSET k v\\r\\nGET k\\r\\nQUIT\\r\\n' | nc ${redis.ip} 6379`);

  expect(stdout).toBe('+PONG\r\n+OK\r\n$1\r\nv\r\n+OK\r\n');
});
