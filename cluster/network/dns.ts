import type { ServiceTable } from './services.ts';

/** The domain that every cluster of ours has, as clusters have by default. */
export const CLUSTER_DOMAIN = 'cluster.local';

/**
 * The names of one cluster, as CoreDNS serves them with its `kubernetes` plugin: `SERVICE.NAMESPACE.svc.cluster.local`
 * is the cluster IP, or the ready pods of a headless service; `HOSTNAME.SERVICE…` one pod of it. There is no world
 * outside: other names do not exist.
 */
export interface Dns {
  /** The search list of a pod's resolv.conf. */
  searchList(namespace: string): string[];
  /** Addresses of a full name; null when there is no such name (NXDOMAIN), empty when it has none. */
  lookup(fullName: string): string[] | null;
  /** As a resolver does with the search list and `ndots:5`: the full name that answered and its addresses. */
  resolve(name: string, namespace: string): { name: string; addresses: string[] } | null;
}

function searchList(namespace: string): string[] {
  return [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN];
}

export function createDns(services: ServiceTable): Dns {
  const lookup = (fullName: string, depth = 0): string[] | null => {
    const labels = fullName.toLowerCase().replace(/\.$/, '').split('.');
    if (labels.at(-1) !== 'local' || labels.at(-2) !== 'cluster' || labels.at(-3) !== 'svc') return null;
    const [namespace, serviceName, hostname] = labels.slice(0, -3).toReversed();
    if (namespace === undefined || serviceName === undefined || labels.length > 6) return null;
    const service = services.byName(namespace, serviceName);
    if (service === undefined) return null;
    if (service.spec?.type === 'ExternalName') {
      // CoreDNS follows a CNAME that stays in the cluster; 8 as its plugin's limit against circles.
      return depth > 8 ? null : lookup(service.spec.externalName ?? '', depth + 1);
    }
    if (service.spec?.clusterIP !== 'None') {
      return hostname !== undefined || service.spec?.clusterIP === undefined ? null : [service.spec.clusterIP];
    }
    const addresses = services.addresses(service);
    if (hostname === undefined) return addresses.map((address) => address.ip);
    const matching = addresses.filter((address) => address.hostname === hostname);
    return matching.length === 0 ? null : matching.map((address) => address.ip);
  };
  return {
    searchList,
    lookup: (fullName) => lookup(fullName),
    resolve(name, namespace) {
      const searched = searchList(namespace).map((domain) => `${name}.${domain}`);
      const dots = name.split('.').length - 1;
      const candidates = name.endsWith('.') ? [name] : dots >= 5 ? [name, ...searched] : [...searched, name];
      for (const candidate of candidates) {
        const addresses = lookup(candidate);
        if (addresses !== null && addresses.length > 0) return { name: candidate.replace(/\.$/, ''), addresses };
      }
      return null;
    },
  };
}
