import { describe, expect, it } from 'vitest';
import { createMarkSplitter, type Mark } from '../../../server/terminal/mark-splitter.ts';

const NONCE = '0123456789abcdef0123456789abcdef';

function split(chunks: Uint8Array[]): { output: string; marks: Mark[]; log: string } {
  const output: Uint8Array[] = [];
  const marks: Mark[] = [];
  let log = '';
  const splitter = createMarkSplitter(NONCE, {
    output(bytes) {
      output.push(Uint8Array.from(bytes));
      log += Buffer.from(bytes).toString('latin1');
    },
    mark(mark) {
      marks.push(mark);
      log += `<${mark.type}>`;
    },
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { output: Buffer.concat(output).toString('utf8'), marks, log };
}

const mark = (letter: string, fields = '') => `\x1b]133;${letter};${NONCE}${fields}\x07`;

describe('createMarkSplitter', () => {
  it('takes out marks at any split position', () => {
    const stream = Buffer.from(
      `a${mark('D', ';1;77')}${mark('A', ';1;77')}~ $ ${mark('B')}ls é\x1b[0m\r\n${mark('T', ';0;77')}` +
        `    5  ls <<X\r\nñ\x1b]133;C\x07\r\nX${mark('C')}日本\x1b]133;D;forged;0;1\x07z\x1b${mark('R')}`,
    );
    const wanted = split([stream]);

    expect(wanted.output).toBe('a~ $ ls é\x1b[0m\r\n日本\x1b]133;D;forged;0;1\x07z\x1b');
    expect(wanted.marks).toEqual([
      { type: 'done', status: 1, pid: 77 },
      { type: 'prompt-start', status: 1, pid: 77 },
      { type: 'prompt-end' },
      { type: 'command', status: 0, pid: 77, text: '    5  ls <<X\nñ\x1b]133;C\x07\nX' },
      { type: 'line', text: '' },
    ]);
    for (let at = 0; at <= stream.length; at++) {
      expect(split([stream.subarray(0, at), stream.subarray(at)])).toEqual(wanted);
    }
    expect(split([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(wanted);
  });

  it.each([
    ['another nonce', `\x1b]133;D;${'f'.repeat(32)};0;1\x07`],
    ['no nonce', '\x1b]133;D;0\x07'],
    ['another end', `\x1b]133;D;${NONCE};0;1\x1b\\`],
    ['an unknown letter', mark('Z')],
    ['a field too many', mark('D', ';0;1;2')],
    ['no end', `\x1b]133;D;${NONCE}`],
    ['too long', `\x1b]133;D;${NONCE};${'1'.repeat(200)}\x07`],
    ['another sequence', '\x1b]0;title\x07\x1b]133'],
  ])('keeps as output what is no mark: %s', (_, bytes) => {
    expect(split([Buffer.from(`${bytes}after`)])).toMatchObject({ output: `${bytes}after`, marks: [] });
    expect(split([Buffer.from(bytes)])).toMatchObject({ output: bytes, marks: [] });
  });

  it('finds a mark inside of a forged one', () => {
    expect(split([Buffer.from(`\x1b]133;D;${mark('B')}`)])).toMatchObject({
      output: '\x1b]133;D;',
      marks: [{ type: 'prompt-end' }],
    });
  });

  it('gives output and marks in their order', () => {
    expect(split([Buffer.from(`1${mark('A', ';0;1')}2${mark('B')}3`)]).log).toBe('1<prompt-start>2<prompt-end>3');
  });

  it('keeps the first 64 KiB of a text', () => {
    const text = 'x'.repeat(100_000);

    const { marks } = split([Buffer.from(`${mark('T', ';0;1')}${text}${mark('C')}`)]);

    expect(marks).toEqual([{ type: 'command', status: 0, pid: 1, text: text.slice(0, 65_536) }]);
  });
});
