import type { Command, CommandEntry } from '../command.ts';

const entry = (name: string, short: string, load: () => Promise<Command>): CommandEntry => ({ name, short, load });

export const command: Command = {
  usage: 'SUBCOMMAND',
  long: 'Reads and changes kubeconfig files: that of --kubeconfig, else those in KUBECONFIG, else ~/.kube/config.',
  subcommands: [
    entry(
      'current-context',
      'Display the current-context',
      async () => (await import('../config/show.ts')).currentContext,
    ),
    entry(
      'delete-cluster',
      'Delete the specified cluster from the kubeconfig',
      async () => (await import('../config/change.ts')).deleteCluster,
    ),
    entry(
      'delete-context',
      'Delete the specified context from the kubeconfig',
      async () => (await import('../config/change.ts')).deleteContext,
    ),
    entry(
      'delete-user',
      'Delete the specified user from the kubeconfig',
      async () => (await import('../config/change.ts')).deleteUser,
    ),
    entry(
      'get-clusters',
      'Display clusters defined in the kubeconfig',
      async () => (await import('../config/show.ts')).getClusters,
    ),
    entry('get-contexts', 'Describe one or many contexts', async () => (await import('../config/show.ts')).getContexts),
    entry(
      'get-users',
      'Display users defined in the kubeconfig',
      async () => (await import('../config/show.ts')).getUsers,
    ),
    entry(
      'rename-context',
      'Rename a context from the kubeconfig file',
      async () => (await import('../config/change.ts')).renameContext,
    ),
    entry('set', 'Set an individual value in a kubeconfig file', async () => (await import('../config/set.ts')).set),
    entry(
      'set-cluster',
      'Set a cluster entry in kubeconfig',
      async () => (await import('../config/set.ts')).setCluster,
    ),
    entry(
      'set-context',
      'Set a context entry in kubeconfig',
      async () => (await import('../config/change.ts')).setContext,
    ),
    entry(
      'set-credentials',
      'Set a user entry in kubeconfig',
      async () => (await import('../config/set.ts')).setCredentials,
    ),
    entry(
      'unset',
      'Unset an individual value in a kubeconfig file',
      async () => (await import('../config/set.ts')).unset,
    ),
    {
      ...entry(
        'use-context',
        'Set the current-context in a kubeconfig file',
        async () => (await import('../config/change.ts')).useContext,
      ),
      aliases: ['use'],
    },
    entry(
      'view',
      'Display merged kubeconfig settings or a specified kubeconfig file',
      async () => (await import('../config/show.ts')).view,
    ),
  ],
};
