/** pkg/config/analysis/analyzers/{service,deployment}: names of ports, and services that disagree about a workload. */
import { protocolOf, selects, type Service, type ServicePort } from '../istio-objects.ts';
import { fullName, type Finding } from './finding.ts';
import { isSystem, namespaceOf, type Snapshot, type Workload } from './snapshot.ts';

/** IST0118 */
export function findPortNames(snapshot: Snapshot): Finding[] {
  return (
    snapshot
      .of('services')
      // Those of the control plane are named as they are.
      .filter(({ metadata: { namespace, labels } }) => namespace !== snapshot.istioNamespace || !labels?.['istio'])
      .flatMap(unnamedPorts)
  );
}

/** IST0116 */
export function findPortProtocols(snapshot: Snapshot): Finding[] {
  return snapshot.of('deployments').flatMap((deployment) => {
    const ports = groupBy(portsOf(snapshot, deployment), ({ port }) => port.port);
    return [...ports].flatMap(([number, own]): Finding[] => {
      if (new Set(own.map(({ port }) => port.protocol ?? 'TCP')).size < 2) return [];
      const text = `This deployment ${fullName(deployment)} is associated with multiple services using port ${number} but different protocols: ${namesOf(own)}`;
      return [{ level: 'Warning', code: 'IST0116', object: deployment, text }];
    });
  });
}

/** IST0137 */
export function findTargetPorts(snapshot: Snapshot): Finding[] {
  return snapshot.of('deployments').flatMap((deployment) => {
    const ports = groupBy(portsOf(snapshot, deployment), ({ port }) => String(port.targetPort ?? port.port));
    return [...ports].flatMap(([target, own]): Finding[] => {
      const numbers = [...new Set(own.map(({ port }) => port.port))].sort((a, b) => a - b);
      if (numbers.length < 2 || new Set(own.map(({ service }) => service)).size < 2) return [];
      const text = `This deployment ${fullName(deployment)} is associated with multiple services ${namesOf(own)} using targetPort ${JSON.stringify(target)} but different ports: [${numbers.join(' ')}].`;
      return [{ level: 'Warning', code: 'IST0137', object: deployment, text }];
    });
  });
}

function unnamedPorts(service: Service): Finding[] {
  if (isSystem(service.metadata.namespace) || service.spec?.type === 'ExternalName') return [];
  return (service.spec?.ports ?? []).flatMap((port): Finding[] => {
    if (protocolOf(port) !== 'UnsupportedProtocol') return [];
    const text = `Port name ${port.name ?? ''} (port: ${port.port}, targetPort: ${port.targetPort ?? port.port}) doesn't follow the naming convention of Istio port.`;
    return [{ level: 'Info', code: 'IST0118', object: service, text }];
  });
}

/** Ports of the services that select a deployment's pods. */
function portsOf(snapshot: Snapshot, deployment: Workload): PortOfService[] {
  const namespace = namespaceOf(deployment);
  const labels = deployment.spec?.template?.metadata?.labels;
  return snapshot
    .of('services')
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === namespace &&
        Object.keys(spec?.selector ?? {}).length > 0 &&
        selects(spec?.selector, labels),
    )
    .flatMap((service) => (service.spec?.ports ?? []).map((port) => ({ service, port })));
}

interface PortOfService {
  service: Service;
  port: ServicePort;
}

function namesOf(ports: readonly PortOfService[]): string {
  return `[${[...new Set(ports.map(({ service }) => fullName(service)))].sort().join(' ')}]`;
}

function groupBy<T, Key>(values: readonly T[], keyOf: (value: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
