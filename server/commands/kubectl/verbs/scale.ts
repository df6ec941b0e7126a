import type { ApiObject } from '../api/object.ts';
import { resourcePath } from '../api/resource.ts';
import { createChangePrinter, dryRunOf, writeQuery } from '../change.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { DRY_RUN_FLAG, fileFlags, OUTPUT_FLAGS, RESOURCE_FLAGS } from '../flag-sets.ts';
import { findTargets, forEachTarget, listTarget } from '../targets.ts';

interface Scale extends ApiObject {
  spec?: { replicas?: number };
}

export const command: Command = {
  usage: '[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  long: 'Sets how many pods a deployment, replica set or stateful set has.',
  examples: [
    ['Three of them', 'scale deployment/web --replicas=3'],
    ['Only if there are two now', 'scale deployment/web --current-replicas=2 --replicas=3'],
  ],
  flags: [
    ...OUTPUT_FLAGS,
    ...fileFlags('that names the objects'),
    ...RESOURCE_FLAGS.filter((flag) => flag.name !== 'local'),
    DRY_RUN_FLAG,
    { name: 'current-replicas', type: 'int', default: '-1', usage: 'Only if there are so many now.' },
    { name: 'replicas', type: 'int', required: true, usage: 'How many there shall be.' },
    { name: 'resource-version', type: 'string', usage: 'Only if this is still the version of the object.' },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'Accepted; the number is set at once.' },
  ],
  async run(invocation) {
    const { flags, session } = invocation;
    const replicas = flags.int('replicas');
    if (replicas < 0)
      throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    const targets = await findTargets(invocation);
    const print = await createChangePrinter(invocation);
    await forEachTarget(targets, async (target) => {
      for (const object of await listTarget(invocation, target)) {
        const client = await session.client();
        const name = object.metadata?.name ?? '';
        const path = resourcePath(target.resource, object.metadata?.namespace, name, 'scale');
        const expected = flags.int('current-replicas');
        if (expected >= 0) {
          const scale = await client.json<Scale>('GET', path);
          const actual = scale.spec?.replicas ?? 0;
          if (actual !== expected) throw new CommandError(`Expected replicas to be ${expected}, was ${actual}`);
        }
        if (dryRunOf(invocation) !== 'client') {
          const version = flags.string('resource-version');
          const metadata = version === '' ? {} : { metadata: { resourceVersion: version } };
          await client.json('PATCH', path, {
            body: { ...metadata, spec: { replicas } },
            contentType: 'application/merge-patch+json',
            query: { ...writeQuery(invocation), fieldManager: 'kubectl-scale' },
            subject: { resource: target.resource.name, name },
          });
        }
        print(object, 'scaled');
      }
    });
    return 0;
  },
};
