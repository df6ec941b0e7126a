/** Which objects a proxy's configuration comes from. istioctl/pkg/describe/describe.go. */
import { configObject, type ConfigDump, type EnvoyRoute, type EnvoyVirtualHost, type FilterChain } from '../envoy.ts';
import { hostOf, type Service } from '../istio-objects.ts';
import type { PodName } from '../pods.ts';

/** The DestinationRule of a service's port, of the first cluster that has one. */
export function ruleOfService({ clusters }: ConfigDump, service: Service, port: number): PodName | null {
  const found = clusters.find(
    ({ name, metadata }) =>
      name.startsWith('outbound|') &&
      name.includes(hostOf(service)) &&
      name.includes(`|${port}|`) &&
      metadata !== undefined,
  );
  return configObject(found?.metadata);
}

/** The VirtualService that routes to a service's port: of a host with its name, or of a gateway's route to its cluster. */
export function virtualServiceOf({ routes }: ConfigDump, service: Service, port: number): PodName | null {
  for (const { name = '', virtual_hosts: hosts = [] } of routes) {
    if (name !== String(port) && !name.startsWith('http.') && !name.startsWith('https.')) continue;
    for (const host of hosts) {
      for (const route of host.routes ?? []) {
        if (leadsTo(route, host, service, port)) return configObject(route.metadata);
      }
    }
  }
  return null;
}

function leadsTo({ route }: EnvoyRoute, { domains = [] }: EnvoyVirtualHost, service: Service, port: number): boolean {
  const host = hostOf(service);
  if (domains.includes(host)) return true;
  const cluster = route?.cluster ?? route?.weighted_clusters?.clusters[0]?.name ?? '';
  const [direction, own, , destination] = cluster.split('|');
  return direction === 'outbound' && own === String(port) && destination === host;
}

/** Names of the policies in the first filter that enforces any, of the first HTTP chain of what comes in. */
export function accessPolicies(dump: ConfigDump): string[] {
  for (const { filters = [] } of inboundChains(dump)) {
    const manager = filters.find(({ typed_config: config }) => config?.http_filters !== undefined);
    if (manager === undefined) continue;
    const filter = manager.typed_config?.http_filters?.find(({ name }) => name === 'envoy.filters.http.rbac');
    return Object.keys(filter?.typed_config?.rules?.policies ?? {});
  }
  return [];
}

/** Chains of what comes in: of one listener for all ports, or up to 1.2 of one at the pod's address for each. */
export function inboundChains({ listeners }: ConfigDump): FilterChain[] {
  const inbound = listeners.find(({ name }) => name === 'virtualInbound');
  if (inbound !== undefined) return inbound.filter_chains ?? [];
  return listeners
    .filter(({ filter_chains: chains = [] }) =>
      chains.some(({ filters = [] }) => JSON.stringify(filters).includes('"inbound|')),
    )
    .flatMap(({ filter_chains: chains = [] }) => chains);
}
