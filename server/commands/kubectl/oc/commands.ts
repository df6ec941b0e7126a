import type { Command, CommandEntry } from '../command.ts';
import type { CommandGroup } from '../help.ts';

const notSimulated = (...names: string[]): CommandEntry[] =>
  names.map((name) => ({ name, short: 'Builds, images and templates of OpenShift' }));

/** `oc set`: what kubectl has, and what is not simulated. */
function withOwnSetters(set: Command): Command {
  const others = ['build-hook', 'build-secret', 'data', 'deployment-hook', 'image-lookup', 'probe', 'route-backends'];
  const own = [...others, 'triggers', 'volumes'].map((name) => ({ name, short: 'Of OpenShift alone' }));
  return { ...set, subcommands: [...(set.subcommands ?? []), ...own] };
}

/** What oc has beside the commands of kubectl; an entry here stands for one of kubectl's of the same name. */
export const OC_GROUPS: readonly CommandGroup[] = [
  {
    title: 'OpenShift Commands',
    entries: [
      { name: 'login', short: 'Log in', load: async () => (await import('./login.ts')).login },
      { name: 'logout', short: 'End the session', load: async () => (await import('./login.ts')).logout },
      { name: 'whoami', short: 'Say who you are', load: async () => (await import('./whoami.ts')).command },
      {
        name: 'project',
        short: 'Switch to another project',
        load: async () => (await import('./projects.ts')).project,
      },
      { name: 'projects', short: 'List projects', load: async () => (await import('./projects.ts')).projects },
      { name: 'new-project', short: 'Ask for a project', load: async () => (await import('./projects.ts')).newProject },
      { name: 'expose', short: 'Give a service a route', load: async () => (await import('./expose.ts')).command },
      { name: 'rsh', short: 'Open a shell in a container', load: async () => (await import('./rsh.ts')).command },
      {
        name: 'status',
        short: 'Show an overview of the project',
        load: async () => (await import('./status.ts')).command,
      },
      {
        name: 'new-app',
        short: 'Make an application from an image',
        load: async () => (await import('./new-app.ts')).command,
      },
      { name: 'run', short: 'Start an image in a pod', load: async () => (await import('./run.ts')).command },
      {
        name: 'rollout',
        short: 'Follow and steer the rollout of a change',
        load: async () => (await import('./rollout.ts')).command,
      },
      {
        name: 'version',
        short: 'Print versions of client and server',
        load: async () => (await import('./version.ts')).command,
      },
      {
        name: 'policy',
        short: 'Manage authorization policy',
        load: async () => (await import('./adm-policy.ts')).policy,
      },
      {
        name: 'set',
        short: 'Change one aspect of an object',
        load: async () => withOwnSetters((await import('../verbs/set.ts')).command),
      },
      { name: 'adm', short: 'Tools for administrators', load: async () => (await import('./adm-policy.ts')).adm },
      ...notSimulated(
        'new-build',
        'start-build',
        'cancel-build',
        'import-image',
        'tag',
        'process',
        'rollback',
        'rsync',
        'debug',
        'extract',
        'idle',
        'image',
        'registry',
        'secrets',
        'observe',
      ),
    ],
  },
];
