import { type KubernetesObject } from '../object.ts';
import { EVENT, type EventObject } from './event.ts';
import { type Kind } from './kind.ts';

/** An event as events.k8s.io/v1 shows it: the same objects, with other names for their fields. */
interface NewEvent extends KubernetesObject {
  regarding: EventObject['involvedObject'];
  note: string;
  reason: string;
  type: EventObject['type'];
  reportingController: string;
  deprecatedCount?: number;
  deprecatedFirstTimestamp?: string;
  deprecatedLastTimestamp?: string;
  deprecatedSource?: EventObject['source'];
  eventTime?: string | null;
  series?: EventObject['series'];
}

const present = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Kubernetes 1.36, pkg/apis/events/v1/conversion.go. */
function show(object: KubernetesObject): KubernetesObject {
  const event = object as EventObject;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: event.metadata,
    ...present({
      deprecatedCount: event.count,
      deprecatedFirstTimestamp: event.firstTimestamp,
      deprecatedLastTimestamp: event.lastTimestamp,
      deprecatedSource: event.source,
      series: event.series,
      eventTime: event.eventTime ?? null,
      note: event.message,
      reason: event.reason,
      regarding: event.involvedObject,
      reportingController: event.reportingComponent ?? event.source?.component,
      type: event.type,
    }),
  };
}

function asCore(object: KubernetesObject): KubernetesObject {
  const event = object as NewEvent;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: event.metadata,
    ...present({
      count: event.deprecatedCount,
      firstTimestamp: event.deprecatedFirstTimestamp,
      lastTimestamp: event.deprecatedLastTimestamp,
      source: event.deprecatedSource,
      series: event.series,
      eventTime: event.eventTime,
      message: event.note,
      reason: event.reason,
      involvedObject: event.regarding,
      reportingComponent: event.reportingController,
      type: event.type,
    }),
  };
}

export const EVENT_V1: Kind = {
  ...EVENT,
  group: 'events.k8s.io',
  view: { of: 'events', show },
  columns: EVENT.columns.map((column) => ({
    ...column,
    value: (object, now) => column.value(asCore(object), now),
  })),
  // Written through the core group alone.
  verbs: ['get', 'list', 'watch'],
};
