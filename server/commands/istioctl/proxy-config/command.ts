import type { Command, CommandEntry } from '../command.ts';

function entry(name: string, aliases: string[], load: () => Promise<{ command: Command }>, since = 0): CommandEntry {
  const short = `Print the ${SHOWN[name] ?? name} of a proxy`;
  return { name, aliases, short, since, load: async () => (await load()).command };
}

const SHOWN: Readonly<Record<string, string>> = {
  all: 'configuration',
  bootstrap: 'bootstrap configuration',
  cluster: 'clusters',
  ecds: 'extensions',
  endpoint: 'endpoints',
  listener: 'listeners',
  log: 'log levels',
  route: 'routes',
  secret: 'certificates',
};

/** `istioctl proxy-config` */
export const command: Command = {
  usage: '',
  long: 'Prints the configuration that a proxy has, as the proxy tells it.',
  subcommands: [
    entry('all', ['a'], () => import('./all.ts'), 12),
    entry('bootstrap', ['b'], () => import('./bootstrap.ts')),
    entry('cluster', ['clusters', 'c'], () => import('./cluster.ts')),
    entry('ecds', ['ec'], () => import('./ecds.ts'), 14),
    entry('endpoint', ['endpoints', 'ep'], () => import('./endpoint.ts'), 1),
    entry('listener', ['listeners', 'l'], () => import('./listener.ts')),
    entry('log', ['o'], () => import('./log.ts'), 3),
    {
      name: 'rootca-compare',
      aliases: ['rc'],
      short: 'Compare the roots of two proxies',
      since: 9,
      load: async () => (await import('./rootca-compare.ts')).command,
    },
    entry('route', ['routes', 'r'], () => import('./route.ts')),
    entry('secret', ['secrets', 's'], () => import('./secret.ts'), 5),
  ],
};
