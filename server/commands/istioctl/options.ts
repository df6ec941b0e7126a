import type { Command } from './command.ts';
import { GLOBAL_FLAGS } from './global-flags.ts';
import { renderFlags } from './help.ts';

export const command: Command = {
  usage: '',
  run({ io }) {
    io.stdout.write(`The following options can be passed to any command:\n${renderFlags(GLOBAL_FLAGS)}\n`);
    return Promise.resolve(0);
  },
};
