import { injectObject } from '../kube-inject.ts';
import { meshCommand, updateDeployment } from './deployments.ts';

const REQUIREMENTS = 'https://istio.io/docs/setup/kubernetes/additional-setup/requirements/';

export const command = meshCommand({
  name: 'add-to-mesh',
  aliases: ['add'],
  long: 'Starts pods again with the sidecar, in place of an injection for the whole namespace.',
  missing: (service) => `services ${JSON.stringify(service)} not found`,
  async change(invocation, deployment) {
    await updateDeployment(invocation, (await injectObject(invocation, deployment)) ?? deployment);
    const { name, namespace = '' } = deployment.metadata;
    invocation.io.stdout.write(
      `deployment ${name}.${namespace} updated successfully with Istio sidecar injected.\n` +
        `Next Step: Add related labels to the deployment to align with Istio's requirement: ${REQUIREMENTS}\n`,
    );
  },
});
