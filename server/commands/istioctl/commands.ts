import type { Command, CommandEntry } from './command.ts';

type Loader = () => Promise<{ command: Command }>;

/** A command that is there. */
function entry(
  name: string,
  short: string,
  load: Loader,
  rest: Pick<CommandEntry, 'aliases' | 'since' | 'until'> = {},
): CommandEntry {
  return { name, short, ...rest, load: async () => (await load()).command };
}

/** One that upstream has and Taller does not. */
function absent(name: string, short: string, rest: Omit<CommandEntry, 'name' | 'short'> = {}): CommandEntry {
  return { name, short, ...rest };
}

const DESCRIBE = entry(
  'describe',
  'Say what of Istio affects a pod or a service',
  () => import('./describe/command.ts'),
  {
    aliases: ['des'],
    since: 3,
  },
);
const ANALYZE = entry('analyze', 'Look for mistakes in the configuration', () => import('./analyze/command.ts'), {
  since: 4,
});
const AUTHZ = entry('authz', 'Look at the policies that a proxy enforces', () => import('./authz.ts'), { since: 7 });

/** `istioctl experimental`: what has since become a command of its own stays here. */
const EXPERIMENTAL: Command = {
  usage: '',
  long: 'Commands that upstream calls experimental.',
  subcommands: [
    ANALYZE,
    AUTHZ,
    DESCRIBE,
    absent('add-to-mesh', 'Put a workload into the mesh', { aliases: ['add'], since: 3, until: 15 }),
    absent('authz', 'Look at the policies that a proxy enforces', { since: 4, until: 6 }),
    absent('check-inject', 'Say whether a pod would be injected', { since: 14 }),
    absent('config', 'Set defaults of this program', { since: 7, until: 24 }),
    absent('create-remote-secret', 'Make a secret for another cluster', { since: 4, until: 16 }),
    absent('envoy-stats', 'Print metrics of a proxy', { aliases: ['es'], since: 14 }),
    absent('injector', 'List namespaces and their injectors', { since: 8 }),
    absent('internal-debug', 'Ask the control plane', { since: 8 }),
    absent('metrics', 'Print metrics of workloads', { since: 2 }),
    absent('precheck', 'Say whether Istio can be installed', { since: 8 }),
    absent('remove-from-mesh', 'Take a workload out of the mesh', { aliases: ['rm'], since: 3, until: 15 }),
    absent('version', 'Print versions through xDS', { since: 8 }),
    absent('wait', 'Wait until proxies have a configuration', { since: 6 }),
    absent('workload', 'Configure workloads outside of the cluster', { since: 9 }),
  ],
};

/** Every command of istioctl 1.27, and those that older releases had. */
export const ROOT: Command = {
  usage: '',
  long:
    'istioctl looks at the Istio of a cluster and at its proxies: which configuration they have, whether it fits,\n' +
    'and what of it affects a workload.',
  subcommands: [
    absent('admin', 'Configure the control plane', { aliases: ['istiod'], since: 8 }),
    { ...ANALYZE, since: 5 },
    entry('authn', 'Look at authentication policies', () => import('./authn.ts'), { until: 5 }),
    absent('bug-report', 'Collect what helps to find a bug', { since: 8 }),
    entry('completion', 'Print completion code for a shell', () => import('./completion.ts'), { since: 2 }),
    absent('convert-ingress', 'Turn an Ingress into a VirtualService', { until: 6 }),
    absent('create', 'Create objects; use kubectl', { until: 2 }),
    absent('create-remote-secret', 'Make a secret for another cluster', { since: 17 }),
    entry('dashboard', 'Say where to look at the mesh', () => import('./dashboard.ts'), {
      aliases: ['dash', 'd'],
      since: 3,
    }),
    absent('delete', 'Delete objects; use kubectl', { until: 2 }),
    absent('deregister', 'Take an address out of a service', { until: 6 }),
    {
      name: 'experimental',
      aliases: ['x', 'exp'],
      short: 'Commands that may change',
      load: () => Promise.resolve(EXPERIMENTAL),
    },
    absent('gen-deploy', 'Generate an installation', { until: 0 }),
    absent('get', 'List objects; use kubectl', { until: 2 }),
    entry('install', 'Install Istio', () => import('./install/install.ts'), { aliases: ['apply'], since: 6 }),
    entry('kube-inject', 'Put the sidecar into manifests', () => import('./kube-inject.ts')),
    entry('manifest', 'Work with the manifests of an installation', () => import('./install/manifest.ts'), {
      since: 4,
    }),
    entry('operator', 'Work with the operator', () => import('./install/operator.ts'), { since: 6, until: 23 }),
    absent('profile', 'Work with profiles of installations', { since: 4, until: 22 }),
    entry('proxy-config', 'Look at the configuration of a proxy', () => import('./proxy-config/command.ts'), {
      aliases: ['pc'],
    }),
    entry('proxy-status', 'Say whether proxies have what they should', () => import('./proxy-status.ts'), {
      aliases: ['ps'],
    }),
    absent('register', 'Put an address into a service', { until: 6 }),
    absent('remote-clusters', 'List the clusters of the control plane', { since: 13 }),
    absent('replace', 'Replace objects; use kubectl', { until: 2 }),
    absent('tag', 'Work with revision tags', { since: 10 }),
    absent('uninstall', 'Remove Istio', { since: 14 }),
    absent('upgrade', 'Upgrade Istio', { since: 4 }),
    entry('validate', 'Check manifests of Istio', () => import('./validate/command.ts'), { aliases: ['v'] }),
    entry('verify-install', 'Check an installation', () => import('./install/verify-install.ts')),
    entry('version', 'Print versions', () => import('./version.ts')),
    absent('waypoint', 'Work with waypoint proxies', { since: 22 }),
    absent('ztunnel-config', 'Look at the configuration of ztunnel', { aliases: ['zc'], since: 22 }),
  ],
};
