import { constants, createDeflate, createInflate } from 'node:zlib';
import { expect, test } from 'vitest';
import { SPDY_DICTIONARY } from '../../../../cluster/api/spdy/dictionary.ts';
import { createHeaderDecoder, createHeaderEncoder, SpdyError } from '../../../../cluster/api/spdy/header-codec.ts';

function adler32(bytes: Buffer): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** One header, as it is before compression. */
function plain(name: string, value: string): Buffer {
  const number = (length: number) => Buffer.from([0, 0, length >> 8, length & 0xff]);
  return Buffer.concat([
    number(1),
    number(name.length),
    Buffer.from(name),
    number(value.length),
    Buffer.from(value, 'latin1'),
  ]);
}

/** What a streaming zlib makes of pieces, flushed after each: the way other implementations go. */
async function throughZlib(
  stream: ReturnType<typeof createDeflate> | ReturnType<typeof createInflate>,
  pieces: Buffer[],
): Promise<Buffer[]> {
  const results: Buffer[] = [];
  for (const piece of pieces) {
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer) => chunks.push(chunk);
    stream.on('data', collect);
    await new Promise<void>((resolve) => stream.write(piece, () => stream.flush(constants.Z_SYNC_FLUSH, resolve)));
    stream.off('data', collect);
    results.push(Buffer.concat(chunks));
  }
  return results;
}

const blocks = [
  plain('streamtype', 'error'),
  plain('streamtype', 'stdout'),
  plain('port', '8080'),
  plain('streamtype', 'x'.repeat(40_000)),
  plain('streamtype', 'error'),
];

test('the dictionary is the one of SPDY/3, by its length and checksum', () => {
  expect(SPDY_DICTIONARY.length).toBe(1423);
  // As in the first bytes of every SPDY/3 header stream: 78 bb e3 c6 a7 c2.
  expect(adler32(SPDY_DICTIONARY).toString(16)).toBe('e3c6a7c2');
});

test('blocks of a streaming zlib are read one by one', async () => {
  const compressed = await throughZlib(createDeflate({ dictionary: SPDY_DICTIONARY }), blocks);
  const decoder = createHeaderDecoder();

  const read = compressed.map((block) => [...decoder.decode(block)]);

  expect(read).toEqual([
    [['streamtype', 'error']],
    [['streamtype', 'stdout']],
    [['port', '8080']],
    [['streamtype', 'x'.repeat(40_000)]],
    [['streamtype', 'error']],
  ]);
});

test('a streaming zlib reads our blocks', async () => {
  const encoder = createHeaderEncoder();
  const compressed = [
    encoder.encode(new Map([['streamtype', 'error']])),
    encoder.encode(new Map([['streamtype', 'stdout']])),
  ];

  const read = await throughZlib(createInflate({ dictionary: SPDY_DICTIONARY }), compressed);

  expect(read).toEqual(blocks.slice(0, 2));
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['zlib without the dictionary', Buffer.from([0x78, 0x9c, 0x63, 0, 0, 0, 0xff, 0xff])],
  ['noise', Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2, 0xff, 0xff, 0xff, 0xff])],
])('%s instead of headers is an error', (_, block) => {
  expect(() => createHeaderDecoder().decode(block)).toThrow(SpdyError);
});

test('headers that blow up to more than 64 KiB are an error', async () => {
  const [bomb = Buffer.alloc(0)] = await throughZlib(createDeflate({ dictionary: SPDY_DICTIONARY }), [
    Buffer.alloc(10_000_000),
  ]);

  expect(bomb.length).toBeLessThan(20_000);
  expect(() => createHeaderDecoder().decode(bomb)).toThrow(SpdyError);
});

test('a count of headers that are not there is an error', async () => {
  const [lie = Buffer.alloc(0)] = await throughZlib(createDeflate({ dictionary: SPDY_DICTIONARY }), [
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]),
  ]);

  expect(() => createHeaderDecoder().decode(lie)).toThrow(/cut off/);
});
