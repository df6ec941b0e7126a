import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

export const command: Command = {
  usage: '',
  run({ path }) {
    throw new CommandError(`"${path}" is not simulated in Taller yet`);
  },
};
