import { isRecord, type ApiList } from '../api/object.ts';
import { humanSince, longTime } from '../output/human-time.ts';
import { parseQuantity } from '../output/quantity.ts';
import type { Pod } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

type Fields = Record<string, unknown>;

const SYSTEM_INFO: [title: string, field: string][] = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
];

/** kubectl/pkg/describe/describe.go, describeNode. */
export const describeNode: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Roles:', rolesOf(metadata.labels ?? {}));
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.add(0, 'CreationTimestamp:', longTime(metadata.creationTimestamp));
  const taints = list(spec.taints).map(
    (taint) => `${text(taint.key)}${taint.value ? `=${text(taint.value)}` : ''}:${text(taint.effect)}`,
  );
  if (taints.length === 0) lines.add(0, 'Taints:', '<none>');
  taints.forEach((taint, index) => lines.add(0, index === 0 ? 'Taints:' : '', taint));
  lines.add(0, 'Unschedulable:', String(spec.unschedulable ?? false));
  await addLease(lines, client, metadata.name ?? '');
  addConditions(lines, list(status.conditions));
  lines.raw('Addresses:\n');
  for (const { type, address } of list(status.addresses)) lines.add(1, `${text(type)}:`, text(address));
  for (const [title, amounts] of [
    ['Capacity', status.capacity],
    ['Allocatable', status.allocatable],
  ] as const) {
    lines.raw(`${title}:\n`);
    for (const [name, amount] of Object.entries(part(amounts)).sort()) lines.add(1, `${name}:`, text(amount));
  }
  const info = part(status.nodeInfo);
  lines.raw('System Info:\n');
  for (const [title, field] of SYSTEM_INFO) lines.add(1, `${title}:`, text(info[field]));
  if (spec.podCIDR) lines.add(0, 'PodCIDR:', text(spec.podCIDR));
  if (Array.isArray(spec.podCIDRs)) lines.add(0, 'PodCIDRs:', spec.podCIDRs.map(String).join(','));
  await addPods(lines, client, metadata.name ?? '', part(status.allocatable), now);
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

type Client = Parameters<Describer>[1]['client'];

async function addLease(lines: Lines, client: Client, name: string): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${encodeURIComponent(name)}`;
  lines.raw('Lease:\n');
  try {
    const lease = part((await client.json<Fields>('GET', path)).spec);
    lines.add(1, 'HolderIdentity:', text(lease.holderIdentity) || '<unset>');
    lines.add(1, 'AcquireTime:', longTime(text(lease.acquireTime)));
    lines.add(1, 'RenewTime:', longTime(text(lease.renewTime)));
  } catch {
    // Upstream goes on without the lease too, and names only what it could not learn.
    lines.add(1, 'Failed to get lease:', 'the server could not find the requested resource');
  }
}

function addConditions(lines: Lines, conditions: readonly Fields[]): void {
  if (conditions.length === 0) return;
  lines.raw('Conditions:\n').add(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message');
  lines.add(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const { type, status, lastHeartbeatTime, lastTransitionTime, reason, message } of conditions) {
    lines.add(
      1,
      // Upstream has a blank behind each of these.
      `${text(type)} `,
      `${text(status)} `,
      `${longTime(text(lastHeartbeatTime))} `,
      `${longTime(text(lastTransitionTime))} `,
      `${text(reason)} `,
      text(message),
    );
  }
}

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'] as const;

async function addPods(lines: Lines, client: Client, node: string, allocatable: Fields, now: number): Promise<void> {
  const fieldSelector = `spec.nodeName=${node},status.phase!=Succeeded,status.phase!=Failed`;
  const answer = await client.json<ApiList>('GET', '/api/v1/pods', { query: { fieldSelector, limit: 500 } });
  const pods = (answer.items ?? []) as Pod[];
  lines.add(0, 'Non-terminated Pods:', `(${pods.length} in total)`);
  lines.add(1, 'Namespace', 'Name', '', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age');
  lines.add(1, '---------', '----', '', '------------', '----------', '---------------', '-------------', '---');
  const totals = { requests: {} as Record<string, number>, limits: {} as Record<string, number> };
  const share = (name: string, amount: number) => {
    const whole = parseQuantity(text(allocatable[name])) ?? 0;
    return `${renderAmount(name, amount)} (${whole === 0 ? 0 : Math.floor((thousandths(amount) * 100) / thousandths(whole))}%)`;
  };
  for (const pod of pods) {
    const sums = sumResources(pod);
    for (const side of ['requests', 'limits'] as const) {
      for (const [name, amount] of Object.entries(sums[side])) totals[side][name] = (totals[side][name] ?? 0) + amount;
    }
    const cells = ['cpu', 'memory'].flatMap((name) => [
      share(name, sums.requests[name] ?? 0),
      share(name, sums.limits[name] ?? 0),
    ]);
    lines.add(
      1,
      pod.metadata.namespace ?? '',
      pod.metadata.name ?? '',
      '',
      ...cells,
      humanSince(pod.metadata.creationTimestamp, now),
    );
  }
  lines.raw('Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n');
  lines.add(1, 'Resource', 'Requests', 'Limits').add(1, '--------', '--------', '------');
  for (const name of RESOURCES)
    lines.add(1, name, share(name, totals.requests[name] ?? 0), share(name, totals.limits[name] ?? 0));
}

function sumResources(pod: Pod): { requests: Record<string, number>; limits: Record<string, number> } {
  const sums = { requests: {} as Record<string, number>, limits: {} as Record<string, number> };
  for (const container of pod.spec.containers) {
    const resources = part(container.resources);
    for (const side of ['requests', 'limits'] as const) {
      for (const [name, amount] of Object.entries(part(resources[side]))) {
        sums[side][name] = (sums[side][name] ?? 0) + (parseQuantity(text(amount)) ?? 0);
      }
    }
  }
  return sums;
}

/** Sums of such numbers as 0.04 are a little off; in whole thousandths they are right. */
const thousandths = (amount: number): number => Math.round(amount * 1000);

/** CPU in thousandths where it is no whole number, bytes in the largest unit that fits exactly. */
function renderAmount(name: string, amount: number): string {
  if (name === 'cpu') return Number.isInteger(amount) ? String(amount) : `${thousandths(amount)}m`;
  const units = ['Gi', 'Mi', 'Ki'];
  for (const [index, unit] of units.entries()) {
    const size = 1024 ** (units.length - index);
    if (amount > 0 && amount % size === 0) return `${amount / size}${unit}`;
  }
  return String(amount);
}

function rolesOf(labels: Record<string, string>): string {
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith('node-role.kubernetes.io/'))
    .map((key) => key.slice('node-role.kubernetes.io/'.length))
    .filter((role) => role !== '')
    .sort();
  return roles.length === 0 ? '<none>' : roles.join(',');
}

function part(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
