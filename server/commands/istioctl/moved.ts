import { CommandError } from '../kubectl/errors.ts';
import type { Command } from './command.ts';

/** A word that leads nowhere but to `experimental`. istioctl/cmd/root.go, seeExperimentalCmd. */
export const command: Command = {
  usage: '',
  run({ path }) {
    const name = path.split(' ').at(-1) ?? '';
    return Promise.reject(new CommandError(`(${name} is experimental. Use \`istioctl experimental ${name}\`)`));
  },
};
