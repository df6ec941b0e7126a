import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lexer } from 'marked';
import { expect, test } from 'vitest';
import type { AuthorImage } from '../../../cluster/index.ts';
import { readConfig } from '../../../server/lessons/read-config.ts';
import { TestCluster, systemClock } from '../../cluster/containers/test-cluster.ts';
import { LESSONS } from './lesson-copy.ts';

const HEAD = 'title: {en: T, es: T}\nsummary: {en: S, es: S}\nminutes: 5\nlevel: beginner\n';
/** `images:` stands here. */
const FIRST_LINE = 5;

function read(text: string): { images: AuthorImage[] | undefined; problems: string[] } {
  const problems: string[] = [];
  const reading = readConfig(`${HEAD}${text}`, 'shop', '/lessons/shop', (line, message) => {
    problems.push(`${line - FIRST_LINE}: ${message}`);
  });
  return { images: reading?.config.images, problems };
}

test('a lesson without images has none', () => {
  expect(read('')).toEqual({ images: [], problems: [] });
});

test('an image is read with its ports, paths, variables and user', () => {
  const { images, problems } = read(`images:
  - image: registry.example.com:5000/shop/cart:v1
    tools: debian
    user: 1000
    env: { VERSION: v1 }
    ports: [{ port: 8080 }, { port: 9000, protocol: tcp }]
    paths:
      /: { body: hello, delay: 2s, status: 201, headers: { X-A: b } }
      /all/*: { echo: true }
  - { image: loop, command: [sleep, infinity] }
`);

  expect(problems).toEqual([]);
  expect(images).toEqual([
    {
      image: 'registry.example.com:5000/shop/cart:v1',
      tools: 'debian',
      user: 1000,
      env: { VERSION: 'v1' },
      ports: [{ port: 8080 }, { port: 9000, protocol: 'tcp' }],
      paths: {
        '/': { body: 'hello', delayMs: 2000, status: 201, headers: { 'X-A': 'b' } },
        '/all/*': { echo: true },
      },
    },
    { image: 'loop', command: ['sleep', 'infinity'] },
  ]);
});

test.each([
  ['images: cart', '0: "images" must be a list, "- …" on each line, and is "cart".'],
  ['images:\n  - cart', '1: an image must be a map of fields, "name: value" on each line, and is "cart".'],
  ['images:\n  - tools: busybox', '1: "image": write what pods name, such as example.com/shop/cart:v1.'],
  [
    'images:\n  - imge: cart',
    '1: unknown field "imge" in an image. Use image, tools, user, env, command, ports, paths. Did you mean "image"?',
  ],
  [
    'images:\n  - image: Cart Service',
    '1: "image" is "Cart Service": write what pods name, such as example.com/shop/cart:v1.',
  ],
  ['images:\n  - image: a\n  - image: a', '2: the image "a" stands here twice. Remove one.'],
  [
    'images:\n  - image: a\n    tools: debain',
    '2: unknown tools "debain". Use busybox, debian, none. Did you mean "debian"?',
  ],
  ['images:\n  - image: a\n    user: root', '2: "user" is "root". Write a whole number from 0 to 65533.'],
  [
    'images:\n  - image: a\n    env: { PORT: 80 }',
    '2: "PORT" in "env" is 80, not a text of one line. Put quotes around it.',
  ],
  [
    'images:\n  - image: a\n    ports: [8080]',
    '2: a port must be a map of fields, "name: value" on each line, and is 8080.',
  ],
  ['images:\n  - image: a\n    ports: [{ port: 70000 }]', '2: "port" is 70000. Write a whole number from 1 to 65535.'],
  ['images:\n  - image: a\n    ports: [{}]', '2: a port needs its number. Write {port: 8080}.'],
  [
    'images:\n  - image: a\n    ports: [{ port: 80, protocol: htp }]',
    '2: unknown protocol "htp". Use http, tcp. Did you mean "http"?',
  ],
  [
    'images:\n  - image: a\n    paths:\n      items: {}',
    '3: the path "items" must begin with / and may end in /*, as in /items or /items/*.',
  ],
  [
    'images:\n  - image: a\n    paths:\n      /: { stauts: 200 }',
    '3: unknown field "stauts" in an answer. Use status, headers, body, delay, echo. Did you mean "status"?',
  ],
  [
    'images:\n  - image: a\n    paths:\n      /: { status: 99 }',
    '3: "status" is 99. Write a whole number from 200 to 599.',
  ],
  [
    'images:\n  - image: a\n    paths:\n      /: { delay: 2h }',
    '3: "delay: 2h" is not a duration. Write a number with ms, s or m, at most 10m, such as 30s.',
  ],
  [
    'images:\n  - image: a\n    paths:\n      /: { body: x, echo: true }',
    '3: an answer has "body" or "echo", not both. Remove one.',
  ],
  [
    'images:\n  - image: a\n    command: sleep 5',
    '2: "command" must be a list of texts, such as [sh, -c, "sleep infinity"].',
  ],
  [
    'images:\n  - image: a\n    command: [sleep]\n    ports: []',
    '3: an image has "command" or "ports", not both. The command runs in place of the server.',
  ],
  [
    'images:\n  - image: a\n    tools: none\n    command: [sleep]',
    '3: the image has a "command" and "tools: none". Write tools: busybox or debian.',
  ],
])('refuses %j', (text, problem) => {
  expect(read(text)).toEqual({ images: undefined, problems: [problem] });
});

test('the example of the guide for authors answers from another pod', async () => {
  const guide = await readFile(join(LESSONS, 'README.md'), 'utf8');
  const example = lexer(guide).flatMap((token) =>
    token.type === 'code' && token.lang === 'yaml' && token.text.includes('/items:') ? [token.text as string] : [],
  );
  const reading = readConfig(example[0] ?? '', 'canary', '/lessons/canary', (_line, message) => {
    throw new Error(message);
  });

  const cluster = new TestCluster(systemClock, reading?.config.images);
  try {
    const client = cluster.pod({ image: 'curlimages/curl', command: ['sleep', 'infinity'] });
    const answers = ['cart', 'cart:v2'].map(async (name) => {
      const pod = cluster.pod({ name: name.replace(':', '-'), image: `example.com/shop/${name}` });
      return (await client.exec(['curl', '-s', `http://${pod.ip}:8080/`])).stdout;
    });

    expect(await Promise.all(answers)).toEqual(['cart v1 on cart\n', 'cart v2 on cart-v2\n']);
  } finally {
    cluster.dispose();
  }
});
