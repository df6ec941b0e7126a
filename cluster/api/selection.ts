import { badRequest } from '../objects/api-error.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { matchesLabels, parseFieldSelector, parseLabelSelector, SelectorError } from '../objects/selector.ts';

/** Which objects of a kind a request is about: namespace, name, labelSelector and fieldSelector. */
export type Selection = (object: KubernetesObject) => boolean;

/** @throws ApiError with upstream's words for a selector that cannot be read */
export function parseSelection(
  kind: Kind,
  namespace: string | undefined,
  name: string | undefined,
  query: URLSearchParams,
): Selection {
  try {
    const labels = parseLabelSelector(query.get('labelSelector') ?? '');
    const fields = parseFieldSelector(query.get('fieldSelector') ?? '').map(({ field, value, equal }) => {
      const read = fieldReader(kind, field);
      if (!read) throw badRequest(`field label not supported: ${field}`);
      return (object: KubernetesObject) => (read(object) === value) === equal;
    });
    return (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      matchesLabels(labels, object.metadata.labels) &&
      fields.every((matches) => matches(object));
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
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
