import type { ApiList, ApiObject } from '../api/object.ts';
import type { Client } from '../api/client.ts';
import { humanSince } from '../output/human-time.ts';
import type { Lines } from './lines.ts';

/** `v1 Event`. */
export interface EventObject extends ApiObject {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string; fieldPath?: string };
}

/** Events about an object, oldest first. */
export async function listEvents(client: Client, object: ApiObject): Promise<EventObject[]> {
  const { name = '', namespace = '', uid } = object.metadata ?? {};
  const terms = [`involvedObject.name=${name}`, `involvedObject.namespace=${namespace}`];
  if (object.kind && object.kind !== 'Pod') terms.push(`involvedObject.kind=${object.kind}`);
  if (uid) terms.push(`involvedObject.uid=${uid}`);
  const path = namespace === '' ? '/api/v1/events' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
  const list = await client.json<ApiList>('GET', path, { query: { fieldSelector: terms.join(','), limit: 500 } });
  return sortEvents((list.items ?? []) as EventObject[]);
}

export function sortEvents(events: EventObject[]): EventObject[] {
  return [...events].sort((a, b) => Date.parse(lastTime(a) ?? '') - Date.parse(lastTime(b) ?? '') || 0);
}

export function lastTime(event: EventObject): string | null {
  return (
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.metadata?.creationTimestamp ??
    null
  );
}

export function firstTime(event: EventObject): string | null {
  return event.firstTimestamp ?? event.eventTime ?? null;
}

/** `5s`, or `5s (x3 over 2m)`. */
export function renderAge(event: EventObject, now: number): string {
  const count = event.series?.count ?? event.count ?? 1;
  const first = humanSince(firstTime(event), now);
  if (count <= 1) return first;
  return `${humanSince(lastTime(event), now)} (x${count} over ${first})`;
}

export function addEvents(lines: Lines, events: readonly EventObject[], now: number): void {
  if (events.length === 0) {
    lines.raw('Events:\t<none>\n');
    return;
  }
  lines
    .raw('Events:\n')
    .add(1, 'Type', 'Reason', 'Age', 'From', 'Message')
    .add(1, '----', '------', '----', '----', '-------');
  for (const event of events) {
    const from = event.source?.component || event.reportingComponent || '';
    const field = event.involvedObject?.fieldPath;
    const message = `${field ? `${field}: ` : ''}${(event.message ?? '').trim()}`;
    lines.add(1, event.type ?? '', event.reason ?? '', renderAge(event, now), from, message);
  }
}
