/** pkg/config/analysis/analyzers/deployment/services.go: services that disagree about a workload of the mesh. */
import { selects, type Service, type ServicePort } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { isInMesh, namespaceOf, type Snapshot, type Workload } from './snapshot.ts';

export function findDeploymentServices(snapshot: Snapshot): Finding[] {
  return snapshot
    .of('deployments')
    .filter((deployment) => isInMesh(snapshot, namespaceOf(deployment), deployment.spec?.template))
    .flatMap((deployment) => {
      const services = servicesOf(snapshot, deployment);
      if (services.length === 0) return [unserved(deployment)];
      const ports = services.flatMap((service) => (service.spec?.ports ?? []).map((port) => ({ service, port })));
      return [...protocols(deployment, ports), ...targets(deployment, ports)];
    });
}

interface PortOfService {
  service: Service;
  port: ServicePort;
}

function servicesOf(snapshot: Snapshot, deployment: Workload): Service[] {
  const labels = deployment.spec?.template?.metadata?.labels;
  return snapshot
    .of('services')
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespaceOf(deployment) &&
        Object.keys(spec?.selector ?? {}).length > 0 &&
        selects(spec?.selector, labels),
    );
}

function unserved(object: Workload): Finding {
  const text =
    'No service associated with this deployment. Service mesh deployments must be associated with a service.';
  return { level: 'Warning', code: 'IST0117', object, text };
}

function protocols(deployment: Workload, ports: readonly PortOfService[]): Finding[] {
  return [...groupBy(ports, ({ port }) => port.port)].flatMap(([number, own]): Finding[] => {
    if (new Set(own.map(({ port }) => port.protocol ?? 'TCP')).size < 2) return [];
    const text = `This deployment ${fullName(deployment)} is associated with multiple services using port ${number} but different protocols: ${namesOf(own)}`;
    return [{ level: 'Warning', code: 'IST0116', object: deployment, text }];
  });
}

function targets(deployment: Workload, ports: readonly PortOfService[]): Finding[] {
  return [...groupBy(ports, ({ port }) => String(port.targetPort ?? port.port))].flatMap(([target, own]): Finding[] => {
    const numbers = [...new Set(own.map(({ port }) => port.port))].sort((a, b) => a - b);
    if (numbers.length < 2) return [];
    const text = `This deployment ${fullName(deployment)} is associated with multiple services ${namesOf(own)} using targetPort ${JSON.stringify(target)} but different ports: [${numbers.join(' ')}].`;
    return [{ level: 'Warning', code: 'IST0137', object: deployment, text }];
  });
}

function namesOf(ports: readonly PortOfService[]): string {
  return `[${[...new Set(ports.map(({ service }) => fullName(service)))].sort().join(' ')}]`;
}

function groupBy<T, Key>(values: readonly T[], keyOf: (value: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
