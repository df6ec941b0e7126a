import { hostOf, qualifyHost, type Service } from '../istio-objects.ts';
import { namespaceOf, type ServiceEntry, type Snapshot } from './snapshot.ts';

/** Whether a service or a ServiceEntry has a host, as an object of a namespace writes it. */
export function isKnownHost(snapshot: Snapshot, host: string, namespace: string): boolean {
  return findService(snapshot, host, namespace) !== undefined || findEntry(snapshot, host, namespace) !== undefined;
}

export function findService(snapshot: Snapshot, host: string, namespace: string): Service | undefined {
  const full = completed(host, namespace);
  return snapshot
    .of('services')
    .find((service) => (full.startsWith('*') ? hostOf(service).endsWith(full.slice(1)) : hostOf(service) === full));
}

/** The ports of a host, of its service or of the first ServiceEntry that has it. */
export function portsOf(snapshot: Snapshot, host: string, namespace: string): number[] {
  const service = findService(snapshot, host, namespace);
  if (service !== undefined) return (service.spec?.ports ?? []).map(({ port }) => port);
  return (findEntry(snapshot, host, namespace)?.spec?.ports ?? []).flatMap(({ number }) => number ?? []);
}

function findEntry(snapshot: Snapshot, host: string, namespace: string): ServiceEntry | undefined {
  const full = qualifyHost(host, namespace);
  return snapshot.of('serviceEntries').find((entry) => {
    const { hosts = [], exportTo = [] } = entry.spec ?? {};
    const visible =
      exportTo.length === 0 ||
      exportTo.includes('*') ||
      exportTo.includes(namespace) ||
      namespaceOf(entry) === namespace;
    return visible && hosts.some((each) => covers(each, host) || covers(each, full));
  });
}

/** `a`, `a.b` and `a.b.svc` are hosts of the cluster too. */
export function completed(host: string, namespace: string): string {
  if (host.startsWith('*')) return host;
  const [name = '', own = namespace, ...rest] = host.split('.');
  return rest.length === 0 || rest.join('.') === 'svc' ? `${name}.${own}.svc.cluster.local` : host;
}

export function covers(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  return pattern.startsWith('*') && host.endsWith(pattern.slice(1));
}

export function intersect(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}
