import { isRecord } from '../api/object.ts';
import { isEqual } from './equal.ts';
import { strategyOf } from './merge-keys.ts';

type Json = Record<string, unknown>;

interface DiffOptions {
  ignoreDeletions: boolean;
  ignoreChanges: boolean;
}

const ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/**
 * What `apply` sends for built-in kinds: what the file adds or changes against the live object, and what it dropped
 * since it was applied last. apimachinery, util/strategicpatch/patch.go, CreateThreeWayMergePatch.
 */
export function createThreeWayStrategicPatch(original: Json, modified: Json, current: Json): Json {
  const changes = diffMaps(current, modified, '', { ignoreDeletions: true, ignoreChanges: false });
  const deletions = diffMaps(original, modified, '', { ignoreDeletions: false, ignoreChanges: true });
  return joinPatches(deletions, changes, '');
}

/** The strategic merge patch that leads from one document to the other. */
export function createStrategicPatch(from: Json, to: Json): Json {
  return diffMaps(from, to, '', { ignoreDeletions: false, ignoreChanges: false });
}

function diffMaps(from: Json, to: Json, parent: string, options: DiffOptions): Json {
  const patch: Json = {};
  for (const [key, before] of Object.entries(from)) {
    if (!(key in to)) {
      if (!options.ignoreDeletions) patch[key] = null;
      continue;
    }
    diffField(patch, key, before, to[key], parent, options);
  }
  if (!options.ignoreChanges) {
    for (const [key, value] of Object.entries(to)) if (!(key in from)) patch[key] = value;
  }
  return patch;
}

function diffField(
  patch: Json,
  key: string,
  before: unknown,
  after: unknown,
  parent: string,
  options: DiffOptions,
): void {
  const strategy = strategyOf(parent, key);
  if (isRecord(before) && isRecord(after)) {
    const inner = diffMaps(before, after, key, options);
    if (Object.keys(inner).length === 0) return;
    if (strategy.retainKeys) inner.$retainKeys = Object.keys(after).sort();
    patch[key] = inner;
  } else if (Array.isArray(before) && Array.isArray(after) && strategy.mergeKey !== undefined) {
    if (strategy.mergeKey === '') diffSets(patch, key, before, after, options);
    else diffItems(patch, key, before, after, strategy.mergeKey, options);
  } else if (!options.ignoreChanges && !isEqual(before, after)) {
    patch[key] = after;
  }
}

function diffSets(patch: Json, key: string, before: unknown[], after: unknown[], options: DiffOptions): void {
  const added = after.filter((item) => !before.includes(item));
  const removed = before.filter((item) => !after.includes(item));
  if (!options.ignoreChanges && added.length > 0) patch[key] = added;
  if (!options.ignoreDeletions && removed.length > 0) patch[DELETE_PRIMITIVES + key] = removed;
  const touched = options.ignoreChanges ? removed.length > 0 : added.length > 0 || !isEqual(before, after);
  if (touched) patch[ORDER + key] = after;
}

function diffItems(
  patch: Json,
  key: string,
  before: unknown[],
  after: unknown[],
  mergeKey: string,
  options: DiffOptions,
): void {
  const find = (items: unknown[], id: unknown) => items.find((item) => isRecord(item) && item[mergeKey] === id);
  const items: unknown[] = [];
  for (const item of after) {
    if (!isRecord(item)) continue;
    const old = find(before, item[mergeKey]);
    if (isRecord(old)) {
      const inner = diffMaps(old, item, key, options);
      if (Object.keys(inner).length === 0) continue;
      if (strategyOf('spec', key).retainKeys) inner.$retainKeys = Object.keys(item).sort();
      items.push({ ...inner, [mergeKey]: item[mergeKey] });
    } else if (!options.ignoreChanges) {
      items.push(item);
    }
  }
  if (!options.ignoreDeletions) {
    for (const item of before) {
      if (!isRecord(item) || find(after, item[mergeKey])) continue;
      items.push({ $patch: 'delete', [mergeKey]: item[mergeKey] });
    }
  }
  if (items.length > 0) patch[key] = items;
  const ids = (list: unknown[]) => list.map((item) => (isRecord(item) ? item[mergeKey] : undefined));
  if (items.length > 0 || (!options.ignoreChanges && !isEqual(ids(before), ids(after)))) {
    patch[ORDER + key] = after.map((item) => ({ [mergeKey]: isRecord(item) ? item[mergeKey] : undefined }));
  }
}

/** Both patches in one; where they touch the same item of a list, their parts of it are joined. */
function joinPatches(first: Json, second: Json, parent: string): Json {
  const joined = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = joined[key];
    const { mergeKey } = strategyOf(parent, key);
    if (isRecord(before) && isRecord(value)) joined[key] = joinPatches(before, value, key);
    else if (Array.isArray(before) && Array.isArray(value) && mergeKey)
      joined[key] = joinItems(before, value, mergeKey, key);
    else joined[key] = value;
  }
  return joined;
}

function joinItems(first: unknown[], second: unknown[], mergeKey: string, field: string): unknown[] {
  const joined = [...second];
  for (const item of first) {
    if (!isRecord(item)) continue;
    const index = joined.findIndex((other) => isRecord(other) && other[mergeKey] === item[mergeKey]);
    const other = joined[index];
    if (isRecord(other)) joined[index] = joinPatches(item, other, field);
    else joined.push(item);
  }
  return joined;
}

/** Applies a strategic merge patch. The document is not changed. */
export function applyStrategicPatch(document: Json, patch: Json, parent = ''): Json {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch === 'delete') return {};
  const result: Json = { ...document };
  if (Array.isArray(patch.$retainKeys)) {
    for (const key of Object.keys(result)) if (!patch.$retainKeys.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const field = key.slice(DELETE_PRIMITIVES.length);
      const list = result[field];
      if (Array.isArray(list)) result[field] = list.filter((item) => !(value as unknown[]).includes(item));
    } else if (key.startsWith('$')) {
      continue;
    } else if (value === null) {
      delete result[key];
    } else {
      result[key] = mergeField(result[key], value, parent, key, patch[ORDER + key]);
    }
  }
  return result;
}

function mergeField(before: unknown, value: unknown, parent: string, key: string, order: unknown): unknown {
  if (isRecord(value)) return applyStrategicPatch(isRecord(before) ? before : {}, value, key);
  const { mergeKey } = strategyOf(parent, key);
  if (!Array.isArray(value) || mergeKey === undefined) return value;
  const list = Array.isArray(before) ? before : [];
  if (mergeKey === '') return [...list, ...value.filter((item) => !list.includes(item))];
  return orderItems(mergeItems(list, value, mergeKey, key), order, mergeKey);
}

function mergeItems(list: readonly unknown[], patch: readonly unknown[], mergeKey: string, field: string): unknown[] {
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => isRecord(item) && item.$patch !== 'replace');
  }
  let merged = [...list];
  for (const item of patch) {
    if (!isRecord(item)) continue;
    const index = merged.findIndex((other) => isRecord(other) && other[mergeKey] === item[mergeKey]);
    if (item.$patch === 'delete') merged = merged.filter((_, each) => each !== index);
    else if (index < 0) merged.push(withoutDirectives(item));
    else merged[index] = applyStrategicPatch(merged[index] as Json, item, field);
  }
  return merged;
}

/** Items that the patch orders come in its order, those that it does not know keep their place behind a neighbour. */
function orderItems(items: unknown[], order: unknown, mergeKey: string): unknown[] {
  if (!Array.isArray(order)) return items;
  const rank = new Map(order.map((item, index) => [isRecord(item) ? item[mergeKey] : item, index]));
  let last = -1;
  const ranked = items.map((item) => {
    const found = rank.get(isRecord(item) ? item[mergeKey] : item);
    last = found ?? last;
    return { item, rank: last };
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function withoutDirectives(patch: Json): Json {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}
