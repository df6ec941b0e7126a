import { type Clock } from '../clock.ts';
import { type EventObject } from '../objects/kinds/event.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type ObjectStore } from '../objects/store.ts';
import { type Random } from '../objects/random.ts';
import { timestamp } from '../objects/timestamp.ts';

/** Writes Events as client-go's recorder does: the same one again counts up. */
export interface EventRecorder {
  record(source: string, object: KubernetesObject, event: RecordedEvent): void;
}

export interface RecordedEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** Part of the object, as `spec.containers{web}`. */
  fieldPath?: string;
}

// Kubernetes keeps events for an hour. Here the oldest go when there are too many: no timer is needed for that.
const MAX_EVENTS = 1_000;

export function createEventRecorder(deps: { store: ObjectStore; clock: Clock; random: Random }): EventRecorder {
  const { store, clock, random } = deps;
  const recent = new Map<string, string>();
  let last = 0n;

  // client-go names events by the nanosecond, so that a list has those of one object in the order in which they came.
  function nextNumber(): bigint {
    const now = BigInt(clock.now()) * 1_000_000n;
    last = now > last ? now : last + 1n;
    return last;
  }

  return {
    record(source, object, { type, reason, message, fieldPath }) {
      const { name, namespace, uid, resourceVersion } = object.metadata;
      const eventNamespace = namespace ?? 'default';
      // Nothing new is written into a namespace that is going away.
      const home = store.get('namespaces', undefined, eventNamespace);
      if (!home || home.metadata.deletionTimestamp) return;
      const now = timestamp(clock.now());
      const key = [source, uid, type, reason, message, fieldPath].join('\0');
      const known = store.get('events', eventNamespace, recent.get(key) ?? '') as EventObject | undefined;
      if (known) {
        store.replace('events', { ...known, count: (known.count ?? 1) + 1, lastTimestamp: now });
        return;
      }
      const eventName = `${name}.${nextNumber().toString(16)}`;
      recent.set(key, eventName);
      const event: EventObject = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace: eventNamespace, uid: random.uuid(), creationTimestamp: now },
        involvedObject: {
          kind: object.kind,
          ...(namespace ? { namespace } : {}),
          name,
          ...(uid ? { uid } : {}),
          apiVersion: object.apiVersion,
          ...(resourceVersion ? { resourceVersion } : {}),
          ...(fieldPath ? { fieldPath } : {}),
        },
        reason,
        message,
        source: source === 'kubelet' ? { component: source, host: 'node-1' } : { component: source },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type,
        eventTime: null,
        reportingComponent: source,
        reportingInstance: source === 'kubelet' ? 'node-1' : '',
      };
      store.insert('events', event);
      dropOldest();
    },
  };

  function dropOldest(): void {
    const events = store.list('events');
    if (events.length <= MAX_EVENTS) return;
    const oldest = events.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    for (const event of oldest.slice(0, MAX_EVENTS / 10)) store.remove('events', event);
    for (const [key, eventName] of recent) {
      if (!store.list('events').some((event) => event.metadata.name === eventName)) recent.delete(key);
    }
  }
}
