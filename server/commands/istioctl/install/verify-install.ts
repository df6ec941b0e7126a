import { CommandError } from '../../kubectl/errors.ts';
import type { ApiList } from '../../kubectl/api/object.ts';
import type { Command, Invocation } from '../command.ts';
import type { KubernetesObject } from '../resources.ts';
import { INSTALL_FLAGS, installedDeployments, isReady } from './installed.ts';

export const command: Command = {
  usage: '',
  long: 'Checks that the definitions and the deployments of Istio are there and ready.',
  examples: ['verify-install'],
  flags: INSTALL_FLAGS,
  run,
};

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** istioctl/pkg/verifier/verifier.go */
async function run(invocation: Invocation): Promise<number> {
  const { io, release, session, istioNamespace } = invocation;
  const deployments = await installedDeployments(invocation);
  const client = await session.client();
  const { items = [] } = await client.json<ApiList>('GET', DEFINITIONS);
  const definitions = (items as KubernetesObject[])
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.endsWith('.istio.io'));
  const mark = release.minor >= 7 ? '✔ ' : '';
  const say = (text: string): void => void io.stdout.write(`${text}\n`);
  if (release.minor >= 9) say(`1 Istio control planes detected, checking --revision "default" only`);
  for (const name of definitions)
    say(`${mark}CustomResourceDefinition: ${name}.${istioNamespace} checked successfully`);
  for (const deployment of deployments) {
    const name = `${deployment.metadata.name}.${istioNamespace}`;
    if (!isReady(deployment)) {
      throw new CommandError(
        `Istio installation failed, incomplete or does not match: Deployment ${name} is not ready`,
      );
    }
    say(`${mark}Deployment: ${name} checked successfully`);
  }
  say(`Checked ${definitions.length} custom resource definitions`);
  say(`Checked ${deployments.length} Istio Deployments`);
  say(release.minor >= 7 ? `${mark}Istio is installed and verified successfully` : 'Istio is installed successfully');
  return 0;
}
