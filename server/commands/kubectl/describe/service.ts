import { isRecord, type ApiList } from '../api/object.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

interface ServicePort {
  name?: string;
  protocol?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
}

export interface Slice {
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
  ports?: { name?: string; port?: number }[];
}

/** Endpoints named before the rest is counted. */
const SHOWN_ENDPOINTS = 3;

/** kubectl/pkg/describe/describe.go, describeService. */
export const describeService: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const spec = isRecord(object.spec) ? object.spec : {};
  const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const selector = Object.entries(isRecord(spec.selector) ? spec.selector : {}).map(
    ([key, value]) => `${key}=${String(value)}`,
  );
  lines.add(0, 'Selector:', selector.sort().join(',') || '<none>').add(0, 'Type:', text(spec.type));
  if (spec.ipFamilyPolicy) lines.add(0, 'IP Family Policy:', text(spec.ipFamilyPolicy));
  if (spec.ipFamilies) lines.add(0, 'IP Families:', list(spec.ipFamilies).join(',') || '<none>');
  else lines.add(0, 'IP Families:', '<none>');
  lines.add(0, 'IP:', text(spec.clusterIP));
  lines.add(0, 'IPs:', list(spec.clusterIPs).join(',') || '<none>');
  if (list(spec.externalIPs).length > 0) lines.add(0, 'External IPs:', list(spec.externalIPs).join(','));
  if (spec.loadBalancerIP) lines.add(0, 'Desired LoadBalancer IP:', text(spec.loadBalancerIP));
  if (spec.externalName) lines.add(0, 'External Name:', text(spec.externalName));
  const slices = await listSlices(client, metadata.namespace ?? '', metadata.name ?? '');
  for (const port of (spec.ports ?? []) as ServicePort[]) addPort(lines, port, slices);
  lines.add(0, 'Session Affinity:', text(spec.sessionAffinity));
  if (spec.externalTrafficPolicy) lines.add(0, 'External Traffic Policy:', text(spec.externalTrafficPolicy));
  if (spec.internalTrafficPolicy) lines.add(0, 'Internal Traffic Policy:', text(spec.internalTrafficPolicy));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** The slices of a service. */
export async function listSlices(
  client: Parameters<Describer>[1]['client'],
  namespace: string,
  name: string,
): Promise<Slice[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
  const list = await client.json<ApiList>('GET', path, {
    query: { labelSelector: `kubernetes.io/service-name=${name}` },
  });
  return (list.items ?? []) as Slice[];
}

function addPort(lines: Lines, port: ServicePort, slices: readonly Slice[]): void {
  const protocol = port.protocol ?? 'TCP';
  lines.add(0, 'Port:', port.name || '<unset>', `${port.port}/${protocol}`);
  lines.add(0, 'TargetPort:', `${port.targetPort ?? port.port}/${protocol}`);
  if (port.nodePort) lines.add(0, 'NodePort:', port.name || '<unset>', `${port.nodePort}/${protocol}`);
  lines.add(0, 'Endpoints:', renderEndpoints(slices, port.name ?? ''));
}

/** Addresses with the port of this name that are ready, the first three by name. */
export function renderEndpoints(slices: readonly Slice[], portName: string): string {
  const all = slices.flatMap((slice) => {
    const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port;
    if (port === undefined) return [];
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return ready.flatMap(({ addresses }) => addresses.map((address) => `${address}:${port}`));
  });
  const shown = all.slice(0, SHOWN_ENDPOINTS).join(',');
  return all.length > SHOWN_ENDPOINTS ? `${shown} + ${all.length - SHOWN_ENDPOINTS} more...` : shown;
}
