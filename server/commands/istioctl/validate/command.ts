import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { readDocuments } from '../manifest-text.ts';
import { findProblem } from './check.ts';

export const command: Command = {
  usage: '-f FILENAME [options]',
  long: "Checks manifests with Istio's objects, by the rules of the cluster, without storing them.",
  examples: ['validate -f bookinfo-gateway.yaml', 'validate -f -'],
  flags: [
    { name: 'filename', short: 'f', type: 'csv', usage: 'Files with manifests; - is stdin' },
    { name: 'referential', short: 'x', type: 'bool', default: 'true', usage: 'Accepted; see analyze', hidden: true },
  ],
  run,
};

/** istioctl/pkg/validate/validate.go */
async function run(invocation: Invocation): Promise<number> {
  const { flags, io, session, release } = invocation;
  const files = [...flags.list('filename'), ...invocation.args];
  if (files.length === 0) {
    throw new CommandError(
      "you must specify resources by --filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
    );
  }
  const problems: string[] = [];
  for (const file of files) {
    for (const { object } of await readDocuments(file, io)) {
      if (object === null) continue;
      const problem = await findProblem(session, object);
      const { namespace = '', name } = object.metadata;
      if (problem !== null) problems.push(`${object.kind ?? ''}/${namespace}/${name}: ${problem}`);
    }
  }
  if (problems.length > 0) {
    const count = `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:`;
    throw new CommandError(`${count}\n${problems.map((problem) => `\t* ${problem}\n`).join('')}\n`);
  }
  for (const file of files) {
    io.stdout.write(file === '-' || release.minor < 8 ? 'validation succeed\n' : `${JSON.stringify(file)} is valid\n`);
  }
  return 0;
}
