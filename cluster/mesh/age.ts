import type { KubernetesObject } from '../objects/object.ts';

/** Sorts the oldest first, as Istio ranks objects that say different things of the same (pilot/pkg/model/config.go). */
export function byAge(a: KubernetesObject, b: KubernetesObject): number {
  // RFC 3339 in UTC sorts as text. No time at all: not stored yet, so younger than any.
  const [timeA, timeB] = [a.metadata.creationTimestamp ?? '~', b.metadata.creationTimestamp ?? '~'];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  const [nameA, nameB] = [rankOf(a), rankOf(b)];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

function rankOf({ metadata }: KubernetesObject): string {
  return `${metadata.name}.${metadata.namespace ?? ''}`;
}
