import type { Command } from '../command.ts';
import { metadataCommand } from '../metadata-change.ts';

export const command: Command = metadataCommand({
  field: 'annotations',
  noun: 'annotation',
  done: 'annotated',
  usage: '(-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  long: 'Sets annotations, or removes those that are followed by a minus.',
  examples: [
    ['Set one', "annotate pod web note='the first'"],
    ['Remove it', 'annotate pod web note-'],
  ],
});
