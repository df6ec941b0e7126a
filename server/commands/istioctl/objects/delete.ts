import { resourcePath } from '../../kubectl/api/resource.ts';
import { CommandError } from '../../kubectl/errors.ts';
import type { Invocation } from '../command.ts';
import { messageOf } from '../errors.ts';
import { printUsage } from '../help.ts';
import { deprecated, FILE_FLAG } from './deprecated.ts';
import { readInputs, refuseArguments } from './inputs.ts';
import { configTypes, findType } from './types.ts';

export const command = deprecated('delete', 'delete', {
  usage: '<type> <name> [<name2> ... <nameN>]',
  long: "Deletes Istio's objects by name, or those of a file.",
  examples: ['delete -f example-routing.yaml', 'delete virtualservice bookinfo'],
  flags: [FILE_FLAG],
  run,
});

async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session, release } = invocation;
  const client = await session.client();
  const failed: string[] = [];
  const remove = async (path: string, name: string, said: string): Promise<void> => {
    try {
      await client.json('DELETE', path);
      io.stderr.write(`Deleted config: ${said}\n`);
    } catch (error) {
      failed.push(`cannot delete ${name}: ${messageOf(error)}`);
    }
  };
  if (flags.string('file') === '') {
    const [word, ...names] = args;
    if (word === undefined || names.length === 0) {
      printUsage(invocation);
      throw new CommandError('provide configuration type and name or -f option');
    }
    const { resource } = findType(await configTypes(session, release), word);
    const { name: namespace } = await session.namespace();
    for (const name of names) await remove(resourcePath(resource, namespace, name), name, `${word} ${name}`);
  } else {
    refuseArguments(invocation, ' when the file option is used');
    for (const { object, resource, namespace, key } of await readInputs(invocation)) {
      await remove(resourcePath(resource, namespace, object.metadata.name), key, key);
    }
  }
  if (failed.length === 0) return 0;
  const count = `${failed.length} error${failed.length === 1 ? '' : 's'} occurred:`;
  throw new CommandError(`${count}\n${failed.map((problem) => `\t* ${problem}\n`).join('')}\n`);
}
