import { readDump, type ConfigDump } from '../envoy.ts';
import type {
  DestinationRule,
  MeshContainer,
  Service,
  ServicePort,
  TrafficPolicy,
  VirtualService,
} from '../istio-objects.ts';
import { protocolOf } from '../istio-objects.ts';
import { findObject } from '../resources.ts';
import { accessPolicies, ruleOfService, virtualServiceOf } from './from-dump.ts';
import { mutualTlsLines } from './mutual-tls.ts';
import { sayAt, shortName, splitSubsets, type Labels, type MeshPod, type Place, type Report } from './report.ts';
import { describeVirtualService } from './virtual-service.ts';

/**
 * The services of a pod, with what its proxy was told of them. istioctl/pkg/describe/describe.go, describePodServices.
 * @returns what the proxy has; null when it was not asked, because the pod has none and that is all right
 */
export async function describeServices(
  report: Report,
  pod: MeshPod,
  services: readonly Service[],
  pods: readonly Labels[],
): Promise<ConfigDump | null> {
  const { session, flags, release } = report.invocation;
  const where = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? report.namespace };
  let dump: ConfigDump;
  try {
    dump = await readDump(session, where, 'sidecar');
  } catch (error) {
    if (flags.bool('ignoreUnmeshed')) return null;
    throw error;
  }
  for (const [index, service] of services.entries()) {
    if (index > 0) report.line('--------------------');
    printService(report, service, pod);
    const ports = service.spec?.ports ?? [];
    const isMany = ports.length > 1;
    for (const port of ports) {
      // Newer releases put the port on a line of its own, older ones before each object.
      const own = isMany && release.minor >= 14;
      if (own) report.line(`${port.port}:`);
      const place = { prefix: isMany && !own ? `${port.port} ` : '', indent: own ? 3 : 0 };
      await describePort(report, { dump, service, port, pods, pod, place, isMany });
    }
  }
  return dump;
}

interface PortOf {
  dump: ConfigDump;
  service: Service;
  port: ServicePort;
  pods: readonly Labels[];
  pod: MeshPod;
  place: Place;
  isMany: boolean;
}

async function describePort(report: Report, { dump, service, port, pods, pod, place, isMany }: PortOf): Promise<void> {
  const { session, release } = report.invocation;
  const ruleName = ruleOfService(dump, service, port.port);
  const rule =
    ruleName && (await findObject<DestinationRule>(session, 'destinationRules', ruleName.namespace, ruleName.name));
  if (rule) printRule(report, rule, pods, place);
  else if (ruleName) {
    const name = `${ruleName.name}.${ruleName.namespace}`;
    report.line(`WARNING: Proxy is stale; it references to non-existent destination rule ${name}`);
  }
  if (release.minor < 6) {
    const [first, ...more] = await mutualTlsLines(report, service, port, pod);
    if (first !== undefined) report.line(place.prefix + first);
    for (const line of more) report.line(line);
  }

  const virtualName = virtualServiceOf(dump, service, port.port);
  if (virtualName) {
    const { name, namespace } = virtualName;
    const virtual = await findObject<VirtualService>(session, 'virtualServices', namespace, name);
    if (virtual) describeVirtualService(report, { virtual, service, rule: rule ?? null, pods, place });
    else report.line(`WARNING: Proxy is stale; it references to non-existent virtual service ${name}.${namespace}`);
  }
  const policies = accessPolicies(dump);
  if (policies.length > 0) report.line(`${isMany ? `${port.port} ` : ''}RBAC policies: ${policies.join(', ')}`);
}

function printService(report: Report, service: Service, pod: MeshPod): void {
  report.line(`Service: ${shortName(report, service)}`);
  for (const port of service.spec?.ports ?? []) {
    if ((port.protocol ?? 'TCP') !== 'TCP') continue;
    const target = findPort(pod, port);
    if (target === null) {
      report.line(`   no suitable port for manifest: ${pod.metadata.uid ?? ''}`);
      continue;
    }
    const protocol = port.name === undefined && port.appProtocol === undefined ? 'auto-detect' : protocolOf(port);
    report.line(`   Port: ${port.name ?? ''} ${port.port}/${protocol} targets pod port ${target}`);
  }
}

export function findPort({ spec }: MeshPod, { targetPort, port }: ServicePort): number | null {
  const wanted = targetPort ?? port;
  if (typeof wanted === 'number') return wanted;
  const ports = (spec.containers as MeshContainer[]).flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === wanted)?.containerPort ?? null;
}

function printRule(report: Report, rule: DestinationRule, pods: readonly Labels[], place: Place): void {
  const isOld = report.invocation.release.minor < 14;
  const say = sayAt(report, place);
  say(0, `DestinationRule: ${shortName(report, rule)} for ${JSON.stringify(rule.spec?.host ?? '')}`);
  const { matching, others } = splitSubsets(rule, pods);
  if (matching.length + others.length > 0) {
    if (matching.length === 0) {
      say(isOld ? 2 : 3, `WARNING POD DOES NOT MATCH ANY SUBSETS.  (Non matching subsets ${others.join(',')})`);
    }
    say(3, `Matching subsets: ${matching.join(',')}`);
    if (others.length > 0) say(6, `(Non-matching subsets ${others.join(',')})`);
  }
  const policy = rule.spec?.trafficPolicy;
  if (policy === undefined) return say(3, 'No Traffic Policy');
  if (policy.tls) say(3, `Traffic Policy TLS Mode: ${policy.tls.mode ?? 'DISABLE'}`);
  const kinds = policyKinds(policy);
  const { portLevelSettings: ports } = policy;
  if (isOld) {
    if (ports !== undefined) kinds.push('port level settings');
    if (kinds.length > 0) say(3, kinds.join('/'));
    return;
  }
  if (kinds.length > 0) say(3, `Policies: ${kinds.join('/')}`);
  if (ports === undefined) return;
  say(3, 'Port Level Settings:');
  for (const settings of ports) {
    report.line(`    ${settings.port?.number ?? 0}:`);
    if (settings.tls) say(6, `TLS Mode: ${settings.tls.mode ?? 'DISABLE'}`);
    const own = policyKinds(settings);
    if (own.length > 0) say(6, `Policies: ${own.join('/')}`);
  }
}

function policyKinds({ loadBalancer, connectionPool, outlierDetection }: TrafficPolicy): string[] {
  return [
    ...(loadBalancer === undefined ? [] : ['load balancer']),
    ...(connectionPool === undefined ? [] : ['connection pool']),
    ...(outlierDetection === undefined ? [] : ['outlier detection']),
  ];
}
