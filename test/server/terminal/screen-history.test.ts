import headless from '@xterm/headless';
import { SerializeAddon } from '@xterm/addon-serialize';
import { describe, expect, it } from 'vitest';
import { ScreenHistory } from '../../../server/terminal/screen-history.ts';
import { createRandom } from './random.ts';

interface Screen {
  lines: string[];
  cursor: [number, number];
  buffer: string;
  modes: unknown;
  isCursorHidden: boolean;
}

/** What a terminal shows that is given `pieces`; a pair of numbers is a new size. */
async function show(pieces: (Uint8Array | string | [number, number])[]): Promise<Screen> {
  const terminal = new headless.Terminal({ scrollback: 1000, allowProposedApi: true });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  for (const piece of pieces) {
    if (Array.isArray(piece)) terminal.resize(...piece);
    else await new Promise<void>((resolve) => terminal.write(piece, resolve));
  }
  const buffer = terminal.buffer.active;
  // oxlint-disable-next-line no-underscore-dangle -- whether the cursor shows is nowhere else
  const core = (terminal as unknown as { _core: { coreService: { isCursorHidden: boolean } } })._core;
  const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)!.translateToString(true));
  while (lines.at(-1) === '') lines.pop();
  return {
    // With colours and attributes.
    lines: [...lines, serializer.serialize({ excludeModes: true }).trimEnd()],
    cursor: [buffer.cursorX, buffer.cursorY],
    buffer: buffer.type,
    modes: { ...terminal.modes },
    isCursorHidden: core.coreService.isCursorHidden,
  };
}

function createOutput(seed: number, pieces: number): Buffer[] {
  const random = createRandom(seed);
  const words = [
    'hello',
    ' ',
    'é日🙂',
    '\r\n',
    '\r\n',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b[1;7m',
    '\x1b[2K',
    '\x1b[3A',
    '\x1b[5C',
  ];
  const rare = [
    '\x1b[H',
    '\x1b[2J',
    '\x1b[?25l',
    '\x1b[?25h',
    '\x1b]0;a title\x07',
    '\x1b[?2004h',
    '\x1b[?1h',
    '\t',
    '\r',
  ];
  const stream = Buffer.from(
    Array.from({ length: pieces * 4 }, () => (random.below(6) === 0 ? random.pick(rare) : random.pick(words))).join(''),
  );
  // Cut anywhere, also inside of characters and sequences.
  const cuts = Array.from({ length: pieces - 1 }, () => random.below(stream.length)).sort((a, b) => a - b);
  return [...cuts, stream.length].map((cut, index) => stream.subarray(cuts[index - 1] ?? 0, cut));
}

describe('a snapshot and what follows it', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
    'show what all the output shows: seed %i',
    async (seed) => {
      const random = createRandom(seed);
      const output = createOutput(seed, 60);
      const at = random.below(output.length);
      const history = new ScreenHistory(1_000_000, 80, 24);
      for (const piece of output.slice(0, at)) history.append(piece);

      const snapshot = await history.snapshot();
      for (const piece of output.slice(at)) history.append(piece);

      expect(snapshot.offset).toBeGreaterThan(history.end - Buffer.concat(output.slice(at)).length - 20);
      const resumed = await show([snapshot.data, history.since(snapshot.offset)!]);
      expect(resumed).toEqual(await show(output));
    },
  );

  it('show a full screen program that was started before the kept output', async () => {
    const start = Buffer.from('shell$ top\r\n\x1b[?1049h\x1b[?1h\x1b[?25l\x1b[?1000;1006h');
    const frame = (number: number) =>
      Buffer.from(
        `\x1b[H${Array.from({ length: 24 }, (_, row) => `\x1b[3${row % 8}mrow ${row} of ${number}\x1b[0m\x1b[K`).join('\r\n')}`,
      );
    const history = new ScreenHistory(4096, 80, 24);
    const all: Uint8Array[] = [start];
    for (let number = 0; number < 50; number++) all.push(frame(number));
    for (const piece of all) history.append(piece);
    expect(history.since(0)).toBeNull();

    const snapshot = await history.snapshot();

    const [resumed, wanted] = [await show([snapshot.data]), await show(all)];
    expect(resumed).toMatchObject({
      buffer: 'alternate',
      cursor: wanted.cursor,
      modes: wanted.modes,
      isCursorHidden: true,
    });
    expect(resumed.lines.slice(0, 24)).toEqual(wanted.lines.slice(0, 24));
    expect(snapshot.data).toContain('\x1b[?1006h');
  });

  it('begin with a whole line where older output is gone', async () => {
    const history = new ScreenHistory(4096, 80, 24);
    for (let line = 0; line < 2000; line++) history.append(Buffer.from(`\x1b[32mline ${line}\x1b[0m ñ\r\n`));

    const { lines } = await show([(await history.snapshot()).data]);

    const first = Number(/^line (\d+) ñ$/.exec(lines[0]!)![1]);
    expect(lines.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => `line ${first + index} ñ`));
    expect(lines.at(-2)).toBe('line 1999 ñ');
  });

  it('hold output for the size that it was made for', async () => {
    const history = new ScreenHistory(1_000_000, 80, 24);
    const [before, between, after] = [
      Buffer.from('x'.repeat(100)),
      Buffer.from('\x1b[A|\r\nab\x1b[30Cc'),
      Buffer.from('\x1b[Aend'),
    ];
    history.append(before);
    expect(history.resize(40, 10)).toBe(true);
    expect(history.resize(40, 10)).toBe(false);
    history.append(between);
    history.resize(60, 12);
    history.append(after);

    const snapshot = await history.snapshot();

    expect(snapshot).toMatchObject({ columns: 60, rows: 12, offset: history.end });
    const resumed = await show([[60, 12], snapshot.data]);
    expect(resumed).toEqual(await show([before, [40, 10], between, [60, 12], after]));
  });

  it('hold no question that a terminal would answer', async () => {
    const history = new ScreenHistory(1_000_000, 80, 24);
    history.append(Buffer.from('\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1b[?25$p\x1bP$qm\x1b\\text'));
    const { data } = await history.snapshot();
    const terminal = new headless.Terminal({ allowProposedApi: true });
    let answers = '';
    terminal.onData((answer) => (answers += answer));

    await new Promise<void>((resolve) => terminal.write(data, resolve));

    expect(answers).toBe('');
    expect(terminal.buffer.active.getLine(0)!.translateToString(true)).toBe('text');
  });

  it('work for a terminal that has printed nothing, and one that keeps nothing', async () => {
    expect(await new ScreenHistory(100, 80, 24).snapshot()).toEqual({ offset: 0, columns: 80, rows: 24, data: '' });
    const history = new ScreenHistory(0, 80, 24);
    history.append(Buffer.from('gone'));
    expect(await history.snapshot()).toEqual({ offset: 4, columns: 80, rows: 24, data: '' });
  });
});
