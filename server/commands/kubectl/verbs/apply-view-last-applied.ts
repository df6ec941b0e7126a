import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { fileFlags, RESOURCE_FLAGS } from '../flag-sets.ts';
import { lastApplied } from '../last-applied.ts';
import { renderJson, sortKeys } from '../output/json.ts';
import { renderYaml } from '../output/yaml.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

export const viewLastApplied: Command = {
  usage: '(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  long: 'Prints what `apply` was given for an object the last time.',
  flags: [
    ...fileFlags('that names the objects'),
    ...RESOURCE_FLAGS,
    { name: 'output', short: 'o', type: 'string', default: 'yaml', usage: 'yaml or json.' },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { flags, io } = invocation;
  const format = flags.string('output');
  if (format !== 'yaml' && format !== 'json') {
    throw new UsageError(`Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json`);
  }
  const targets = await findTargets(invocation);
  await forEachTarget(targets, async (target) => {
    for (const object of await listTarget(invocation, target)) {
      const applied = lastApplied(object);
      if (applied === null) {
        throw new CommandError(
          `no last-applied-configuration annotation found on resource: ${object.metadata?.name ?? ''}`,
        );
      }
      io.stdout.write(
        format === 'json'
          ? renderJson(sortKeys(applied)).replaceAll(/^ +/gm, (indent) => indent.slice(indent.length / 2))
          : renderYaml(applied),
      );
    }
  });
  return 0;
}
