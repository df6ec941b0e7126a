import type { ApiObject, TableRow } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import { compareBytes } from './json.ts';
import { parseJsonPath, relaxedPath } from './jsonpath.ts';
import { parseQuantity } from './quantity.ts';

/** Orders by a field as `--sort-by` does. kubectl/pkg/cmd/get/sorter.go. */
export function sortObjects(objects: readonly ApiObject[], field: string): ApiObject[] {
  return sortBy(objects, field, (object) => object);
}

/** As {@link sortObjects}. Rows whose field no object has are not shown: so does kubectl 1.36. */
export function sortRows(rows: readonly TableRow[], field: string): TableRow[] {
  const path = parseJsonPath(relaxedPath(field));
  if (!rows.some((row) => (path.find(row.object)[0] ?? []).length > 0)) return [];
  return sortBy(rows, field, (row) => row.object);
}

function sortBy<Item>(items: readonly Item[], field: string, read: (item: Item) => unknown): Item[] {
  const path = parseJsonPath(relaxedPath(field));
  const keyed = items.map((item) => ({ item, key: path.find(read(item))[0]?.[0] }));
  return keyed.sort((a, b) => compareValues(a.key, b.key)).map(({ item }) => item);
}

function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    const [qa, qb] = [parseQuantity(a), parseQuantity(b)];
    return qa !== null && qb !== null ? qa - qb : compareBytes(a, b);
  }
  if (typeof a === typeof b) return compareBytes(String(a), String(b));
  throw new CommandError(`unsortable type: ${typeof a}`);
}
