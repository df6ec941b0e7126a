import headless from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { isTerminalReply } from '../../../client/terminal/terminal-reply.ts';

/** What a real xterm answers when it reads `text`. */
async function answers(text: string): Promise<string[]> {
  const terminal = new headless.Terminal({ allowProposedApi: true });
  const said: string[] = [];
  terminal.onData((data) => said.push(data));
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  terminal.dispose();
  return said;
}

describe('isTerminalReply', () => {
  test.each([
    ['primary device attributes', '\x1b[c'],
    ['secondary device attributes', '\x1b[>c'],
    ['status', '\x1b[5n'],
    ['cursor position', '\x1b[6n'],
    ['private cursor position', '\x1b[?6n'],
    ['mode', '\x1b[?2004$p'],
    ['settings', '\x1bP$qm\x1b\\'],
  ])('recognises what xterm answers to a request for %s', async (_, request) => {
    const said = await answers(request);

    expect(said).toHaveLength(1);
    expect(said.filter(isTerminalReply)).toEqual(said);
  });

  test('recognises colours, focus and several answers at once', () => {
    expect(isTerminalReply('\x1b]10;rgb:ffff/ffff/ffff\x1b\\')).toBe(true);
    expect(isTerminalReply('\x1b]11;rgb:0000/0000/0000\x07')).toBe(true);
    expect(isTerminalReply('\x1b[I')).toBe(true);
    expect(isTerminalReply('\x1b[?1;2c\x1b[0n')).toBe(true);
  });

  test.each([
    'a',
    '\r',
    '\x03',
    '\x1b',
    '\x1b[A',
    '\x1bOA',
    '\x1b[1;5C',
    '\x1b[3~',
    '\x1b[Z',
    '\x1bb',
    '\x1b[200~ls\x1b[201~',
  ])('lets the key %j through', (key) => {
    expect(isTerminalReply(key)).toBe(false);
  });
});
