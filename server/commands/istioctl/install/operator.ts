import type { Command } from '../command.ts';
import { INSTALL_FLAGS, installedDeployments, sayInstalled } from './installed.ts';

const init: Command = {
  usage: '',
  long: 'Would install the operator. A cluster of Taller has its Istio without one.',
  flags: INSTALL_FLAGS,
  async run(invocation) {
    await installedDeployments(invocation);
    sayInstalled(invocation);
    invocation.io.stderr.write('No operator is needed, and none was installed.\n');
    return 0;
  },
};

/** `istioctl operator` */
export const command: Command = {
  usage: '',
  long: 'Works with the operator, which installs Istio from within a cluster.',
  subcommands: [
    { name: 'dump', short: 'Print the manifests of the operator' },
    { name: 'init', short: 'Install the operator', load: () => Promise.resolve(init) },
    { name: 'remove', short: 'Remove the operator' },
  ],
};
