/**
 * Who owns which field: `metadata.managedFields`, and server-side apply on top of it.
 * Kubernetes 1.32, sigs.k8s.io/structured-merge-diff. Simplified: lists without a merge key and all maps below
 * `any` and `object` count as one value, and set-like lists as well.
 */
import { ApiError } from './api-error.ts';
import { cloneJson, equalJson, isJsonObject, setKey, type JsonObject } from './json.ts';
import { type KubernetesObject } from './object.ts';
import { type Field, type FieldType } from './schema/schema-table.ts';
import { messageOf, type Message } from './schema/schemas.ts';
import { timestamp } from './timestamp.ts';

/** A tree of owned fields: `f:name`, `k:{"name":"x"}`, and `.` for the thing itself. */
export type FieldSet = { [key: string]: FieldSet };

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldSet;
  subresource?: string;
}

export interface TrackOptions {
  manager: string;
  apiVersion: string;
  subresource?: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
}

const UNOWNED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
  'selfLink',
]);

/** Records that `manager` wrote the object: it owns what it changed, and others no longer do. Changes the draft. */
export function trackUpdate(
  old: KubernetesObject | undefined,
  draft: KubernetesObject,
  message: Message,
  { manager, apiVersion, subresource, now }: TrackOptions,
): void {
  const changed = diffSet(old as JsonObject | undefined, draft, message);
  const entries = entriesOf(draft);
  const kept = entries.map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, changed.set) }));
  const same = (entry: ManagedFieldsEntry) =>
    entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource;
  const own = kept.find(same);
  if (own) own.fieldsV1 = union(own.fieldsV1, changed.set);
  else if (!isEmpty(changed.set)) {
    kept.push({
      manager,
      operation: 'Update',
      apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: changed.set,
      ...(subresource ? { subresource } : {}),
    });
  }
  for (const entry of kept) if (same(entry)) entry.time = timestamp(now);
  draft.metadata.managedFields = inOrder(
    kept
      .map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, changed.removed) }))
      .filter((entry) => !isEmpty(entry.fieldsV1)),
  );
}

/**
 * Merges an applied configuration into the object that is there.
 * @throws ApiError 409 with a cause per field that others own with another value, unless `force`
 * @returns what to store, managedFields included
 */
export function applyManaged(
  old: KubernetesObject | undefined,
  applied: KubernetesObject,
  message: Message,
  { manager, apiVersion, force, now }: TrackOptions & { force: boolean },
): KubernetesObject {
  const set = withoutContainers(fieldSetOf(applied, message));
  const entries = old ? entriesOf(old) : [];
  const isOwn = (entry: ManagedFieldsEntry) => entry.manager === manager && entry.operation === 'Apply';
  const previous = entries.find(isOwn)?.fieldsV1 ?? {};
  const conflicts: { manager: string; entry: ManagedFieldsEntry; path: string }[] = [];
  let others = entries.filter((entry) => !isOwn(entry));
  if (old) {
    const differing = diffSet(old, mergeApplied(old, applied, message), message).set;
    for (const entry of others) {
      for (const path of leafPaths(intersect(intersect(entry.fieldsV1, set), differing))) {
        conflicts.push({ manager: entry.manager, entry, path });
      }
    }
    if (conflicts.length > 0 && !force) throw conflictError(conflicts);
    others = others.map((entry) => ({ ...entry, fieldsV1: subtract(entry.fieldsV1, intersect(set, differing)) }));
  }
  let result = old ? (mergeApplied(old, applied, message) as KubernetesObject) : cloneJson(applied);
  // What this manager applied before, no longer applies and shares with nobody goes away.
  const ownedByOthers = others.reduce<FieldSet>((sum, entry) => union(sum, entry.fieldsV1), {});
  const dropped = subtract(subtract(previous, set), ownedByOthers);
  result = removeFields(result, dropped) as KubernetesObject;
  const own: ManagedFieldsEntry = { manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1: set };
  const before = entries.find(isOwn);
  const unchanged =
    before && old && equalJson(before.fieldsV1, set) && equalJson(withoutManaged(old), withoutManaged(result));
  own.time = unchanged ? before.time : timestamp(now);
  result.metadata = {
    ...result.metadata,
    managedFields: inOrder([...others.filter((entry) => !isEmpty(entry.fieldsV1)), own]),
  };
  if (!applied.metadata.resourceVersion) delete result.metadata.resourceVersion;
  return result;
}

/** Applied sets name maps and lists by what is in them alone; items of a list keep their mark. */
function withoutContainers(set: FieldSet, item = false): FieldSet {
  const result: FieldSet = {};
  for (const [key, inner] of Object.entries(set)) {
    if (key !== '.') result[key] = withoutContainers(inner, key.startsWith('k:'));
    else if (item || Object.keys(set).length === 1) result[key] = inner;
  }
  return result;
}

/** Applied entries first, then by time and name (k8s.io/apimachinery/pkg/util/managedfields, sortEncodedManagedFields). */
function inOrder(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const key = (entry: ManagedFieldsEntry) =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion].join('\0');
  return entries.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function withoutManaged(object: KubernetesObject): JsonObject {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The entries of an object; clients write them too, so what is no field set counts as empty. */
function entriesOf(object: KubernetesObject): ManagedFieldsEntry[] {
  return ((object.metadata.managedFields ?? []) as ManagedFieldsEntry[]).map((entry) => ({
    ...entry,
    fieldsV1: fieldSetFrom(entry.fieldsV1),
  }));
}

function fieldSetFrom(value: unknown): FieldSet {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key === '.' || key.startsWith('f:') || itemKeyOf(key) !== undefined)
      .map(([key, inner]) => [key, fieldSetFrom(inner)]),
  );
}

/** What a `k:{"name":"x"}` names; undefined for anything else. */
function itemKeyOf(key: string): JsonObject | undefined {
  if (!key.startsWith('k:')) return undefined;
  try {
    const value: unknown = JSON.parse(key.slice(2));
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function conflictError(conflicts: readonly { manager: string; entry: ManagedFieldsEntry; path: string }[]): ApiError {
  const named = conflicts.map(({ entry, path }) => {
    const using = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
    return { who: `conflict with ${JSON.stringify(entry.manager)}${using}`, path };
  });
  const count = conflicts.length;
  const byManager = groupPaths(named);
  const text = [...byManager]
    .map(([who, paths]) => (paths.length === 1 ? `${who}: ${paths[0]}` : `${who}:\n- ${paths.join('\n- ')}`))
    .join('\n');
  return new ApiError(
    409,
    'Conflict',
    `Apply failed with ${count} ${count === 1 ? 'conflict' : 'conflicts'}: ${text}`,
    { causes: named.map(({ who, path }) => ({ reason: 'FieldManagerConflict', message: who, field: path })) },
  );
}

function groupPaths(conflicts: readonly { who: string; path: string }[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { who, path } of conflicts) groups.set(who, [...(groups.get(who) ?? []), path]);
  return groups;
}

/** All fields that a configuration states. */
export function fieldSetOf(object: JsonObject, message: Message): FieldSet {
  return diffSet(undefined, object, message).set;
}

interface Difference {
  /** Fields that are new or have another value. */
  set: FieldSet;
  /** Fields that are no longer there. */
  removed: FieldSet;
}

function diffSet(old: JsonObject | undefined, value: JsonObject, message: Message): Difference {
  const result: Difference = { set: {}, removed: {} };
  diffObject(old, value, message, result, true);
  return result;
}

function diffObject(
  old: JsonObject | undefined,
  value: JsonObject,
  message: Message,
  result: Difference,
  root = false,
): void {
  const keys = new Set([...Object.keys(value), ...Object.keys(old ?? {})]);
  for (const key of keys) {
    if (root && (key === 'apiVersion' || key === 'kind')) continue;
    if (message.id === 'meta.ObjectMeta' && UNOWNED_METADATA.has(key)) continue;
    const field = message.byName.get(key);
    const part: Difference = { set: {}, removed: {} };
    if (value[key] === undefined) {
      result.removed[`f:${key}`] = {};
      continue;
    }
    diffValue(old?.[key], value[key], field?.type, field, part);
    if (part.set['.'] || !isEmpty(part.set)) result.set[`f:${key}`] = leaf(part.set);
    if (!isEmpty(part.removed)) result.removed[`f:${key}`] = part.removed;
  }
}

// A leaf that changed is marked with `.` on the way up and stands as an empty set.
function leaf(set: FieldSet): FieldSet {
  return set['.'] && Object.keys(set).length === 1 && set['.'] === LEAF ? {} : set;
}
const LEAF: FieldSet = Object.freeze({});

function diffValue(
  old: unknown,
  value: unknown,
  type: FieldType | undefined,
  field: Field | undefined,
  part: Difference,
): void {
  if (type?.kind === 'message' && isJsonObject(value)) {
    if (Object.keys(value).length === 0 && !isJsonObject(old)) part.set['.'] = LEAF;
    else diffObject(isJsonObject(old) ? old : undefined, value, messageOf(`${type.package}.${type.name}`), part);
    return;
  }
  if (type?.kind === 'map' && isJsonObject(value)) {
    if (!isJsonObject(old)) part.set['.'] = {};
    for (const key of Object.keys(value)) {
      if (!isJsonObject(old) || !equalJson(old[key], value[key])) part.set[`f:${key}`] = {};
    }
    for (const key of Object.keys(isJsonObject(old) ? old : {}))
      if (value[key] === undefined) part.removed[`f:${key}`] = {};
    return;
  }
  if (type?.kind === 'list' && type.of.kind === 'message' && field?.merge && field.mergeKey && Array.isArray(value)) {
    diffKeyedList(Array.isArray(old) ? old : undefined, value, type.of, field, part);
    return;
  }
  // Of a resource that a definition describes only the shape is known: objects are taken apart, lists are not.
  if (type === undefined && isJsonObject(value) && Object.keys(value).length > 0) {
    if (!isJsonObject(old)) part.set['.'] = {};
    diffObject(isJsonObject(old) ? old : undefined, value, messageOf(UNTYPED), part);
    return;
  }
  if (old === undefined || !equalJson(old, value)) part.set['.'] = LEAF;
}

const UNTYPED = 'apiextensions.Untyped';

// The keys that structured-merge-diff uses where strategic merge has only one of them.
const LIST_KEYS: Record<string, readonly string[]> = {
  containerPort: ['containerPort', 'protocol'],
  port: ['port', 'protocol'],
};

function itemKey(item: JsonObject, mergeKey: string): string {
  const key: JsonObject = {};
  const names = Object.hasOwn(LIST_KEYS, mergeKey) ? (LIST_KEYS[mergeKey] as readonly string[]) : [mergeKey];
  for (const name of names) key[name] = item[name] ?? (name === 'protocol' ? 'TCP' : '');
  return `k:${JSON.stringify(key)}`;
}

function diffKeyedList(
  old: readonly unknown[] | undefined,
  value: readonly unknown[],
  type: { package: string; name: string },
  field: Field,
  part: Difference,
): void {
  const mergeKey = field.mergeKey ?? '';
  const message = messageOf(`${type.package}.${type.name}`);
  if (!old) part.set['.'] = {};
  const before = new Map((old ?? []).filter(isJsonObject).map((item) => [itemKey(item, mergeKey), item]));
  const seen = new Set<string>();
  for (const item of value.filter(isJsonObject)) {
    const key = itemKey(item, mergeKey);
    seen.add(key);
    const inner: Difference = { set: {}, removed: {} };
    const previous = before.get(key);
    if (!previous) inner.set['.'] = {};
    diffObject(previous, item, message, inner);
    if (!isEmpty(inner.set)) part.set[key] = inner.set;
    if (!isEmpty(inner.removed)) part.removed[key] = inner.removed;
  }
  for (const key of before.keys()) if (!seen.has(key)) part.removed[key] = {};
}

/** The live object with an applied configuration laid over it: maps and keyed lists merge, the rest is replaced. */
function mergeApplied(live: JsonObject, applied: JsonObject, message: Message | undefined): JsonObject {
  const result: JsonObject = { ...live };
  for (const key of Object.keys(applied)) {
    const field = message?.byName.get(key);
    const type = field?.type;
    const value = applied[key];
    const old = Object.hasOwn(live, key) ? live[key] : undefined;
    if (type?.kind === 'message' && isJsonObject(value) && isJsonObject(old)) {
      setKey(result, key, mergeApplied(old, value, messageOf(`${type.package}.${type.name}`)));
    } else if (field === undefined && key !== 'apiVersion' && isJsonObject(value) && isJsonObject(old)) {
      setKey(result, key, mergeApplied(old, value, messageOf(UNTYPED)));
    } else if (type?.kind === 'map' && isJsonObject(value) && isJsonObject(old)) {
      setKey(result, key, { ...old, ...value });
    } else if (
      type?.kind === 'list' &&
      type.of.kind === 'message' &&
      field?.mergeKey &&
      Array.isArray(value) &&
      Array.isArray(old)
    ) {
      setKey(result, key, mergeKeyedList(old, value, type.of, field.mergeKey));
    } else {
      setKey(result, key, cloneJson(value));
    }
  }
  return result;
}

function mergeKeyedList(
  old: unknown[],
  applied: unknown[],
  type: { package: string; name: string },
  mergeKey: string,
): unknown[] {
  const message = messageOf(`${type.package}.${type.name}`);
  const result = [...old];
  for (const item of applied.filter(isJsonObject)) {
    const key = itemKey(item, mergeKey);
    const index = result.findIndex((one) => isJsonObject(one) && itemKey(one, mergeKey) === key);
    if (index < 0) result.push(cloneJson(item));
    else result[index] = mergeApplied(result[index] as JsonObject, item, message);
  }
  return result;
}

function removeFields(value: JsonObject, set: FieldSet): JsonObject {
  const result: JsonObject = { ...value };
  for (const [key, inner] of Object.entries(set)) {
    if (!key.startsWith('f:')) continue;
    const name = key.slice(2);
    const part = result[name];
    if (part === undefined) continue;
    if (isEmpty(inner)) delete result[name];
    else if (Array.isArray(part)) result[name] = removeItems(part, inner);
    else if (isJsonObject(part)) {
      const rest = removeFields(part, inner);
      if (Object.keys(rest).length === 0 && inner['.']) delete result[name];
      else result[name] = rest;
    }
  }
  return result;
}

function removeItems(list: readonly unknown[], set: FieldSet): unknown[] {
  return list.flatMap((item) => {
    if (!isJsonObject(item)) return [item];
    for (const [key, inner] of Object.entries(set)) {
      const wanted = itemKeyOf(key);
      if (!wanted) continue;
      const matches = Object.entries(wanted).every(([name, value]) => (item[name] ?? 'TCP') === value);
      if (matches) return inner['.'] ? [] : [removeFields(item, inner)];
    }
    return [item];
  });
}

function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

function union(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSet = { ...left };
  for (const [key, inner] of Object.entries(right)) {
    result[key] = Object.hasOwn(result, key) ? union(result[key] as FieldSet, inner) : inner;
  }
  return result;
}

/** What stands in both, leaf by leaf. */
function intersect(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, inner] of Object.entries(left)) {
    if (key === '.' || !Object.hasOwn(right, key)) continue;
    const other = right[key] as FieldSet;
    const both = isEmpty(inner) ? other : isEmpty(other) ? inner : intersect(inner, other);
    if (isEmpty(inner) || isEmpty(other) || !isEmpty(both)) result[key] = both;
  }
  return result;
}

/** Leaves of `left` without those of `right`; what becomes empty goes. */
function subtract(left: FieldSet, right: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [key, inner] of Object.entries(left)) {
    if (!Object.hasOwn(right, key)) {
      result[key] = inner;
      continue;
    }
    const other = right[key] as FieldSet;
    if (isEmpty(other) || isEmpty(inner)) continue;
    const rest = subtract(inner, other);
    if (Object.keys(rest).some((name) => name !== '.')) result[key] = rest;
  }
  return result;
}

/** `.data.owner`, `.spec.containers[name="web"].image`. */
function leafPaths(set: FieldSet, prefix = ''): string[] {
  return Object.entries(set).flatMap(([key, inner]) => {
    if (key === '.') return [];
    const path = key.startsWith('f:') ? `${prefix}.${key.slice(2)}` : `${prefix}${keyPath(key)}`;
    return isEmpty(inner) || Object.keys(inner).every((name) => name === '.') ? [path] : leafPaths(inner, path);
  });
}

function keyPath(key: string): string {
  const parts = Object.entries(itemKeyOf(key) ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `[${parts.join(',')}]`;
}
