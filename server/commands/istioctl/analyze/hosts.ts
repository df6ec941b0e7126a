import { hostOf, qualifyHost, type Service } from '../istio-objects.ts';
import { namespaceOf, type Snapshot } from './snapshot.ts';

/** Whether a service or a ServiceEntry has a host, as an object of a namespace writes it. */
export function isKnownHost(snapshot: Snapshot, host: string, namespace: string): boolean {
  return findService(snapshot, host, namespace) !== undefined || isExternal(snapshot, host, namespace);
}

export function findService(snapshot: Snapshot, host: string, namespace: string): Service | undefined {
  const full = completed(host, namespace);
  return snapshot
    .of('services')
    .find((service) => (full.startsWith('*') ? hostOf(service).endsWith(full.slice(1)) : hostOf(service) === full));
}

function isExternal(snapshot: Snapshot, host: string, namespace: string): boolean {
  const full = qualifyHost(host, namespace);
  return snapshot.of('serviceEntries').some((entry) => {
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
function completed(host: string, namespace: string): string {
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
