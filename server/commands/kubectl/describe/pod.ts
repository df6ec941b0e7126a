import { isRecord } from '../api/object.ts';
import { humanSince, longTime } from '../output/human-time.ts';
import type { ContainerStatus, Pod } from '../pods.ts';
import { addContainers } from './containers.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';
import { addNodeSelectors, addTolerations } from './scheduling.ts';
import { addVolumes } from './volumes.ts';

/** kubectl/pkg/describe/describe.go, describePod. */
export const describePod: Describer = async (object, { client, events, now }) => {
  const pod = object as Pod;
  const { metadata, spec } = pod;
  const status = pod.status ?? {};
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  if (spec.priority !== undefined) lines.add(0, 'Priority:', text(spec.priority));
  if (spec.priorityClassName) lines.add(0, 'Priority Class Name:', text(spec.priorityClassName));
  if (spec.runtimeClassName) lines.add(0, 'Runtime Class Name:', text(spec.runtimeClassName));
  if (spec.serviceAccountName) lines.add(0, 'Service Account:', text(spec.serviceAccountName));
  lines.add(0, 'Node:', spec.nodeName ? `${spec.nodeName}/${text(status.hostIP)}` : '<none>');
  if (status.startTime) lines.add(0, 'Start Time:', longTime(text(status.startTime)));
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  addPhase(lines, pod, now);
  if (status.reason) lines.add(0, 'Reason:', text(status.reason));
  if (status.message) lines.add(0, 'Message:', text(status.message));
  addAddresses(lines, status);
  const owner = metadata.ownerReferences?.find((each) => each.controller);
  if (owner) lines.add(0, 'Controlled By:', `${owner.kind}/${owner.name}`);
  const resolve = (fieldPath: string) => resolveField(pod, fieldPath);
  const initStatuses = (status.initContainerStatuses ?? []) as ContainerStatus[];
  if (spec.initContainers?.length)
    addContainers(lines, 'Init Containers', spec.initContainers, initStatuses, resolve, '');
  addContainers(lines, 'Containers', spec.containers, status.containerStatuses ?? [], resolve, '');
  if (spec.ephemeralContainers?.length) {
    const statuses = (status.ephemeralContainerStatuses ?? []) as ContainerStatus[];
    addContainers(lines, 'Ephemeral Containers', spec.ephemeralContainers, statuses, resolve, '');
  }
  addConditions(lines, status);
  addVolumes(lines, spec.volumes as unknown[] | undefined, '');
  lines.add(0, 'QoS Class:', text(status.qosClass) || 'BestEffort');
  addNodeSelectors(lines, '', spec.nodeSelector);
  addTolerations(lines, '', spec.tolerations);
  if (events) addEvents(lines, await listEvents(client, { ...pod, kind: 'Pod' }), now);
  return lines.toString();
};

function addPhase(lines: Lines, { metadata, status = {} }: Pod, now: number): void {
  if (!metadata.deletionTimestamp) {
    lines.add(0, 'Status:', status.phase ?? '');
    return;
  }
  lines.add(0, 'Status:', `Terminating (lasts ${humanSince(metadata.deletionTimestamp, now)})`);
  lines.add(0, 'Termination Grace Period:', `${metadata.deletionGracePeriodSeconds ?? 0}s`);
}

function addAddresses(lines: Lines, status: Record<string, unknown>): void {
  lines.add(0, 'IP:', typeof status.podIP === 'string' ? status.podIP : '');
  const addresses = Array.isArray(status.podIPs) ? status.podIPs.filter(isRecord) : [];
  if (addresses.length === 0) lines.add(0, 'IPs:', '<none>');
  else lines.add(0, 'IPs:');
  for (const { ip } of addresses) lines.add(1, 'IP:', String(ip));
}

function addConditions(lines: Lines, status: Record<string, unknown>): void {
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
  if (conditions.length === 0) return;
  lines.raw('Conditions:\n').add(1, 'Type', 'Status');
  for (const condition of conditions) lines.add(1, String(condition.type), `${String(condition.status)} `);
}

/** The fields that an environment variable may show. */
function resolveField(pod: Pod, fieldPath: string): string {
  const { metadata, spec, status = {} } = pod;
  const known: Record<string, unknown> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.hostIP': status.hostIP,
    'status.podIP': status.podIP,
  };
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  const value = subscript ? (metadata[subscript[1] as 'labels'] ?? {})[subscript[2] ?? ''] : known[fieldPath];
  return typeof value === 'string' ? value : '';
}
