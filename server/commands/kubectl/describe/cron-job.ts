import { isRecord, type ApiObject } from '../api/object.ts';
import { longTime } from '../output/human-time.ts';
import { renderLabelSelector } from '../pods.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines, yesNo } from './lines.ts';
import { describeTemplate } from './pod-template.ts';

type Fields = Record<string, unknown>;

const part = (value: unknown): Fields => (isRecord(value) ? value : {});
const text = (value: unknown, missing = '<unset>'): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : missing;

/** kubectl/pkg/describe/describe.go, describeCronJob. */
export const describeCronJob: Describer = async (object, { client, events, now }) => {
  const { metadata = {} } = object;
  const [spec, status] = [part(object.spec), part(object.status)];
  const job = part(part(spec.jobTemplate).spec);
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines
    .add(0, 'Schedule:', text(spec.schedule, ''))
    .add(0, 'Concurrency Policy:', text(spec.concurrencyPolicy, ''))
    .add(0, 'Suspend:', yesNo(spec.suspend === true))
    .add(0, 'Time Zone:', text(spec.timeZone))
    .add(0, 'Successful Job History Limit:', text(spec.successfulJobsHistoryLimit))
    .add(0, 'Failed Job History Limit:', text(spec.failedJobsHistoryLimit))
    .add(
      0,
      'Starting Deadline Seconds:',
      spec.startingDeadlineSeconds ? `${text(spec.startingDeadlineSeconds)}s` : '<unset>',
    )
    .add(0, 'Selector:', job.selector === undefined ? '<unset>' : renderLabelSelector(job.selector))
    .add(0, 'Parallelism:', text(job.parallelism))
    .add(0, 'Completions:', text(job.completions));
  if (job.activeDeadlineSeconds !== undefined)
    lines.add(0, 'Active Deadline Seconds:', `${text(job.activeDeadlineSeconds)}s`);
  lines.raw(describeTemplate(part(job.template) as ApiObject));
  const last = typeof status.lastScheduleTime === 'string' ? longTime(status.lastScheduleTime) : '<unset>';
  lines.add(0, 'Last Schedule Time:', last);
  const active = Array.isArray(status.active) ? status.active.filter(isRecord).map(({ name }) => String(name)) : [];
  lines.add(0, 'Active Jobs:', active.join(', ') || '<none>');
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};
