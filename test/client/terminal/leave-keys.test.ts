import { beforeEach, describe, expect, test } from 'vitest';
import type { LeaveKeys } from '../../../client/terminal/leave-keys.ts';
import { createLeaveKeys } from '../../../client/terminal/leave-keys.ts';

let atPrompt: boolean;
let sent: string[];
let keys: LeaveKeys;

beforeEach(() => {
  atPrompt = true;
  sent = [];
  keys = createLeaveKeys({ atPrompt: () => atPrompt, send: (data) => sent.push(data) });
});

function press(key: string, modifiers: { ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean } = {}): string {
  return keys.key({ type: 'keydown', key, ctrlKey: false, altKey: false, metaKey: false, ...modifiers });
}

describe('createLeaveKeys', () => {
  test('leaves with Esc, then Tab, and the shell hears nothing of it', () => {
    expect(press('Escape')).toBe('nobody');
    expect(press('Tab')).toBe('browser');
    expect(sent).toEqual([]);
  });

  test('leaves backwards with Shift in between', () => {
    press('Escape');

    expect(press('Shift')).toBe('terminal');
    expect(press('Tab')).toBe('browser');
  });

  test('gives Tab to the shell without Esc', () => {
    expect(press('Tab')).toBe('terminal');
  });

  test('gives the Esc that was held back to the shell before the next key', () => {
    press('Escape');

    expect(press('b')).toBe('terminal');
    expect(sent).toEqual(['\x1b']);
    expect(press('Tab')).toBe('terminal');
  });

  test('does not hold Esc back from a program that runs', () => {
    atPrompt = false;

    expect(press('Escape')).toBe('terminal');
    expect(press('Tab')).toBe('browser');
    expect(sent).toEqual([]);
  });

  test('forgets the Esc when the focus leaves by other means', () => {
    press('Escape');
    keys.forget();

    expect(press('Tab')).toBe('terminal');
    expect(sent).toEqual([]);
  });

  test('takes neither Ctrl-Tab nor a key that is let go for more than it is', () => {
    press('Escape');

    expect(keys.key({ type: 'keyup', key: 'Escape', ctrlKey: false, altKey: false, metaKey: false })).toBe('terminal');
    expect(press('Tab', { ctrlKey: true })).toBe('terminal');
    expect(sent).toEqual(['\x1b']);
  });
});
