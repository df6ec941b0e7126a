import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { buildKustomization } from '../kustomize/build.ts';
import { renderYaml } from '../output/yaml.ts';

export const command: Command = {
  usage: 'DIR',
  long: 'Prints the objects of a kustomization, as `apply -k` would apply them.',
  async run({ args, io }) {
    if (args.length > 1) throw new UsageError('specify one path to kustomization.yaml');
    const objects = await buildKustomization(args[0] ?? '.', io);
    io.stdout.write(objects.map((object) => renderYaml(object)).join('---\n'));
    return 0;
  },
};
