import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { FlagValues } from '../flags.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

export const podDisruptionBudget: Command = {
  usage: 'NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  examples: [['Two pods at least', 'create pdb web --selector=app=web --min-available=2']],
  flags: [
    ...CREATE_FLAGS,
    { name: 'max-unavailable', type: 'string', usage: 'Pods that may be missing, a number or a percentage.' },
    { name: 'min-available', type: 'string', usage: 'Pods that must be there, a number or a percentage.' },
    { name: 'selector', type: 'string', usage: 'Labels of the pods.' },
  ],
  async run(invocation) {
    const { flags } = invocation;
    const name = nameArgument(invocation);
    const selector = flags.string('selector');
    if (selector === '') throw new CommandError('a selector must be specified');
    const [least, most] = [flags.string('min-available'), flags.string('max-unavailable')];
    if (least === '' && most === '')
      throw new CommandError('one of min-available or max-unavailable must be specified');
    if (least !== '' && most !== '') {
      throw new CommandError('min-available and max-unavailable cannot be both specified');
    }
    const matchLabels = Object.fromEntries(selector.split(',').map(readEquality));
    const spec = {
      ...(least === '' ? {} : { minAvailable: readAmount(flags, 'min-available') }),
      selector: { matchLabels },
      ...(most === '' ? {} : { maxUnavailable: readAmount(flags, 'max-unavailable') }),
    };
    const status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
    await createFromFlags(
      invocation,
      { group: 'policy', version: 'v1', name: 'poddisruptionbudgets', namespaced: true },
      { kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', metadata: { name }, spec, status },
      'failed to create poddisruptionbudgets: ',
    );
    return 0;
  },
};

function readAmount(flags: FlagValues, flag: string): number | string {
  const text = flags.string(flag);
  if (!/^\d+%?$/.test(text)) throw new CommandError(`invalid format specified for ${flag}`);
  return text.endsWith('%') ? text : Number(text);
}

function readEquality(part: string): [label: string, value: string] {
  const match = /^\s*([^=!\s]+)\s*==?\s*([^=!\s]*)\s*$/.exec(part);
  if (!match) {
    throw new CommandError(
      `"create poddisruptionbudget" takes label=value pairs in --selector, not ${JSON.stringify(part)}, in Taller`,
    );
  }
  return [match[1] ?? '', match[2] ?? ''];
}
