import headless from '@xterm/headless';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TerminalFeed } from '../../../client/terminal/terminal-feed.ts';
import { createTerminalFeed } from '../../../client/terminal/terminal-feed.ts';
import type { ClientMessage } from '../../../common/protocol.ts';
import { FLOW_ACK_BYTES } from '../../../common/protocol.ts';

let xterm: InstanceType<typeof headless.Terminal>;
let sent: ClientMessage[];
let gaps: number;
let fits: number;
let feed: TerminalFeed;

beforeEach(() => {
  xterm = new headless.Terminal({ allowProposedApi: true, cols: 80, rows: 24 });
  sent = [];
  gaps = 0;
  fits = 0;
  feed = createTerminalFeed({
    terminal: 1,
    screen: {
      get columns() {
        return xterm.cols;
      },
      get rows() {
        return xterm.rows;
      },
      write: (data, drawn) => xterm.write(data, drawn),
      resize: (columns, rows) => xterm.resize(columns, rows),
      fit: () => {
        fits += 1;
        xterm.resize(80, 24);
      },
    },
    send: (message) => sent.push(message),
    gap: () => {
      gaps += 1;
    },
  });
  xterm.onData((data) => feed.input(data));
  xterm.onResize(() => feed.resized());
});

afterEach(() => {
  feed.dispose();
  xterm.dispose();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function screen(): Promise<string[]> {
  await new Promise<void>((resolve) => xterm.write('', resolve));
  const { active } = xterm.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
  return lines.join('\n').trimEnd().split('\n');
}

function ofType<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
  return sent.filter((message): message is Extract<ClientMessage, { type: T }> => message.type === type);
}

describe('output', () => {
  test('is drawn once, whatever comes twice', async () => {
    feed.output(0, bytes('one two'));
    feed.output(4, bytes('two three'));
    feed.output(0, bytes('one'));

    expect(await screen()).toEqual(['one two three']);
    expect(feed.position()).toEqual({ terminal: 1, offset: 13, inputSeq: 0 });
  });

  test('that skips bytes is not drawn, and the place is forgotten so that a snapshot comes', async () => {
    feed.output(0, bytes('one'));
    feed.output(4, bytes('three'));

    expect(gaps).toBe(1);
    expect(feed.position()).toBeNull();
    expect(await screen()).toEqual(['one']);
  });

  test('is acknowledged after it was drawn, and when it pauses', async () => {
    feed.output(0, bytes('one'));
    expect(ofType('terminal-ack')).toEqual([]);

    await expect.poll(() => ofType('terminal-ack')).toEqual([{ type: 'terminal-ack', terminal: 1, offset: 3 }]);
  });

  test('is acknowledged at once when a window is full', async () => {
    for (let piece = 0; piece < 8; piece += 1)
      feed.output((piece * FLOW_ACK_BYTES) / 2, new Uint8Array(FLOW_ACK_BYTES / 2));
    await screen();

    const offsets = ofType('terminal-ack').map((message) => message.offset);
    expect(offsets).toEqual([1, 2, 3, 4].map((windows) => windows * FLOW_ACK_BYTES));
  });
});

describe('a snapshot', () => {
  const snapshot = { offset: 1000, columns: 100, rows: 30, data: 'screen\r\nprompt$ ' };

  test('replaces what is shown, what is still being drawn included', async () => {
    feed.output(0, bytes('old\r\n'.repeat(2000)));
    feed.snapshot(snapshot);
    feed.output(1000, bytes('ls'));

    expect(await screen()).toEqual(['screen', 'prompt$ ls']);
    expect(feed.position()?.offset).toBe(1002);
  });

  test('takes the size of its place again, and tells the server only that', async () => {
    feed.open(0);
    feed.snapshot({ ...snapshot, columns: 100, rows: 30 });
    await screen();

    expect(fits).toBe(1);
    expect(ofType('terminal-resize')).toEqual([{ type: 'terminal-resize', terminal: 1, columns: 80, rows: 24 }]);
  });

  test('is not answered by the terminal, while keys pressed meanwhile are kept', async () => {
    feed.snapshot({ ...snapshot, data: 'a\x1b[c\x1b[6nb' });
    feed.input('x');
    await screen();
    feed.output(1000, bytes('\x1b[5n'));
    await screen();

    expect(ofType('terminal-input').map((message) => message.data)).toEqual(['x', '\x1b[0n']);
  });
});

describe('input', () => {
  test('that was not acknowledged is sent again after a reconnect, behind the request for the terminal', () => {
    feed.open(0);
    feed.input('a');
    feed.input('b');
    feed.acknowledgeInput(1);
    sent = [];

    feed.open(1);

    expect(sent).toEqual([
      { type: 'terminal-open', terminal: 1, columns: 80, rows: 24 },
      { type: 'terminal-input', terminal: 1, seq: 2, data: 'b' },
    ]);
  });

  test('that the server had before the connection broke is not sent again', () => {
    feed.open(0);
    feed.input('a');
    sent = [];

    feed.open(1);

    expect(ofType('terminal-input')).toEqual([]);
  });

  test('of a new page counts on from what the server has', () => {
    feed.open(41);
    feed.input('a');

    expect(ofType('terminal-input')).toEqual([{ type: 'terminal-input', terminal: 1, seq: 42, data: 'a' }]);
  });

  test('is given up when another page has taken over', () => {
    feed.open(0);
    feed.output(0, bytes('one'));
    feed.input('rm -r work');

    feed.abandon();
    sent = [];
    feed.open(3);

    expect(ofType('terminal-input')).toEqual([]);
    expect(feed.position()).toBeNull();
  });
});

describe('clearing', () => {
  test('lets the output of a new shell start at nought, and keeps counting keys', async () => {
    feed.open(0);
    feed.input('exit\r');
    feed.acknowledgeInput(1);
    feed.output(0, bytes('old shell'));

    feed.clear();
    feed.output(0, bytes('new'));
    feed.input('a');

    expect(await screen()).toEqual(['new']);
    expect(ofType('terminal-input').at(-1)).toEqual({ type: 'terminal-input', terminal: 1, seq: 2, data: 'a' });
  });

  test('for a new session counts keys from one', () => {
    feed.open(5);
    feed.input('a');

    feed.reset();
    feed.open(0);
    feed.input('b');

    expect(ofType('terminal-input').map(({ seq, data }) => [seq, data])).toEqual([
      [6, 'a'],
      [1, 'b'],
    ]);
  });
});
