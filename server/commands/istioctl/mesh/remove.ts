import { meshCommand, updateDeployment, type Deployment, type Named } from './deployments.ts';

const STATUS = 'sidecar.istio.io/status';
/** Says to clients that there is a sidecar; it would send them to one that is gone. */
const TLS_MODE = 'security.istio.io/tlsMode';

export const command = meshCommand({
  name: 'remove-from-mesh',
  aliases: ['rm'],
  long:
    'Starts pods again without the sidecar that add-to-mesh or kube-inject put in. One that the injector of the cluster\n' +
    'puts into pods as they are made stays.',
  missing: (service) => `service ${JSON.stringify(service)} does not exist, skip`,
  async change(invocation, deployment) {
    const { name, namespace = '' } = deployment.metadata;
    const shown = JSON.stringify(`${name}.${namespace}`);
    if (!deployment.spec.template.spec.containers.some((container) => container.name === 'istio-proxy')) {
      invocation.io.stdout.write(`deployment ${shown} has no Istio sidecar injected. Skip\n`);
      return;
    }
    await updateDeployment(invocation, withoutSidecar(deployment));
    invocation.io.stdout.write(`deployment ${shown} updated successfully with Istio sidecar un-injected.\n`);
  },
});

/** What was put in, as the injector notes it in an annotation. */
interface Injected {
  containers?: string[] | null;
  initContainers?: string[] | null;
  volumes?: string[] | null;
}

function withoutSidecar(deployment: Deployment): Deployment {
  const { metadata, spec } = deployment.spec.template;
  const { [STATUS]: status = '{}', ...annotations } = metadata?.annotations ?? {};
  const { [TLS_MODE]: _mode, ...labels } = metadata?.labels ?? {};
  const injected = JSON.parse(status) as Injected;
  const containers = without(spec.containers, injected.containers ?? ['istio-proxy']);
  // Go leaves out what is empty; so the template is again the one of before, and its ReplicaSet comes back.
  const initContainers = orNone(without(spec.initContainers, injected.initContainers));
  const volumes = orNone(without(spec.volumes, injected.volumes));
  const template = {
    metadata: { ...metadata, annotations: Object.keys(annotations).length > 0 ? annotations : undefined, labels },
    spec: { ...spec, containers, initContainers, volumes },
  };
  return { ...deployment, spec: { ...deployment.spec, template } };
}

function without(all: readonly Named[] = [], names: readonly string[] | null | undefined): Named[] {
  return all.filter(({ name }) => !(names ?? []).includes(name));
}

function orNone<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}
