import { isRecord } from '../api/object.ts';
import { renderGoValue } from '../output/go-value.ts';
import { compareBytes } from '../output/json.ts';
import type { Describer } from './describer.ts';
import { addEvents, listEvents } from './events.ts';
import { addAnnotations, addLabels, Lines } from './lines.ts';

/** Said above already, or of no use to people. */
const SKIPPED = new Set([
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.managedFields',
  'metadata.selfLink',
  'metadata.clusterName',
]);

/** Kinds that kubectl was not built with. kubectl/pkg/describe/describe.go, genericDescriber. */
export const describeAny: Describer = async (object, { client, events, now }) => {
  const { metadata = {}, apiVersion = '', kind = '' } = object;
  const lines = new Lines();
  lines.add(0, 'Name:', metadata.name ?? '').add(0, 'Namespace:', metadata.namespace ?? '');
  addLabels(lines, 'Labels', metadata.labels);
  addAnnotations(lines, 'Annotations', metadata.annotations);
  lines.add(0, 'API Version:', apiVersion).add(0, 'Kind:', kind);
  addContent(lines, 0, object, '');
  if (events) addEvents(lines, await listEvents(client, object), now);
  return lines.toString();
};

function addContent(lines: Lines, level: number, content: Record<string, unknown>, prefix: string): void {
  for (const key of Object.keys(content).sort(compareBytes)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const value = content[key];
    if (SKIPPED.has(path)) continue;
    const label = `${labelOf(key)}:`;
    if (isRecord(value)) {
      lines.add(level, label);
      addContent(lines, level + 1, value, path);
    } else if (Array.isArray(value)) {
      lines.add(level, label);
      for (const item of value) {
        if (isRecord(item)) addContent(lines, level + 1, item, path);
        else lines.add(level + 1, renderGoValue(item));
      }
    } else {
      lines.add(level, label, renderGoValue(value));
    }
  }
}

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** `creationTimestamp` as `Creation Timestamp`; names with other characters stay as they are. */
function labelOf(field: string): string {
  if (!/^[\p{L}-]*$/u.test(field)) return field;
  const parts = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|-+/gu) ?? [field];
  return parts
    .map((part) => {
      const upper = part.toUpperCase();
      return ACRONYMS.has(upper) ? upper : part.charAt(0).toUpperCase() + part.slice(1).toLowerCase();
    })
    .join(' ');
}
