import { expect, test } from 'vitest';
import { recordOutput } from '../../../server/lessons/record-output.ts';

test('what two runs have in common is text, and what differs is a hole of its form', () => {
  const first =
    'NAME                   READY   AGE   IP           NODE\nweb-7c5ddbdf54-x2x4k   1/1     12s   10.244.0.7   node-1\n';
  const second =
    'NAME                  READY   AGE     IP            NODE\nweb-7c5ddbdf54-abcde   1/1     2m10s   10.244.0.17   node-1\n';

  expect(recordOutput(first.replaceAll('abcde', 'bcdfg'), second.replaceAll('abcde', 'bcdfg'))).toBe(
    'NAME                   READY   AGE   IP           NODE\nweb-<rs>-<id>   1/1     <age>   <ip>   node-1',
  );
});

test('ages, addresses and names of pods are holes even where two runs agree', () => {
  const output = 'pod/web-7c5ddbdf54-x2x4k 5s 10.96.0.1 2026-01-31T10:20:30Z v1.32.4 3\n';

  expect(recordOutput(output, output)).toBe('pod/web-<rs>-<id> <age> <ip> <time> v1.32.4 3');
});

test.each([
  ['date: Sat, 21 Nov 2026 22:39:57 GMT', 'date: <*>'],
  ['Sat Nov 21 22:39:57 UTC 2026', '<*>'],
  ['notAfter=Nov  2 22:39:57 2026 GMT', 'notAfter=<*>'],
  ['-rw-r--r-- 1 root root 5 Nov 21 22:39 a.yaml', '-rw-r--r-- 1 root root 5 <*> a.yaml'],
  ['2026-11-21 22:39:57 started', '<date> <time> started'],
  ['version 2026-11-21-1 of 12:30', 'version 2026-11-21-1 of 12:30'],
])('%j, the same in both runs, is %j', (output, recorded) => expect(recordOutput(output, output)).toBe(recorded));

test.each([
  ['17 items', '4 items', '<int> items'],
  ['took 1.5', 'took 12.25', 'took <num>'],
  ['at 10:20:30', 'at 10:21:00', 'at <time>'],
  ['token abc x', 'token def x', 'token <word> x'],
])('%j and %j are %j', (first, second, recorded) => expect(recordOutput(first, second)).toBe(recorded));

test('lines that only one run has are elided', () => {
  expect(recordOutput('one\nonly here\ntwo words here\n', 'one\ntwo words here\n')).toBe('one\n...\ntwo words here');
});

test('how far a rollout is while one waits for it may be more or less, or nothing, in the next run', () => {
  const waits = 'Waiting for deployment "web" rollout to finish: 0 of 1 updated replicas are available...\n';
  const done = 'deployment "web" successfully rolled out\n';
  const recorded = 'deployment.apps/web created\n...\ndeployment "web" successfully rolled out';

  for (const first of [done, waits + done, waits + waits + done]) {
    for (const second of [done, waits + done]) {
      const outputs = [first, second].map((text) => `deployment.apps/web created\n${text}`) as [string, string];
      expect(recordOutput(...outputs)).toBe(recorded);
    }
  }
});

test('signs of the notation in the output are escaped', () => {
  expect(recordOutput('<none> <age>\n...\nre2: x\n', '<none> <age>\n...\nre2: x\n')).toBe(
    '<none> \\<age>\n\\...\n\\re2: x',
  );
});

test('a command that prints nothing is recorded as nothing', () => expect(recordOutput('\r\n', '')).toBe(''));
