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
const AUTHZ = entry('authz', 'Look at the policies that a proxy enforces', () => import('./authz.ts'), { since: 4 });
const PROXY_STATUS = entry(
  'proxy-status',
  'Say whether proxies have what they should',
  () => import('./proxy-status.ts'),
  { aliases: ['ps'] },
);
const VERIFY_INSTALL = entry('verify-install', 'Check an installation', () => import('./install/verify-install.ts'));
const VERSION = entry('version', 'Print versions', () => import('./version.ts'));
const UNINSTALL = absent('uninstall', 'Remove Istio', { since: 7 });
const TAG = entry('tag', 'Work with revision tags', () => import('./tag.ts'), { since: 10 });

/** `istioctl experimental`: what has since become a command of its own stays here. */
const EXPERIMENTAL: Command = {
  usage: '',
  long: 'Commands that upstream calls experimental.',
  subcommands: [
    ANALYZE,
    AUTHZ,
    DESCRIBE,
    entry('add-to-mesh', 'Put a workload into the mesh', () => import('./mesh/add.ts'), {
      aliases: ['add'],
      since: 3,
      until: 15,
    }),
    entry('check-inject', 'Say whether a pod would be injected', () => import('./check-inject.ts'), { since: 14 }),
    absent('config', 'Set defaults of this program', { since: 7, until: 24 }),
    absent('create-remote-secret', 'Make a secret for another cluster', { since: 4, until: 16 }),
    absent('envoy-stats', 'Print metrics of a proxy', { aliases: ['es'], since: 14 }),
    entry('injector', 'List namespaces and their injectors', () => import('./injector.ts'), { since: 8 }),
    absent('internal-debug', 'Ask the control plane', { since: 8 }),
    absent('convert-ingress', 'Turn an Ingress into a VirtualService', { until: 0 }),
    absent('metrics', 'Print metrics of workloads'),
    absent('rbac', 'Ask what roles allow', { until: 3 }),
    entry('precheck', 'Say whether Istio can be installed', () => import('./precheck.ts'), { since: 8 }),
    { ...PROXY_STATUS, since: 8 },
    entry('remove-from-mesh', 'Take a workload out of the mesh', () => import('./mesh/remove.ts'), {
      aliases: ['rm'],
      since: 3,
      until: 15,
    }),
    absent('remote-clusters', 'List the clusters of the control plane', { since: 13, until: 16 }),
    absent('revision', 'Look at revisions of the control plane', { since: 8, until: 19 }),
    { ...TAG, since: 8, until: 9 },
    UNINSTALL,
    { ...VERIFY_INSTALL, since: 1, until: 1 },
    { ...VERSION, since: 8 },
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
    {
      ...entry('authz', 'Experimental; see experimental authz', () => import('./moved.ts'), { since: 8 }),
      hidden: true,
    },
    entry('authn', 'Look at authentication policies', () => import('./authn.ts'), { until: 5 }),
    absent('bug-report', 'Collect what helps to find a bug', { since: 8 }),
    entry('completion', 'Print completion code for a shell', () => import('./completion.ts'), { since: 2 }),
    absent('convert-ingress', 'Turn an Ingress into a VirtualService', { since: 1, until: 6 }),
    {
      ...entry('create', 'Create objects; use kubectl', () => import('./objects/create.ts'), { until: 2 }),
      hidden: true,
    },
    absent('create-remote-secret', 'Make a secret for another cluster', { since: 17 }),
    entry('dashboard', 'Say where to look at the mesh', () => import('./dashboard.ts'), {
      aliases: ['dash', 'd'],
      since: 3,
    }),
    {
      ...entry('delete', 'Delete objects; use kubectl', () => import('./objects/delete.ts'), { until: 2 }),
      hidden: true,
    },
    absent('deregister', 'Take an address out of a service', { until: 6 }),
    {
      name: 'experimental',
      aliases: ['x', 'exp'],
      short: 'Commands that may change',
      load: () => Promise.resolve(EXPERIMENTAL),
    },
    absent('gen-deploy', 'Generate an installation', { until: 0 }),
    {
      ...entry('get', 'List objects; use kubectl', () => import('./objects/get.ts'), { until: 2 }),
      hidden: true,
    },
    entry('install', 'Install Istio', () => import('./install/install.ts'), { aliases: ['apply'], since: 6 }),
    entry('kube-inject', 'Put the sidecar into manifests', () => import('./kube-inject.ts')),
    entry('manifest', 'Work with the manifests of an installation', () => import('./install/manifest.ts'), {
      since: 4,
    }),
    { ...entry('options', 'List the flags of every command', () => import('./options.ts')), hidden: true },
    entry('operator', 'Work with the operator', () => import('./install/operator.ts'), { since: 6, until: 23 }),
    entry('profile', 'Work with profiles of installations', () => import('./profile.ts'), { since: 4, until: 23 }),
    entry('proxy-config', 'Look at the configuration of a proxy', () => import('./proxy-config/command.ts'), {
      aliases: ['pc'],
    }),
    PROXY_STATUS,
    absent('register', 'Put an address into a service', { until: 6 }),
    absent('remote-clusters', 'List the clusters of the control plane', { since: 13 }),
    {
      ...entry('replace', 'Replace objects; use kubectl', () => import('./objects/replace.ts'), { until: 2 }),
      hidden: true,
    },
    TAG,
    UNINSTALL,
    absent('upgrade', 'Upgrade Istio', { since: 4 }),
    entry('validate', 'Check manifests of Istio', () => import('./validate/command.ts'), { aliases: ['v'], since: 1 }),
    { ...VERIFY_INSTALL, since: 2 },
    VERSION,
    absent('waypoint', 'Work with waypoint proxies', { since: 22 }),
    absent('ztunnel-config', 'Look at the configuration of ztunnel', { aliases: ['zc'], since: 22 }),
  ],
};
