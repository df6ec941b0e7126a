import type { Command } from '../command.ts';
import { metadataCommand } from '../metadata-change.ts';

export const command: Command = metadataCommand({
  field: 'labels',
  noun: 'label',
  done: 'labeled',
  usage: '(-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  long: 'Sets labels, or removes those that are followed by a minus.',
  examples: [
    ['Inject sidecars in a namespace', 'label namespace shop istio-injection=enabled'],
    ['Change a label', 'label pod web tier=front --overwrite'],
    ['Remove a label', 'label pod web tier-'],
  ],
});
