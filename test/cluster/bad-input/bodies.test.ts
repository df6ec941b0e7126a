import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';
import { settledHeap } from './heap.ts';
import { createRawClient } from './raw-client.ts';
import { createDice } from './random-requests.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const JSON_TYPE = { 'content-type': 'application/json' };
const YAML_TYPE = { 'content-type': 'application/yaml' };
const PROTOBUF_TYPE = { 'content-type': 'application/vnd.kubernetes.protobuf' };
const MEGABYTE = 1024 * 1024;

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bomb\n';
const doubling = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n');
const deepJson = (levels: number) =>
  `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;

test.each([
  ['nothing', JSON_TYPE, ''],
  ['half an object', JSON_TYPE, '{"metadata":{"name":'],
  ['a number', JSON_TYPE, '42'],
  ['an array', JSON_TYPE, '[]'],
  ['null', JSON_TYPE, 'null'],
  ['no JSON at all', JSON_TYPE, '<xml/>'],
  ['bytes that are no UTF-8', JSON_TYPE, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ['JSON 300 levels deep', JSON_TYPE, deepJson(300)],
  ['JSON 200,000 levels deep', JSON_TYPE, deepJson(200_000)],
  ['an array 500,000 levels deep', JSON_TYPE, '['.repeat(500_000)],
  ['YAML 100,000 levels deep', YAML_TYPE, `${head}data: ${'['.repeat(100_000)}`],
  [
    'YAML blocks 3,000 levels deep',
    YAML_TYPE,
    Array.from({ length: 3_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  ],
  ['an alias bomb', YAML_TYPE, `${head}a0: &a0 [x]\n${doubling}\n`],
  ['an alias of itself', YAML_TYPE, `${head}data: &a\n  b: *a\n`],
  ['an alias that is not there', YAML_TYPE, `${head}data: *nobody\n`],
  ['a tag that runs code elsewhere', YAML_TYPE, `${head}data: !!js/function 'function () { return 1 }'\n`],
  ['protobuf without its mark', PROTOBUF_TYPE, Buffer.from([1, 2, 3, 4])],
  ['protobuf that ends in its mark', PROTOBUF_TYPE, Buffer.from([0x6b, 0x38])],
  ['protobuf that claims 4 GiB', PROTOBUF_TYPE, Buffer.from([0x6b, 0x38, 0x73, 0, 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  [
    'protobuf with a number that never ends',
    PROTOBUF_TYPE,
    Buffer.from([0x6b, 0x38, 0x73, 0, ...Array<number>(64).fill(0xff)]),
  ],
  ['a content type that nobody knows', { 'content-type': 'application/x-tar' }, '{}'],
])('%s is refused with a Status', async (_name, headers, body) => {
  const served = await serveCluster({ mesh: false });

  const answer = await createRawClient(served.url)({ method: 'POST', path: PATH, headers, body });

  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', status: 'Failure', code: answer.status });
  expect((await served.request('GET', PATH)).status).toBe(200);
});

test('random bytes behind the mark of protobuf are refused, whatever they are', async () => {
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  const roll = createDice(7);
  const statuses = new Set<number>();

  for (let round = 0; round < 500; round += 1) {
    const noise = Array.from({ length: Math.floor(roll() * 120) }, () => Math.floor(roll() * 256));
    // Now and then with the envelope of a real body, so that what is inside is read as well.
    const known = [
      0x0a,
      0x0f,
      0x0a,
      0x02,
      0x76,
      0x31,
      0x12,
      0x09,
      ...Buffer.from('ConfigMap'),
      0x12,
      noise.length,
      ...noise,
    ];
    const body = Buffer.from([0x6b, 0x38, 0x73, 0, ...(round % 2 ? known : noise)]);
    statuses.add((await send({ method: 'POST', path: PATH, headers: PROTOBUF_TYPE, body })).status);
  }

  expect([...statuses].every((status) => status >= 400 && status < 500)).toBe(true);
});

test('a body of more than 3 MiB is refused, one of almost that size is taken', async () => {
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  const body = (bytes: number) => JSON.stringify({ metadata: { name: 'big' }, data: { a: 'x'.repeat(bytes) } });

  const large = await send({
    method: 'POST',
    path: `${PATH}?dryRun=All`,
    headers: JSON_TYPE,
    body: body(MEGABYTE - 200),
  });
  const huge = await send({ method: 'POST', path: PATH, headers: JSON_TYPE, body: body(4 * MEGABYTE) }).catch(
    (error: NodeJS.ErrnoException) => error.code,
  );

  expect(large).toMatchObject({ status: 201 });
  // The answer may be lost with the connection when the client is still sending.
  expect(typeof huge === 'object' ? huge.status : huge).toBeOneOf([413, 'ECONNRESET', 'EPIPE']);
  expect((await served.request('GET', PATH)).status).toBe(200);
});

test('200 bodies that are cut off, and 40 that are too large, leave nothing behind', async () => {
  const served = await serveCluster({ mesh: false });
  const { hostname, port } = new URL(served.url);
  const abandon = (announced: number, sent: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${announced}\r\n\r\n`;
        socket.write(head + sent, () => socket.destroy());
      });
      socket.on('error', () => socket.destroy());
      socket.once('close', () => resolve());
    });
  await abandon(1_000, '{');
  const before = await settledHeap();

  for (let round = 0; round < 200; round += 1) await abandon(1_000, '{"metadata":');
  for (let round = 0; round < 40; round += 1) await abandon(8 * MEGABYTE, 'x'.repeat(4 * MEGABYTE));

  expect((await served.request('GET', PATH)).status).toBe(200);
  expect((await settledHeap()) - before).toBeLessThan(4 * MEGABYTE);
});
