import { expect, test } from 'vitest';
import { serveCluster } from '../serve-cluster.ts';
import { createRawClient } from './raw-client.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const HOSTILE = [
  '__proto__',
  '..',
  '.',
  '',
  ' ',
  'a/b',
  '../../etc/passwd',
  'a\u0000b',
  '\u202eabc',
  '💥',
  '-a',
  'a'.repeat(254),
  '<script>alert(1)</script>',
  '$(reboot)',
  '`id`',
  "a'; --",
  'a\r\nset-cookie: b',
];

test('names that are none are refused, in bodies and in paths', async () => {
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  const headers = { 'content-type': 'application/json' };
  const problems: string[] = [];

  for (const name of HOSTILE) {
    const created = await send({ method: 'POST', path: PATH, headers, body: JSON.stringify({ metadata: { name } }) });
    const read = await send({ method: 'GET', path: `${PATH}/${encodeURIComponent(name) || '%20'}` });
    const answers = [created.status, read.status];
    if (created.status !== 422 || (read.status !== 404 && name !== '.' && name !== '..'))
      problems.push(`${name}: ${answers.join(' ')}`);
  }

  expect(problems).toEqual([]);
  expect(served.cluster.list('configmaps', 'default').map(({ metadata }) => metadata.name)).toEqual([
    'kube-root-ca.crt',
  ]);
});

test('keys that are names of built-in properties are kept as what they are', async () => {
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  const data = '{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}';
  const body = `{"metadata":{"name":"keys","labels":{"constructor":"x"},"annotations":{"constructor":"y"}},"data":${data}}`;
  const headers = { 'content-type': 'application/json' };

  const created = await send({ method: 'POST', path: PATH, headers, body });
  const patched = await send({
    method: 'PATCH',
    path: `${PATH}/keys`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"data":{"__proto__":"changed"}}',
  });

  expect(created.status).toBe(201);
  expect(patched.text).toContain('"__proto__":"changed"');
  expect(patched.text).toContain('"toString":"c"');
  expect(({} as Record<string, unknown>).changed).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a JSON patch cannot climb out of the object', async () => {
  const served = await serveCluster({ mesh: false });
  const send = createRawClient(served.url);
  await served.request('POST', PATH, { metadata: { name: 'a' }, data: { k: 'v' } });
  const paths = [
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/data/__proto__/polluted',
    '/metadata/~1',
    'data',
    '/data/-',
    '/~2',
  ];
  const headers = { 'content-type': 'application/json-patch+json' };
  const statuses: number[] = [];

  for (const path of paths) {
    for (const op of ['add', 'replace', 'remove', 'test']) {
      const body = JSON.stringify([{ op, path, value: 'yes' }]);
      statuses.push((await send({ method: 'PATCH', path: `${PATH}/a`, headers, body })).status);
    }
  }

  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('one cluster cannot be told from the other side of its path', async () => {
  const [mine, other] = [await serveCluster({ mesh: false }), await serveCluster({ mesh: false })];
  await other.request('POST', PATH, { metadata: { name: 'secret-plan' } });
  const send = createRawClient(mine.url);

  const answers = await Promise.all(
    [
      '/../api/v1/configmaps',
      '//api/v1/configmaps',
      '/api/v1/../../configmaps',
      '/api/v1/configmaps;x',
      '/%2e%2e/api',
    ].map((path) => send({ method: 'GET', path })),
  );

  expect(answers.some(({ text }) => text.includes('secret-plan'))).toBe(false);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
});
