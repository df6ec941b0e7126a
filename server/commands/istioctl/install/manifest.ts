import type { Command, Invocation } from '../command.ts';
import { install } from './install.ts';
import { INSTALL_FLAGS, installedDeployments, sayInstalled } from './installed.ts';

const apply: Command = {
  usage: '',
  long: 'Would install Istio. A cluster of Taller has its Istio from the start, so this only says what is there.',
  examples: ['manifest apply --set profile=demo'],
  flags: INSTALL_FLAGS,
  run: (invocation) => (invocation.release.minor >= 6 ? install(invocation) : applyComponents(invocation)),
};

/** `istioctl manifest` */
export const command: Command = {
  usage: '',
  long: 'Works with the manifests of an installation.',
  subcommands: [
    { name: 'apply', short: 'Install Istio', until: 8, load: () => Promise.resolve(apply) },
    { name: 'diff', short: 'Compare manifests', until: 23 },
    { name: 'generate', short: 'Print the manifests of an installation' },
    { name: 'install', short: 'Install Istio', since: 7, load: () => Promise.resolve(apply) },
    { name: 'migrate', short: 'Turn settings of Helm into those of the operator', until: 8 },
    { name: 'translate', short: 'Turn settings of the operator into those of Helm', since: 24 },
    { name: 'versions', short: 'List versions', until: 8 },
  ],
};

/** 1.4 told of each component by itself. */
async function applyComponents(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const deployments = await installedDeployments(invocation);
  sayInstalled(invocation);
  const names = deployments.map(({ metadata }) => titleOf(metadata.name)).sort();
  for (const name of ['Base', ...names]) io.stdout.write(`✔ Finished applying manifest for component ${name}.\n`);
  io.stdout.write('\n✔ Installation complete\n');
  return 0;
}

/** As the operator of 1.4 called its components. */
function titleOf(deployment: string): string {
  const name = deployment.replace(/^istio-/, '');
  return TITLES[name] ?? `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
}

const TITLES: Readonly<Record<string, string>> = {
  egressgateway: 'EgressGateway',
  ingressgateway: 'IngressGateway',
  'sidecar-injector': 'Injector',
};
