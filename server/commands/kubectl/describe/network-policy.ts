import { isRecord } from '../api/object.ts';
import { renderLabelSelector } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addAnnotations, addLabels, Lines, orNone } from './lines.ts';

type Fields = Record<string, unknown>;

const part = (value: unknown): Fields => (isRecord(value) ? value : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** kubectl/pkg/describe/describe.go, describeNetworkPolicy. */
export const describeNetworkPolicy: Describer = (object) => {
  const { metadata = {} } = object;
  const spec = part(object.spec);
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  const created = new Date(metadata.creationTimestamp ?? 0)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, ' +0000 UTC');
  lines.add(0, 'Created on:', created);
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const selector = renderLabelSelector(spec.podSelector);
  const all = '<none> (Allowing the specific traffic to all pods in this namespace)';
  const types = Array.isArray(spec.policyTypes) ? spec.policyTypes.map(String) : [];
  lines.raw('Spec:\n').raw(`  PodSelector:     ${selector === '<none>' || selector === '' ? all : selector}\n`);
  for (const direction of ['ingress', 'egress'] as const) {
    const title = direction === 'ingress' ? 'Ingress' : 'Egress';
    if (!types.includes(title)) {
      lines.raw(`  Not affecting ${direction} traffic\n`);
      continue;
    }
    lines.raw(`  Allowing ${direction} traffic:\n`);
    const rules = list(spec[direction]);
    if (rules.length === 0) lines.raw(`    <none> (Selected pods are isolated for ${direction} connectivity)\n`);
    rules.forEach((rule, index) => {
      addPorts(lines, rule);
      addPeers(lines, rule, direction);
      if (index < rules.length - 1) lines.raw('    ----------\n');
    });
  }
  lines.raw(`  Policy Types: ${types.join(', ')}\n`);
  return Promise.resolve(lines.toString());
};

function addPorts(lines: Lines, rule: Fields): void {
  const ports = list(rule.ports);
  if (ports.length === 0) lines.raw('    To Port: <any> (traffic allowed to all ports)\n');
  for (const { port, endPort, protocol = 'TCP' } of ports) {
    if (endPort === undefined)
      lines.raw(`    To Port: ${port === undefined ? '<any>' : String(port)}/${String(protocol)}\n`);
    else lines.raw(`    To Port Range: ${String(port)}-${String(endPort)}/${String(protocol)}\n`);
  }
}

function addPeers(lines: Lines, rule: Fields, direction: 'ingress' | 'egress'): void {
  const [word, restricted] = direction === 'ingress' ? ['From', 'source'] : ['To', 'destination'];
  const peers = list(direction === 'ingress' ? rule.from : rule.to);
  if (peers.length === 0) lines.raw(`    ${word}: <any> (traffic not restricted by ${restricted})\n`);
  for (const { podSelector, namespaceSelector, ipBlock } of peers) {
    lines.raw(`    ${word}:\n`);
    if (isRecord(ipBlock)) {
      const except = Array.isArray(ipBlock.except) ? ipBlock.except.map(String) : [];
      lines.raw(`      IPBlock:\n        CIDR: ${String(ipBlock.cidr)}\n        Except: ${except.join(', ')}\n`);
      continue;
    }
    if (namespaceSelector !== undefined)
      lines.raw(`      NamespaceSelector: ${orNone(renderLabelSelector(namespaceSelector))}\n`);
    if (podSelector !== undefined) lines.raw(`      PodSelector: ${orNone(renderLabelSelector(podSelector))}\n`);
  }
}
