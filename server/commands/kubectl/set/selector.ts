import { isRecord, type ApiObject } from '../api/object.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { SET_FLAGS, setEach, splitWords } from './pod-spec.ts';

export const selector: Command = {
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS',
  long: 'Sets the selector of a service; what it was before is gone.',
  examples: [['Pods with the label app=web', 'set selector service web app=web']],
  flags: SET_FLAGS,
  async run(invocation) {
    const [words, changes] = splitWords(invocation.args, (word) => word.includes('='));
    const pairs = changes.flatMap((text) => text.split(','));
    if (pairs.length === 0) throw new CommandError('one selector is required');
    const labels = Object.fromEntries(
      pairs.map((pair) => {
        const [key = '', value, ...more] = pair.split(/==?/);
        if (value === undefined || more.length > 0 || key === '' || /[!\s(]/.test(key)) {
          throw new CommandError(`currently only equality selectors are supported: ${JSON.stringify(pair)}`);
        }
        return [key, value];
      }),
    );
    const change = (object: ApiObject) => {
      if (object.kind !== 'Service') throw new CommandError('setting a selector is only supported for Services');
      return { ...object, spec: { ...(isRecord(object.spec) ? object.spec : {}), selector: labels } };
    };
    await setEach(invocation, words, 'selector updated', change, { sayAlways: true });
    return 0;
  },
};
