import { isRecord, type ApiObject } from '../api/object.ts';
import { renderLabelSelector } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

type Fields = Record<string, unknown>;

const part = (value: unknown): Fields => (isRecord(value) ? value : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const text = (value: unknown, missing = ''): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : missing;

function named({ metadata = {} }: ApiObject): Lines {
  return new Lines().add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
}

/** kubectl/pkg/describe/describe.go, describeQuota. */
export const describeQuota: Describer = (object) => {
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = named(object);
  const scopes = Array.isArray(spec.scopes) ? spec.scopes.map(String).sort() : [];
  if (scopes.length > 0) lines.add(0, 'Scopes:', scopes.join(', '));
  lines.add(0, 'Resource', 'Used', 'Hard').add(0, '--------', '----', '----');
  const [hard, used] = [part(status.hard), part(status.used)];
  for (const name of Object.keys(hard).sort()) lines.add(0, name, text(used[name], '0'), text(hard[name]));
  return Promise.resolve(lines.toString());
};

const LIMIT_COLUMNS = ['Type', 'Resource', 'Min', 'Max', 'Default Request', 'Default Limit', 'Max Limit/Request Ratio'];

/** describeLimitRangeSpec. @param indent in front of each line. */
export function addLimits(lines: Lines, object: ApiObject, indent: string): void {
  for (const item of list(part(object.spec).limits)) {
    const columns = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio'].map((name) => part(item[name]));
    const names = new Set(columns.flatMap((column) => Object.keys(column)));
    for (const name of [...names].sort()) {
      const cells = columns.map((column) => text(column[name], '-'));
      lines.raw(`${indent}${[text(item.type), name, ...cells].join('\t')}\n`);
    }
  }
}

export function addLimitsHeading(lines: Lines, indent: string): void {
  lines.raw(`${indent}${LIMIT_COLUMNS.join('\t')}\n`);
  lines.raw(`${indent}${LIMIT_COLUMNS.map((title) => '-'.repeat(title.length)).join('\t')}\n`);
}

/** describeLimitRange. */
export const describeLimitRange: Describer = (object) => {
  const lines = named(object);
  addLimitsHeading(lines, '');
  addLimits(lines, object, '');
  return Promise.resolve(lines.toString());
};

/** describePodDisruptionBudget. */
export const describeDisruptionBudget: Describer = async (object, { client, events, now }) => {
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = named(object);
  if (spec.minAvailable !== undefined) lines.add(0, 'Min available:', text(spec.minAvailable));
  else if (spec.maxUnavailable !== undefined) lines.add(0, 'Max unavailable:', text(spec.maxUnavailable));
  lines.add(0, 'Selector:', spec.selector === undefined ? '<unset>' : renderLabelSelector(spec.selector));
  lines
    .raw('Status:\n')
    .add(2, 'Allowed disruptions:', text(status.disruptionsAllowed, '0'))
    .add(2, 'Current:', text(status.currentHealthy, '0'))
    .add(2, 'Desired:', text(status.desiredHealthy, '0'))
    .add(2, 'Total:', text(status.expectedPods, '0'));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describePriorityClass. */
export const describePriorityClass: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const lines = new Lines();
  lines
    .add(0, 'Name:', metadata.name ?? '')
    .add(0, 'Value:', text(object.value))
    .add(0, 'GlobalDefault:', text(object.globalDefault, 'false'))
    .add(0, 'PreemptionPolicy:', text(object.preemptionPolicy))
    .add(0, 'Description:', text(object.description));
  const annotations = Object.entries(metadata.annotations ?? {}).map(([key, value]) => `${key}=${value}`);
  lines.add(0, 'Annotations:', annotations.sort().join(',') || '<none>');
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

/** describeHorizontalPodAutoscalerV2. */
export const describeAutoscaler: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = named(object);
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const created = new Date(metadata.creationTimestamp ?? 0).toUTCString().replace('GMT', '+0000');
  const reference = part(spec.scaleTargetRef);
  lines.add(0, 'CreationTimestamp:', created);
  lines.add(0, 'Reference:', `${text(reference.kind)}/${text(reference.name)}`);
  const metrics = list(spec.metrics);
  const current = list(status.currentMetrics);
  lines.raw('Metrics:\t( current / target )\n');
  metrics.forEach((metric, index) => lines.raw(renderMetric(metric, current[index])));
  if (spec.minReplicas !== undefined) lines.add(0, 'Min replicas:', text(spec.minReplicas));
  lines.add(0, 'Max replicas:', text(spec.maxReplicas));
  const counts = `${text(status.currentReplicas, '0')} current / ${text(status.desiredReplicas, '0')} desired`;
  lines.add(0, `${text(reference.kind)} pods:`, counts);
  const conditions = list(status.conditions);
  if (conditions.length > 0) {
    lines
      .raw('Conditions:\n')
      .add(1, 'Type', 'Status', 'Reason', 'Message')
      .add(1, '----', '------', '------', '-------');
    for (const each of conditions) {
      lines.add(1, text(each.type), text(each.status), text(each.reason), text(each.message));
    }
  }
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

function renderMetric(metric: Fields, current: Fields | undefined): string {
  const resource = part(metric.resource);
  const target = part(resource.target);
  const now = part(part(current?.resource).current);
  if (metric.type !== 'Resource') return `  ${text(metric.type).toLowerCase()} metric:\t<unknown>\n`;
  if (target.averageValue !== undefined) {
    return `  resource ${text(resource.name)} on pods:\t${text(now.averageValue, '<unknown>')} / ${text(target.averageValue)}\n`;
  }
  const used =
    now.averageUtilization === undefined ? '<unknown>' : `${text(now.averageUtilization)}% (${text(now.averageValue)})`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${text(target.averageUtilization)}%`;
  return `  resource ${text(resource.name)} on pods  (as a percentage of request):\t${used} / ${wanted}\n`;
}
