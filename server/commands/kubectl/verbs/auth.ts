import type { Command } from '../command.ts';

export const command: Command = {
  usage: '[flags]',
  long: 'Asks who you are and what you may do.',
  subcommands: [
    {
      name: 'can-i',
      short: 'Check whether an action is allowed',
      load: async () => (await import('../auth/can-i.ts')).canI,
    },
    { name: 'reconcile', short: 'Bring roles and bindings in line with files' },
    {
      name: 'whoami',
      short: 'Show who you are to the server',
      load: async () => (await import('../auth/whoami.ts')).whoami,
    },
  ],
};
