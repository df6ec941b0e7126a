import type { FlagSpec } from '../../kubectl/flags.ts';
import type { Command } from '../command.ts';

export const FILE_FLAG: FlagSpec = { name: 'file', short: 'f', type: 'string', usage: 'File with objects; - is stdin' };

/** A command that says, before it runs, that kubectl is to be used instead. istioctl/cmd/istioctl/deprecated_cmd.go */
export function deprecated(name: string, instead: string, command: Command & Required<Pick<Command, 'run'>>): Command {
  return {
    ...command,
    run(invocation) {
      const use = `Use \`kubectl ${instead}\` instead (see https://kubernetes.io/docs/tasks/tools/install-kubectl)`;
      invocation.io.stderr.write(`Command ${JSON.stringify(name)} is deprecated, ${use}\n`);
      return command.run(invocation);
    },
  };
}
