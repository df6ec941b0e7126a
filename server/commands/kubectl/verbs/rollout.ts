import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'SUBCOMMAND',
  long: 'Follows and steers the rollout of deployments, daemon sets and stateful sets.',
  examples: [
    ['Wait until a change is out', 'rollout status deployment/web'],
    ['Go back to the revision before', 'rollout undo deployment/web'],
    ['Replace all pods by new ones', 'rollout restart deployment/web'],
  ],
  subcommands: [
    {
      name: 'history',
      short: 'View rollout history',
      load: async () => (await import('../rollout/history.ts')).history,
    },
    {
      name: 'pause',
      short: 'Mark the provided resource as paused',
      load: async () => (await import('../rollout/change.ts')).pause,
    },
    { name: 'restart', short: 'Restart a resource', load: async () => (await import('../rollout/change.ts')).restart },
    {
      name: 'resume',
      short: 'Resume a paused resource',
      load: async () => (await import('../rollout/change.ts')).resume,
    },
    {
      name: 'status',
      short: 'Show the status of the rollout',
      load: async () => (await import('../rollout/status.ts')).status,
    },
    { name: 'undo', short: 'Undo a previous rollout', load: async () => (await import('../rollout/undo.ts')).undo },
  ],
};
