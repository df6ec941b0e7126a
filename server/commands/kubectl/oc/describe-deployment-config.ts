import { isRecord } from '../api/object.ts';
import type { Describer } from '../describe/describer.ts';
import { addEvents, listEvents } from '../describe/events.ts';
import { Lines } from '../describe/lines.ts';
import { describeTemplate } from '../describe/pod-template.ts';
import { listPodsAt } from '../pods.ts';
import {
  listVersions,
  phaseOf,
  versionOf,
  type DeploymentConfig,
  type ReplicationController,
} from './deployment-configs.ts';
import { addMetadata } from './describe-metadata.ts';
import { relativeSince } from './relative-time.ts';

/** Versions that are shown, the latest included. */
const SHOWN_VERSIONS = 3;

/** openshift/oc, pkg/helpers/describe/deployments.go, DeploymentConfigDescriber. */
export const describeDeploymentConfig: Describer = async (object, context) => {
  const { client, events, now } = context;
  const { metadata = {}, spec = {}, status = {} } = object as DeploymentConfig;
  const lines = new Lines();
  addMetadata(lines, metadata, now);
  const version = status.latestVersion ?? 0;
  lines.add(0, 'Latest Version:', version === 0 ? 'Not deployed' : String(version));
  lines.add(0, 'Selector:', labelsText(spec.selector));
  const test = spec.test ? ' (test, will be scaled down between deployments)' : '';
  lines.add(0, 'Replicas:', `${spec.replicas ?? 0}${test}`);
  if (spec.paused) lines.add(0, 'Paused:', 'yes');
  lines.add(0, 'Triggers:', triggersText(spec.triggers ?? []));
  lines.add(0, 'Strategy:', spec.strategy?.type ?? '');
  if (spec.minReadySeconds) lines.add(0, 'MinReadySeconds:', String(spec.minReadySeconds));
  lines
    .raw('Template:\n')
    .raw(isRecord(spec.template) ? describeTemplate(spec.template) : '')
    .raw('\n');

  const versions = await listVersions(client, metadata.namespace ?? '', metadata.name ?? '');
  const latest = versions.find((rc) => versionOf(rc) === version);
  const active = versions.find((rc) => phaseOf(rc) === 'Complete');
  if (latest) {
    const whole = latest === active || versions.length === 1;
    lines.raw(await describeVersion(latest, `Deployment #${version} (latest)`, whole, context));
    for (const rc of versions.filter((each) => each !== latest).slice(0, SHOWN_VERSIONS - 1)) {
      lines.raw(await describeVersion(rc, `Deployment #${versionOf(rc)}`, rc === active, context));
    }
  } else lines.add(0, 'Latest Deployment:', '<none>');
  if (events) {
    lines.raw('\n');
    addEvents(lines, await listEvents(client, object), now);
  }
  return lines.toString();
};

function labelsText(labels: Record<string, string> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length > 0 ? pairs.toSorted().join(',') : '<none>';
}

function triggersText(triggers: NonNullable<NonNullable<DeploymentConfig['spec']>['triggers']>): string {
  if (triggers.length === 0) return '<none>';
  return triggers
    .flatMap(({ type, imageChangeParams }) => {
      if (type === 'ConfigChange') return ['Config'];
      const [name = '', tag = 'latest'] = (imageChangeParams?.from?.name ?? '').split(':');
      return name === '' ? [] : [`Image(${name}@${tag}, auto=${imageChangeParams?.automatic ?? false})`];
    })
    .join(', ');
}

async function describeVersion(
  rc: ReplicationController,
  title: string,
  whole: boolean,
  { client, now }: Parameters<Describer>[1],
): Promise<string> {
  const { metadata = {}, spec = {}, status = {} } = rc;
  const lines = new Lines();
  lines.raw(`${title}:\n`);
  const add = (name: string, value: string) => lines.raw(`\t${name}:\t${value}\n`);
  if (whole) add('Name', metadata.name ?? '');
  add('Created', `${relativeSince(metadata.creationTimestamp, now).toLowerCase()} ago`);
  add('Status', phaseOf(rc));
  add('Replicas', `${status.replicas ?? 0} current / ${spec.replicas ?? 0} desired`);
  if (!whole) return lines.toString();
  add('Selector', labelsText(spec.selector));
  add('Labels', labelsText(metadata.labels));
  const selector = labelsText(spec.selector);
  const pods = await listPodsAt(client, metadata.namespace ?? '', selector);
  const count = (phase: string) => pods.filter((pod) => pod.status?.phase === phase).length;
  add(
    'Pods Status',
    `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
  );
  return lines.toString();
}
