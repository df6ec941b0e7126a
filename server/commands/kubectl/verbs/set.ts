import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'SUBCOMMAND',
  helpOn: 'stderr',
  long: 'Changes one aspect of objects.',
  subcommands: [
    {
      name: 'env',
      short: 'Update environment variables on a pod template',
      load: async () => (await import('../set/env.ts')).env,
    },
    {
      name: 'image',
      short: 'Update the image of a pod template',
      load: async () => (await import('../set/image.ts')).image,
    },
    {
      name: 'resources',
      short: 'Update resource requests/limits on objects with pod templates',
      load: async () => (await import('../set/resources.ts')).resources,
    },
    {
      name: 'selector',
      short: 'Set the selector on a resource',
      load: async () => (await import('../set/selector.ts')).selector,
    },
    {
      name: 'serviceaccount',
      aliases: ['sa'],
      short: 'Update the service account of a resource',
      load: async () => (await import('../set/service-account.ts')).serviceAccount,
    },
    {
      name: 'subject',
      short: 'Update the user, group, or service account in a role binding or cluster role binding',
      load: async () => (await import('../set/subject.ts')).subject,
    },
  ],
};
