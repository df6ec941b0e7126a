import { describe, expect, test } from 'vitest';
import { createPendingInput } from '../../../client/terminal/pending-input.ts';
import { MAX_INPUT_LENGTH } from '../../../common/parse-client-message.ts';

describe('createPendingInput', () => {
  test('keeps what has not been acknowledged, in order', () => {
    const pending = createPendingInput();
    for (const key of 'abc') pending.add(key);

    pending.acknowledge(2);

    expect(pending.unacknowledged()).toEqual([{ seq: 3, data: 'c' }]);
  });

  test('counts on from where another page of the session stopped', () => {
    const pending = createPendingInput();
    pending.add('a');

    pending.acknowledge(7);

    expect(pending.unacknowledged()).toEqual([]);
    expect(pending.add('b')).toEqual([{ seq: 8, data: 'b' }]);
  });

  test('does not use the number of a key again that was given up', () => {
    const pending = createPendingInput();
    pending.add('a');

    pending.discard();

    expect(pending.unacknowledged()).toEqual([]);
    expect(pending.add('b')).toEqual([{ seq: 2, data: 'b' }]);
  });

  test('cuts a paste into pieces that a message can hold, and no character in two', () => {
    const paste = `${'x'.repeat(MAX_INPUT_LENGTH - 1)}😀${'y'.repeat(MAX_INPUT_LENGTH)}`;

    const pieces = createPendingInput().add(paste);

    expect(pieces.map((piece) => piece.data).join('')).toBe(paste);
    expect(pieces.map((piece) => piece.data.length)).toEqual([MAX_INPUT_LENGTH - 1, MAX_INPUT_LENGTH, 2]);
  });
});
