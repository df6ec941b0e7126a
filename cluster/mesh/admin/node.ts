import type { Subject } from './subject.ts';

/** `pod.namespace`, as istioctl and istiod name a proxy. */
export function proxyName({ context }: Subject): string {
  const { name, namespace } = context.workload;
  return `${name}.${namespace}`;
}

/** As the proxy introduces itself to istiod: envoy.config.core.v3.Node. */
export function nodeOf(subject: Subject): unknown {
  const { context, era } = subject;
  const { namespace, labels, serviceAccount, name, isGateway } = context.mesh.workload(context.pod);
  const workload = labels['service.istio.io/canonical-name'] ?? labels['app'] ?? name;
  const role = isGateway ? 'router' : 'sidecar';
  return {
    id: `${role}~${context.podNetwork.ip}~${proxyName(subject)}~${namespace}.svc.cluster.local`,
    cluster: `${workload}.${namespace}`,
    metadata: {
      NAME: name,
      NAMESPACE: namespace,
      LABELS: labels,
      SERVICE_ACCOUNT: serviceAccount,
      CLUSTER_ID: 'Kubernetes',
      MESH_ID: 'cluster.local',
      ISTIO_VERSION: era.release,
      INTERCEPTION_MODE: 'REDIRECT',
    },
  };
}
