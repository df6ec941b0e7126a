import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { fileFlags, OUTPUT_FLAGS, SELECTOR_FLAG } from '../flag-sets.ts';
import { describeTemplate } from '../describe/pod-template.ts';
import { createPrinter, objectName } from '../output/printer.ts';
import { alignColumns } from '../output/tabwriter.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';
import { listRevisions } from './revisions.ts';
import type { ApiObject } from '../api/object.ts';

export const history: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Lists the revisions of a rollout, or shows one.',
  examples: [
    ['All revisions', 'rollout history deployment/web'],
    ['The pods of the second', 'rollout history deployment/web --revision=2'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the objects'),
    SELECTOR_FLAG,
    { name: 'revision', type: 'int', usage: 'Show this revision whole.' },
  ],
  async run(invocation) {
    if (invocation.args.length === 0 && invocation.flags.list('filename').length === 0) {
      throw new CommandError('required resource not specified');
    }
    const targets = await findTargets(invocation, { allWhenNoName: true });
    await forEachTarget(targets, async (target) => {
      for (const object of await listTarget(invocation, target)) await show(invocation, object);
    });
    return 0;
  },
};

async function show(invocation: Invocation, object: ApiObject): Promise<void> {
  const { flags, io } = invocation;
  const wanted = flags.int('revision');
  if (wanted < 0) throw new CommandError(`revision must be a positive integer: ${wanted}`);
  const revisions = await listRevisions(invocation, object);
  if (flags.string('output') !== '') {
    const printer = await createPrinter(flags, io);
    const found = revisions.find(({ number }) => number === wanted) ?? revisions.at(-1);
    if (found) io.stdout.write(printer.print(found.template));
    return;
  }
  if (wanted > 0) {
    const found = revisions.find(({ number }) => number === wanted);
    if (!found) throw new CommandError(`unable to find the specified revision`);
    io.stdout.write(`${objectName(object)} with revision #${wanted}\n${describeTemplate(found.template)}\n`);
    return;
  }
  const lines = [
    'REVISION\tCHANGE-CAUSE',
    ...revisions.map(({ number, changeCause }) => `${number}\t${changeCause || '<none>'}`),
  ];
  const table = alignColumns(`${lines.join('\n')}\n`, { minWidth: 0, padding: 2 });
  io.stdout.write(`${objectName(object)} \n${table}\n`);
}
