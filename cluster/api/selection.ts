import { badRequest } from '../objects/api-error.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { matchesLabels, parseFieldSelector, parseLabelSelector, SelectorError } from '../objects/selector.ts';

/** Which objects of a kind a request is about: namespace, name, labelSelector and fieldSelector. */
export type Selection = (object: KubernetesObject) => boolean;

/** @throws ApiError with upstream's words for a selector that cannot be read */
export function parseSelection(
  kind: Kind,
  version: string,
  namespace: string | undefined,
  name: string | undefined,
  query: URLSearchParams,
): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const refuse = (why: string) =>
    badRequest(
      `Unable to find "${kind.group}/${version}, Resource=${kind.plural}" that match label selector ${JSON.stringify(labelText)}, field selector ${JSON.stringify(fieldText)}: ${why}`,
    );
  try {
    const labels = parseLabelSelector(labelText);
    const fields = parseFieldSelector(fieldText).map(({ field, value, equal }) => {
      const read = fieldReader(kind, field);
      if (!read) throw refuse(`field label not supported: ${field}`);
      return (object: KubernetesObject) => (read(object) === value) === equal;
    });
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      matchesLabels(labels, object.metadata.labels) &&
      fields.every((matches) => matches(object));
  } catch (error) {
    if (error instanceof SelectorError) throw refuse(error.message);
    throw error;
  }
}

function fieldReader(kind: Kind, field: string): ((object: KubernetesObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  return kind.selectableFields && Object.hasOwn(kind.selectableFields, field)
    ? kind.selectableFields[field]
    : undefined;
}
