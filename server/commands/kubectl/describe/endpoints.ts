import { isRecord } from '../api/object.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

type Fields = Record<string, unknown>;

const part = (value: unknown): Fields => (isRecord(value) ? value : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown, missing: string): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : missing;

/** kubectl/pkg/describe/describe.go, describeEndpoints. */
export const describeEndpoints: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.raw('Subsets:\n');
  for (const subset of list(object.subsets)) {
    const addresses = (of: unknown) =>
      list(of)
        .map(({ ip }) => String(ip))
        .join(',') || '<none>';
    lines.add(1, 'Addresses:', addresses(subset.addresses));
    lines.add(1, 'NotReadyAddresses:', addresses(subset.notReadyAddresses));
    const ports = list(subset.ports);
    if (ports.length > 0) {
      lines.raw('  Ports:\n').add(2, 'Name', 'Port', 'Protocol').add(2, '----', '----', '--------');
      for (const { name, port, protocol } of ports) {
        lines.add(2, text(name, '<unset>'), text(port, ''), text(protocol, ''));
      }
    }
    lines.raw('\n');
  }
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describeEndpointSliceV1. */
export const describeEndpointSlice: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.add(0, 'AddressType:', text(object.addressType, ''));
  const ports = list(object.ports);
  if (ports.length === 0) lines.raw('Ports: <unset>\n');
  else {
    lines.raw('Ports:\n').add(1, 'Name', 'Port', 'Protocol').add(1, '----', '----', '--------');
    for (const { name, port, protocol } of ports) {
      lines.add(1, text(name, '') || '<unset>', text(port, '<unset>'), text(protocol, ''));
    }
  }
  const endpoints = list(object.endpoints);
  if (endpoints.length === 0) lines.raw('Endpoints: <none>\n');
  else lines.raw('Endpoints:\n');
  for (const endpoint of endpoints) {
    const addresses = Array.isArray(endpoint.addresses) ? endpoint.addresses.map(String) : [];
    lines.raw(`  - Addresses:\t${addresses.join(', ')}\n`).raw('    Conditions:\n');
    lines.raw(`      Ready:\t${text(part(endpoint.conditions).ready, '<unset>')}\n`);
    lines.raw(`    Hostname:\t${text(endpoint.hostname, '<unset>')}\n`);
    if (isRecord(endpoint.targetRef)) {
      lines.raw(`    TargetRef:\t${text(endpoint.targetRef.kind, '')}/${text(endpoint.targetRef.name, '')}\n`);
    }
    lines.raw(`    NodeName:\t${text(endpoint.nodeName, '<unset>')}\n`);
    lines.raw(`    Zone:\t${text(endpoint.zone, '<unset>')}\n`);
  }
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};
