import { expect, test } from 'vitest';
import {
  controlFrame,
  createFrameParser,
  dataFrameHeader,
  FLAG_FIN,
  FRAME,
  numbers,
} from '../../../../cluster/api/spdy/frames.ts';

const bytes = Buffer.concat([
  controlFrame(FRAME.ping, 0, numbers(1)),
  dataFrameHeader(5, 0, 11),
  Buffer.from('hello world'),
  dataFrameHeader(5, FLAG_FIN, 0),
  dataFrameHeader(7, FLAG_FIN, 3),
  Buffer.from('end'),
]);

/** Frames as text, the parts of one data frame joined. */
function parse(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  let data = '';
  const parser = createFrameParser({
    control: (type, _flags, payload) => seen.push(`control ${type} ${payload.toString('hex')}`),
    data(id, part, fin) {
      data += part.toString();
      if (fin || data === 'hello world') seen.push(`data ${id} ${data}${fin ? ' fin' : ''}`);
      if (fin || data === 'hello world') data = '';
    },
  });
  for (const chunk of chunks) parser.push(chunk);
  return seen;
}

test('frames are the same however they are cut', () => {
  const whole = parse([bytes]);

  expect(whole).toEqual(['control 6 00000001', 'data 5 hello world', 'data 5  fin', 'data 7 end fin']);
  for (let size = 1; size < bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    expect(parse(chunks)).toEqual(whole);
  }
});

test('data is handed on before its frame is whole', () => {
  expect(parse([bytes.subarray(0, 12 + 8 + 11)])).toContain('data 5 hello world');
});

test.each([
  ['another version', '8002000100000000'],
  ['a control frame of 16 MB', '80030001 00ffffff'.replace(' ', '')],
])('%s is refused', (_, hex) => {
  expect(() => parse([Buffer.from(hex, 'hex')])).toThrow(/SPDY version 2|16777215 bytes/);
});
