import { expect, it } from 'vitest';
import { PrivateModes } from '../../../server/terminal/private-modes.ts';

const STREAM = Buffer.from('a\x1b[?1049h\x1b[31mred\x1b[?25l\x1b[?1002;1006h\x1b[?2004h b\x1b[?2004l\x1b[?z');

it('remembers the last value of each mode, wherever the output is cut', () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const modes = new PrivateModes();
    modes.scan(STREAM.subarray(0, at));
    modes.scan(STREAM.subarray(at));

    expect(modes.sequence()).toBe('\x1b[?1049h\x1b[?25l\x1b[?1002h\x1b[?1006h\x1b[?2004l');
  }
  const modes = new PrivateModes();
  for (const byte of STREAM) modes.scan(Uint8Array.of(byte));
  expect(modes.isSet('1049')).toBe(true);
  expect(modes.isSet('2004')).toBe(false);
  expect(modes.isSet('7')).toBeUndefined();
});

it('forgets them at a full reset', () => {
  const modes = new PrivateModes();

  modes.scan(Buffer.from('\x1b[?25l\x1bc\x1b[?7l'));

  expect(modes.sequence()).toBe('\x1b[?7l');
});
