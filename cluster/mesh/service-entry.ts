/**
 * Hosts that a ServiceEntry adds to the mesh (Istio 1.27, pilot/pkg/serviceregistry/serviceentry). Each host is a
 * service like those of the cluster, with endpoints of its own. There is no world outside of the cluster: names of
 * endpoints are those of the cluster's DNS, addresses those of its pods and services. Left out: weights, networks and
 * localities of endpoints.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Endpoint } from '../network/connection.ts';
import type { ServicePort } from '../network/services.ts';
import type { KubernetesObject } from '../objects/object.ts';
import type { MeshService } from './destination.ts';
import { hostCovers } from './host-name.ts';
import { isInBlock } from './ip-block.ts';
import { isVisible } from './visibility.ts';

/** What the mesh reads of a ServiceEntry. */
export interface ServiceEntry extends KubernetesObject {
  spec?: {
    hosts?: string[];
    addresses?: string[];
    ports?: { number?: number; name?: string; protocol?: string; targetPort?: number }[];
    location?: string;
    resolution?: string;
    endpoints?: EntryEndpoint[];
    workloadSelector?: { labels?: Record<string, string> };
    exportTo?: string[];
    subjectAltNames?: string[];
  };
}

/** An endpoint as entries write them, and as WorkloadEntries are. */
export interface EntryEndpoint {
  address?: string;
  ports?: Record<string, number>;
  labels?: Record<string, string>;
}

/** One host of a ServiceEntry. */
export interface EntryHost {
  host: string;
  entry: ServiceEntry;
  /** Of the entry, or the one that istiod gives; none for patterns and for hosts that lead wherever one connects. */
  addresses: readonly string[];
}

/** An endpoint with labels of its own; those of a pod are the pod's. */
export interface LabelledEndpoint extends Endpoint {
  labels?: Readonly<Record<string, string>>;
}

/** Where istiod takes addresses for hosts that have none (PILOT_ENABLE_IP_AUTOALLOCATE). */
const ALLOCATED_PREFIX = '240.240';

/** All hosts of all entries. Of equal hosts in one namespace the oldest counts. @param entries oldest first */
export function entryServices(entries: readonly ServiceEntry[]): MeshService[] {
  const taken = new Set<string>();
  return entries.flatMap((entry) =>
    (entry.spec?.hosts ?? []).map((text): MeshService => {
      const host = text.toLowerCase();
      return {
        apiVersion: entry.apiVersion,
        kind: entry.kind,
        metadata: entry.metadata,
        spec: { ports: (entry.spec?.ports ?? []).map(portOf) },
        entryHost: { host, entry, addresses: addressesOf(host, entry, taken) },
      };
    }),
  );
}

function portOf({
  number = 0,
  name,
  protocol,
  targetPort,
}: NonNullable<NonNullable<ServiceEntry['spec']>['ports']>[number]): ServicePort {
  return {
    port: number,
    ...(name === undefined ? {} : { name }),
    ...(protocol === undefined ? {} : { appProtocol: protocol.toLowerCase() }),
    ...(targetPort === undefined ? {} : { targetPort }),
  };
}

function addressesOf(host: string, entry: ServiceEntry, taken: Set<string>): string[] {
  const { addresses = [], resolution = 'NONE' } = entry.spec ?? {};
  if (addresses.length > 0) return addresses;
  if (host.startsWith('*') || resolution === 'NONE') return [];
  const digest = createHash('sha256')
    .update(`${entry.metadata.namespace ?? ''}/${entry.metadata.name}/${host}`)
    .digest();
  // 1 to 65534, as the first and the last are nobody's; the next one where it is taken.
  let number = 1 + (digest.readUInt16BE(0) % 65_534);
  const text = (): string => `${ALLOCATED_PREFIX}.${number >> 8}.${number & 255}`;
  while (taken.has(text()) && taken.size < 65_534) number = 1 + (number % 65_534);
  taken.add(text());
  return [text()];
}

/** The entry that a client's proxy has for a host: its own namespace's first, then the most specific, then the oldest. */
export function findEntryByHost(
  services: readonly MeshService[],
  clientNamespace: string,
  host: string,
): MeshService | undefined {
  let best: { service: MeshService; own: boolean; length: number } | undefined;
  for (const service of services) {
    const { entryHost, metadata } = service;
    if (entryHost === undefined || !hostCovers(entryHost.host, host) || !isSeen(service, clientNamespace)) continue;
    const own = metadata.namespace === clientNamespace;
    const length = entryHost.host === host ? Infinity : entryHost.host.length;
    if (best === undefined || length > best.length || (length === best.length && own && !best.own)) {
      best = { service, own, length };
    }
  }
  return best?.service;
}

/**
 * The entry that a client's proxy has for an address and a port: one with that address; else one without any, which
 * takes whatever goes to a port of bytes.
 */
export function findEntryByAddress(
  services: readonly MeshService[],
  clientNamespace: string,
  { ip, port }: Endpoint,
): MeshService | undefined {
  const seen = services.filter(
    (service) => isSeen(service, clientNamespace) && service.spec?.ports?.some((each) => each.port === port) === true,
  );
  return (
    seen.find(({ entryHost }) => entryHost?.addresses.some((address) => address === ip || isInBlock(address, ip))) ??
    seen.find(
      ({ entryHost, spec }) =>
        entryHost?.addresses.length === 0 &&
        spec?.ports?.some((each) => each.port === port && each.appProtocol === 'tcp') === true,
    )
  );
}

function isSeen({ entryHost, metadata }: MeshService, clientNamespace: string): boolean {
  return isVisible(entryHost?.entry.spec?.exportTo, metadata.namespace ?? 'default', clientNamespace);
}

/**
 * Endpoints of a host.
 * @param original where the client wanted to connect to, which is what an entry without resolution means
 * @param lookup addresses of a full name of the cluster's DNS
 * @param selected what in the entry's namespace has these labels; see {@link selectedWorkloads}
 */
export function endpointsOfEntry(
  { host, entry }: EntryHost,
  port: ServicePort,
  {
    original,
    lookup,
    selected,
  }: {
    original: Endpoint | null;
    lookup(name: string): readonly string[] | null;
    selected(labels: Readonly<Record<string, string>>): readonly EntryEndpoint[];
  },
): LabelledEndpoint[] {
  const { resolution = 'NONE', endpoints = [], workloadSelector, addresses = [] } = entry.spec ?? {};
  const target = Number(port.targetPort ?? port.port);
  if (resolution === 'NONE') return original === null ? [] : [original];
  const ownPort = ({ ports }: EntryEndpoint): number => ports?.[port.name ?? ''] ?? target;
  if (workloadSelector?.labels !== undefined) {
    return selected(workloadSelector.labels).map((each) => ({
      ip: each.address ?? '',
      port: ownPort(each),
      ...labelsOf(each),
    }));
  }
  if (resolution === 'STATIC') {
    if (endpoints.length === 0) {
      return addresses.filter((address) => isIP(address) !== 0).map((ip) => ({ ip, port: target }));
    }
    return endpoints.map((each) => ({ ip: each.address ?? '', port: ownPort(each), ...labelsOf(each) }));
  }
  const named: EntryEndpoint[] = endpoints.length > 0 ? endpoints : [{ address: host }];
  return named.flatMap((each) => {
    const { address = '' } = each;
    const ips = isIP(address) === 0 ? (lookup(address) ?? []) : [address];
    return ips.map((ip) => ({ ip, port: ownPort(each), ...labelsOf(each) }));
  });
}

function labelsOf({ labels }: EntryEndpoint): Pick<LabelledEndpoint, 'labels'> {
  return labels === undefined ? {} : { labels };
}
