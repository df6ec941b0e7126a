import { describe, expect, test } from 'vitest';
import { code, splitSentence } from '../../../common/messages/index.ts';

describe('splitSentence', () => {
  test('separates words and code', () => {
    expect(splitSentence('`spec.mode` is `STRICT`; good.')).toEqual([
      { text: 'spec.mode', code: true },
      { text: ' is ', code: false },
      { text: 'STRICT', code: true },
      { text: '; good.', code: false },
    ]);
  });

  test('leaves a backtick alone that has no partner', () => {
    expect(splitSentence('one ` two')).toEqual([{ text: 'one ` two', code: false }]);
  });

  test.each(['x', 'a b', '', ' ', ' x ', '`', '``', "token `newline'", '`date`', 'a``b`c', '7'])(
    'gives back the value %j that code() marked',
    (value) => {
      expect(splitSentence(`It is ${code(value)}.`)).toEqual([
        { text: 'It is ', code: false },
        { text: value, code: true },
        { text: '.', code: false },
      ]);
    },
  );
});
