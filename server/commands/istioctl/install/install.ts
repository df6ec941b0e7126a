import { CommandError } from '../../kubectl/errors.ts';
import type { Command, Invocation } from '../command.ts';
import { INSTALL_FLAGS, installedDeployments, isReady, sayInstalled } from './installed.ts';

export const command: Command = {
  usage: '',
  long: 'Would install Istio. A cluster of Taller has its Istio from the start, so this only says what is there.',
  examples: ['install', 'install --set profile=demo -y'],
  flags: INSTALL_FLAGS,
  run: install,
};

/** What each deployment is called in upstream's list; newest releases add a picture. */
const COMPONENTS: readonly (readonly [pattern: RegExp, title: string, picture: string])[] = [
  [/^istiod/, 'Istiod installed', '🧠'],
  [/egressgateway/, 'Egress gateways installed', '🛫'],
  [/ingressgateway/, 'Ingress gateways installed', '🛬'],
];

/** operator/cmd/mesh/install.go: a line for each component that is there. */
export async function install(invocation: Invocation): Promise<number> {
  const { io, release } = invocation;
  const deployments = await installedDeployments(invocation);
  sayInstalled(invocation);
  const say = (title: string, picture: string): void =>
    void io.stdout.write(`✔ ${title}${release.minor >= 20 ? ` ${picture}` : ''}\n`);
  say('Istio core installed', '⛵️');
  for (const [pattern, title, picture] of COMPONENTS) {
    const own = deployments.filter(({ metadata }) => pattern.test(metadata.name));
    const waiting = own.find((deployment) => !isReady(deployment));
    if (waiting)
      throw new CommandError(
        `deployment ${waiting.metadata.name} is not ready; see kubectl get pods -n ${invocation.istioNamespace}`,
      );
    if (own.length > 0) say(title, picture);
  }
  io.stdout.write('✔ Installation complete\n');
  return 0;
}
