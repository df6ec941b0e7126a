import { type KubernetesObject } from '../object.ts';
import { column, NAME, sinceText, wide } from './columns.ts';
import { type Kind } from './kind.ts';

/** Something that happened to an object, as `kubectl describe` lists it. */
export interface EventObject extends KubernetesObject {
  involvedObject: {
    kind: string;
    namespace?: string;
    name: string;
    uid?: string;
    apiVersion?: string;
    resourceVersion?: string;
    fieldPath?: string;
  };
  reason: string;
  message: string;
  type: 'Normal' | 'Warning';
  count?: number;
  firstTimestamp?: string;
  lastTimestamp?: string;
  eventTime?: string | null;
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  series?: { count: number; lastObservedTime: string };
}

const eventOf = (object: KubernetesObject) => object as EventObject;

export const EVENT: Kind = {
  kind: 'Event',
  group: '',
  versions: ['v1'],
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  message: 'core.Event',
  names: 'path',
  columns: [
    column('Last Seen', 'string', (object, now) => lastSeen(eventOf(object), now)),
    column('Type', 'string', (object) => eventOf(object).type),
    column('Reason', 'string', (object) => eventOf(object).reason),
    column('Object', 'string', (object) => {
      const { kind, name } = eventOf(object).involvedObject;
      return `${kind.toLowerCase()}/${name}`;
    }),
    wide('Subobject', 'string', (object) => eventOf(object).involvedObject.fieldPath ?? ''),
    wide('Source', 'string', (object) => sourceText(eventOf(object))),
    column('Message', 'string', (object) => (eventOf(object).message ?? '').trim()),
    wide('First Seen', 'string', (object, now) =>
      sinceText(eventOf(object).firstTimestamp ?? eventOf(object).eventTime, now),
    ),
    wide('Count', 'string', (object) => String(eventOf(object).count ?? 1)),
    { ...NAME, wide: true },
  ],
  selectableFields: {
    'involvedObject.kind': (object) => eventOf(object).involvedObject.kind ?? '',
    'involvedObject.namespace': (object) => eventOf(object).involvedObject.namespace ?? '',
    'involvedObject.name': (object) => eventOf(object).involvedObject.name ?? '',
    'involvedObject.uid': (object) => eventOf(object).involvedObject.uid ?? '',
    'involvedObject.apiVersion': (object) => eventOf(object).involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => eventOf(object).involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => eventOf(object).involvedObject.fieldPath ?? '',
    reason: (object) => eventOf(object).reason ?? '',
    reportingComponent: (object) => eventOf(object).reportingComponent ?? '',
    source: (object) => eventOf(object).source?.component ?? '',
    type: (object) => eventOf(object).type ?? '',
  },
  setDefaults(draft) {
    draft.involvedObject ??= {};
  },
};

function lastSeen(event: EventObject, now: number): string {
  const first = event.firstTimestamp ?? event.eventTime;
  const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
  const count = event.series?.count ?? event.count ?? 1;
  return count > 1 ? `${sinceText(last, now)} (x${count} over ${sinceText(first, now)})` : sinceText(last, now);
}

function sourceText({ source, reportingComponent }: EventObject): string {
  return [source?.component || reportingComponent, source?.host].filter(Boolean).join(', ');
}
