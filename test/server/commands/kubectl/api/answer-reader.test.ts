import { expect, test } from 'vitest';
import { AnswerReader } from '../../../../../server/commands/kubectl/api/answer-reader.ts';

/** The answer in pieces of so many bytes, and what was read of it. */
function read(text: string, size: number) {
  const reader = new AnswerReader();
  const bytes = Buffer.from(text);
  const body: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) body.push(...reader.read(bytes.subarray(at, at + size)));
  return { reader, body: Buffer.concat(body).toString() };
}

const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n6\r\n w\u00f6rl\r\n0\r\nTrailer: x\r\n\r\n';

test.each([1, 2, 3, 7, 10_000])('reads answers in pieces of %d bytes', (size) => {
  const fixed = read('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nWarning: a\r\nwarning: b\r\n\r\ngone', size);
  const chunked = read(CHUNKED, size);

  expect(fixed.reader.head?.status).toBe(404);
  expect(fixed.reader.head?.headers.get('warning')).toBe('a, b');
  expect(fixed.body).toBe('gone');
  expect(fixed.reader).toMatchObject({ done: true, reusable: true });
  expect(chunked.body).toBe('hello w\u00f6rl');
  expect(chunked.reader).toMatchObject({ done: true, reusable: true });
});

test.each([
  ['HTTP/1.1 204 No Content\r\n\r\n', { done: true, reusable: true }],
  ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', { done: true, reusable: false }],
  ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', { done: true, reusable: false }],
  ['HTTP/1.1 200 OK\r\n\r\nuntil the end', { done: false, endsWithConnection: true }],
  ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', { done: true }],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour', { done: false, endsWithConnection: false }],
])('knows where an answer ends: %j', (text, expected) => {
  expect(read(text, 4).reader).toMatchObject(expected);
});

test.each(['SSH-2.0-OpenSSH\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'])(
  'refuses what is no HTTP: %j',
  (text) => {
    expect(() => read(text, 100)).toThrow('malformed HTTP response');
  },
);
