/** How a service is reached through a gateway. istioctl/pkg/describe/describe.go, printIngressInfo. */
import { readDump } from '../envoy.ts';
import {
  protocolOf,
  selects,
  type DestinationRule,
  type Gateway,
  type Service,
  type VirtualService,
} from '../istio-objects.ts';
import { findObject, listObjects } from '../resources.ts';
import { ruleOfService, virtualServiceOf } from './from-dump.ts';
import { DASHES, type Labels, type MeshPod, type Report } from './report.ts';
import { findPort } from './services.ts';
import { describeVirtualService } from './virtual-service.ts';

interface Ingress {
  service: Service;
  pods: MeshPod[];
}

export async function describeIngress(
  report: Report,
  services: readonly Service[],
  pods: readonly Labels[],
): Promise<void> {
  const { session, release } = report.invocation;
  const isOld = release.minor < 14;
  const gatewayPods = (await listObjects<MeshPod>(session, 'pods', undefined, 'istio=ingressgateway')).filter(
    ({ status }) => status?.phase === 'Running',
  );
  if (gatewayPods.length === 0) return report.line('Skipping Gateway information (no ingress gateway pods)');
  const ingresses = await findIngresses(report, gatewayPods);
  if (ingresses.length === 0) report.line('Skipping Gateway information (no ingress gateway service)');
  const told = new Set<string>();
  for (const pod of gatewayPods) {
    const where = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' };
    const dump = await readDump(session, where, 'ingress gateway sidecar');
    for (const [index, service] of services.entries()) {
      for (const { port } of service.spec?.ports ?? []) {
        const found = virtualServiceOf(dump, service, port);
        const virtual =
          found && (await findObject<VirtualService>(session, 'virtualServices', found.namespace, found.name));
        if (!virtual) continue;
        const ruleName = ruleOfService(dump, service, port);
        const rule = ruleName
          ? await findObject<DestinationRule>(session, 'destinationRules', ruleName.namespace, ruleName.name)
          : undefined;
        for (const gateway of await newGateways(report, virtual, told)) {
          const matching = ingresses
            .filter((ingress) => ingress.pods.some(({ metadata }) => selects(gateway.spec?.selector, metadata.labels)))
            .sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
          if (matching.length === 0) continue;
          // Older releases left lines free, but for a second service.
          if (isOld && index === 0) report.line('');
          else report.line(DASHES);
          for (const ingress of matching) printAddress(report, ingress, isOld);
          const place = { prefix: '', indent: 0 };
          describeVirtualService(report, { virtual, service, rule: rule ?? null, pods, place });
        }
      }
    }
  }
}

async function findIngresses({ invocation }: Report, pods: readonly MeshPod[]): Promise<Ingress[]> {
  const namespaces = [...new Set(pods.map(({ metadata }) => metadata.namespace ?? ''))];
  const lists = await Promise.all(
    namespaces.map((namespace) => listObjects<Service>(invocation.session, 'services', namespace)),
  );
  return lists.flat().flatMap((service) => {
    const selector = service.spec?.selector ?? {};
    if (Object.keys(selector).length === 0) return [];
    const own = pods.filter(
      ({ metadata }) => metadata.namespace === service.metadata.namespace && selects(selector, metadata.labels),
    );
    return own.length === 0 ? [] : [{ service, pods: own }];
  });
}

/** The Gateways that a VirtualService names, each once in a description. */
async function newGateways(report: Report, virtual: VirtualService, told: Set<string>): Promise<Gateway[]> {
  const found: Gateway[] = [];
  for (const written of virtual.spec?.gateways ?? []) {
    if (written === '' || written === 'mesh') continue;
    const [name = '', namespace = virtual.metadata.namespace ?? ''] = written.split('/').toReversed();
    if (told.has(`${namespace}/${name}`)) continue;
    const gateway = await findObject<Gateway>(report.invocation.session, 'gateways', namespace, name);
    if (gateway === undefined) {
      report.line(`WARNING: Proxy is stale; it references to non-existent gateway ${namespace}/${name}`);
      continue;
    }
    told.add(`${namespace}/${name}`);
    found.push(gateway);
  }
  return found;
}

function addressOf({ service, pods }: Ingress): string {
  const [first] = service.status?.loadBalancer?.ingress ?? [];
  const hostIp = pods[0]?.status?.hostIP;
  return first?.ip ?? (typeof hostIp === 'string' && hostIp !== '' ? hostIp : 'unknown');
}

/** Only plain HTTP: the others need more than an address. */
function printAddress(report: Report, ingress: Ingress, isOld: boolean): void {
  const [pod] = ingress.pods;
  for (const port of ingress.service.spec?.ports ?? []) {
    if (port.name !== 'http2' && (isOld || port.name !== 'http')) continue;
    if (pod === undefined || findPort(pod, port) === null) continue;
    const scheme = ['HTTP', 'HTTP2'].includes(protocolOf(port)) ? 'http' : '';
    const suffix = scheme === 'http' && port.port === 80 ? '' : `:${port.port}`;
    if (isOld) report.line('');
    report.line(`Exposed on Ingress Gateway ${scheme}://${addressOf(ingress)}${suffix}`);
  }
}
