import type { ApiObject } from '../api/object.ts';
import { addLabels, type Lines } from '../describe/lines.ts';
import { relativeSince } from './relative-time.ts';

/** What stands first in every description of oc's own. openshift/oc, pkg/helpers/describe/helpers.go, FormatMeta. */
export function addMetadata(lines: Lines, metadata: NonNullable<ApiObject['metadata']>, now: number): void {
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  lines.add(0, 'Created:', `${relativeSince(metadata.creationTimestamp, now)} ago`);
  addLabels(lines, 'Labels', metadata.labels);
  const annotations = Object.entries(metadata.annotations ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  if (annotations.length === 0) lines.add(0, 'Annotations:', '<none>');
  annotations.forEach(([key, value], index) => lines.add(0, index === 0 ? 'Annotations:' : '', `${key}=${value}`));
}
