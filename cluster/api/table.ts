import { type JsonObject } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';

/** What the client wants to see of each object beside its cells. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

export interface TableRequest {
  includeObject: IncludeObject;
}

/** Whether the first form that the client accepts is a Table. */
export function tableRequest(accept: string, query: URLSearchParams): TableRequest | undefined {
  const first = accept.split(',')[0] ?? '';
  if (!/;\s*as=Table\b/.test(first)) return undefined;
  const include = query.get('includeObject');
  return { includeObject: include === 'Object' || include === 'None' ? include : 'Metadata' };
}

/** A server-side Table (meta.k8s.io/v1). @param listMetadata of a list; resourceVersion alone for one object */
export function renderTable(
  kind: Kind,
  objects: readonly KubernetesObject[],
  listMetadata: JsonObject,
  { includeObject }: TableRequest,
  now: number,
  columns = true,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata,
    columnDefinitions: columns ? columnDefinitions(kind) : null,
    rows: objects.map((object) => ({
      cells: kind.columns.map((column) => column.value(object, now)),
      ...(includeObject === 'None' ? {} : { object: includeObject === 'Object' ? object : partial(object) }),
    })),
  };
}

function columnDefinitions(kind: Kind): JsonObject[] {
  return kind.columns.map(({ name, type, format, wide }) => ({
    name,
    type,
    format: format ?? '',
    description: '',
    priority: wide ? 1 : 0,
  }));
}

function partial(object: KubernetesObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
