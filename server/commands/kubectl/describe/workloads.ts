import { isRecord, type ApiList, type ApiObject } from '../api/object.ts';
import { longTime, humanDuration } from '../output/human-time.ts';
import { listPodsAt, renderLabelSelector, renderPairs } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines, orNone } from './lines.ts';
import { describeTemplate } from './pod-template.ts';
import { addClaimTemplates } from './storage.ts';

type Fields = Record<string, unknown>;

function part(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** kubectl/pkg/describe/describe.go, describeDeployment. */
export const describeDeployment: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  lines.add(0, 'CreationTimestamp:', longTime(metadata.creationTimestamp));
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.add(0, 'Selector:', renderLabelSelector(spec.selector));
  lines.add(
    0,
    'Replicas:',
    `${number(spec.replicas)} desired | ${number(status.updatedReplicas)} updated | ${number(status.replicas)} total | ${number(status.availableReplicas)} available | ${number(status.unavailableReplicas)} unavailable`,
  );
  const strategy = part(spec.strategy);
  lines
    .add(0, 'StrategyType:', String(strategy.type ?? ''))
    .add(0, 'MinReadySeconds:', String(number(spec.minReadySeconds)));
  const rolling = part(strategy.rollingUpdate);
  if (isRecord(strategy.rollingUpdate)) {
    lines.add(
      0,
      'RollingUpdateStrategy:',
      `${String(rolling.maxUnavailable)} max unavailable, ${String(rolling.maxSurge)} max surge`,
    );
  }
  lines.raw(describeTemplate(part(spec.template) as ApiObject));
  addConditions(lines, status);
  const sets = await listOwned(client, object, 'replicasets', renderLabelSelector(spec.selector));
  const isNew = (set: ApiObject) => revisionOf(set) === revisionOf(object);
  const old = sets.filter((set) => !isNew(set));
  lines.add(0, 'OldReplicaSets:', renderSets(old));
  lines.add(0, 'NewReplicaSet:', renderSets(sets.filter(isNew)));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

function addConditions(lines: Lines, status: Fields): void {
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
  if (conditions.length === 0) return;
  lines.raw('Conditions:\n').add(1, 'Type', 'Status', 'Reason').add(1, '----', '------', '------');
  for (const { type, status: value, reason } of conditions)
    lines.add(1, String(type), String(value), String(reason ?? ''));
}

function revisionOf(object: ApiObject): string | undefined {
  return object.metadata?.annotations?.['deployment.kubernetes.io/revision'];
}

function renderSets(sets: readonly ApiObject[]): string {
  return orNone(
    sets
      .map(
        (set) =>
          `${set.metadata?.name ?? ''} (${number(part(set.status).replicas)}/${number(part(set.spec).replicas)} replicas created)`,
      )
      .join(', '),
  );
}

async function listOwned(
  client: Parameters<Describer>[1]['client'],
  owner: ApiObject,
  name: string,
  labelSelector: string,
) {
  const { namespace = '', uid } = owner.metadata ?? {};
  const list = await client.json<ApiList>('GET', `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${name}`, {
    query: { labelSelector, limit: 500 },
  });
  return (list.items ?? []).filter((item) =>
    item.metadata?.ownerReferences?.some((each) => each.uid === uid && each.controller),
  );
}

/** ReplicaSet, ReplicationController, StatefulSet and DaemonSet: describeReplicaSet, describeStatefulSet, describeDaemonSet. */
export const describePodSet: Describer = async (object, { client, events, now }) => {
  const { metadata = {}, kind } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  if (kind === 'StatefulSet') lines.add(0, 'CreationTimestamp:', longTime(metadata.creationTimestamp));
  const selector =
    kind === 'ReplicationController' ? renderPairs(part(spec.selector)) : renderLabelSelector(spec.selector);
  lines.add(0, 'Selector:', selector);
  if (kind === 'DaemonSet') lines.add(0, 'Node-Selector:', '<none>');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const owner = metadata.ownerReferences?.find((each) => each.controller);
  if (owner) lines.add(0, 'Controlled By:', `${owner.kind}/${owner.name}`);
  if (kind === 'DaemonSet') addScheduled(lines, status);
  else if (kind === 'StatefulSet') addStatefulCounts(lines, spec, status);
  else lines.add(0, 'Replicas:', `${number(status.replicas)} current / ${number(spec.replicas)} desired`);
  lines.add(0, 'Pods Status:', await countPhases(client, metadata.namespace ?? '', selector, metadata.uid));
  lines.raw(describeTemplate(part(spec.template) as ApiObject));
  if (kind === 'StatefulSet') addClaimTemplates(lines, spec.volumeClaimTemplates);
  if (kind === 'ReplicaSet') addConditions(lines, status);
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

function addScheduled(lines: Lines, status: Fields): void {
  const rows: [string, unknown][] = [
    ['Desired Number of Nodes Scheduled', status.desiredNumberScheduled],
    ['Current Number of Nodes Scheduled', status.currentNumberScheduled],
    ['Number of Nodes Scheduled with Up-to-date Pods', status.updatedNumberScheduled],
    ['Number of Nodes Scheduled with Available Pods', status.numberAvailable],
    ['Number of Nodes Misscheduled', status.numberMisscheduled],
  ];
  for (const [title, value] of rows) lines.raw(`${title}: ${number(value)}\n`);
}

function addStatefulCounts(lines: Lines, spec: Fields, status: Fields): void {
  lines.add(0, 'Replicas:', `${number(spec.replicas)} desired | ${number(status.replicas)} total`);
  const update = part(spec.updateStrategy);
  lines.add(0, 'Update Strategy:', String(update.type ?? ''));
  const rolling = part(update.rollingUpdate);
  if (rolling.partition !== undefined) lines.add(1, 'Partition:', String(rolling.partition));
}

async function countPhases(
  client: Parameters<Describer>[1]['client'],
  namespace: string,
  selector: string,
  uid: string | undefined,
) {
  const pods = (await listPodsAt(client, namespace, selector)).filter(
    (pod) => !uid || pod.metadata.ownerReferences?.some((each) => each.uid === uid && each.controller),
  );
  const count = (phase: string) => pods.filter((pod) => pod.status?.phase === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

/** describeJob. */
export const describeJob: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  if (spec.selector) lines.add(0, 'Selector:', renderLabelSelector(spec.selector));
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  const owner = metadata.ownerReferences?.find((each) => each.controller);
  if (owner) lines.add(0, 'Controlled By:', `${owner.kind}/${owner.name}`);
  lines.add(0, 'Parallelism:', String(number(spec.parallelism)));
  lines.add(0, 'Completions:', spec.completions === undefined ? '<unset>' : String(number(spec.completions)));
  if (spec.completionMode) lines.add(0, 'Completion Mode:', String(spec.completionMode));
  if (spec.suspend !== undefined) lines.add(0, 'Suspend:', String(spec.suspend));
  if (spec.backoffLimit !== undefined) lines.add(0, 'Backoff Limit:', String(number(spec.backoffLimit)));
  if (spec.ttlSecondsAfterFinished !== undefined) {
    lines.add(0, 'TTL Seconds After Finished:', String(number(spec.ttlSecondsAfterFinished)));
  }
  if (status.startTime) lines.add(0, 'Start Time:', longTime(String(status.startTime)));
  if (status.completionTime) {
    lines.add(0, 'Completed At:', longTime(String(status.completionTime)));
    const span = Date.parse(String(status.completionTime)) - Date.parse(String(status.startTime));
    lines.add(0, 'Duration:', humanDuration(span));
  }
  if (spec.activeDeadlineSeconds !== undefined)
    lines.add(0, 'Active Deadline Seconds:', `${number(spec.activeDeadlineSeconds)}s`);
  lines.add(
    0,
    'Pods Statuses:',
    `${number(status.active)} Active (${number(status.ready)} Ready) / ${number(status.succeeded)} Succeeded / ${number(status.failed)} Failed`,
  );
  lines.raw(describeTemplate(part(spec.template) as ApiObject));
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};
