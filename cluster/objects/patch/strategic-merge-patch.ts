/**
 * Strategic merge patch: lists of a built-in type merge by the key that its schema names.
 * Kubernetes 1.32, k8s.io/apimachinery/pkg/util/strategicpatch/patch.go: directives `$patch`, `$retainKeys`,
 * `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 */
import { cloneJson, equalJson, isJsonObject, setKey, type JsonObject } from '../json.ts';
import { type Field, type FieldType } from '../schema/schema-table.ts';
import { messageOf, type Message } from '../schema/schemas.ts';
import { PatchError } from './json-patch.ts';

const ORDER = '$setElementOrder/';
const DELETE = '$deleteFromPrimitiveList/';

/** @throws PatchError @returns a new value */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject, message: Message): JsonObject {
  return mergeObject(target, patch, message);
}

function typeOf(field: Field | undefined): Message | undefined {
  return field ? messageOfType(field.type) : undefined;
}

function messageOfType(type: FieldType): Message | undefined {
  if (type.kind === 'message') return messageOf(`${type.package}.${type.name}`);
  return type.kind === 'list' ? messageOfType(type.of) : undefined;
}

function mergeObject(target: JsonObject, patch: JsonObject, message: Message | undefined): JsonObject {
  const directive = patch.$patch;
  if (directive === 'replace') return stripDirectives(patch) as JsonObject;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(`unknown patch type found: ${JSON.stringify(directive)} in the $patch directive`, true);
  }
  const result: JsonObject = { ...target };
  if (Array.isArray(patch.$retainKeys)) {
    for (const key of Object.keys(result)) if (!patch.$retainKeys.includes(key)) delete result[key];
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(DELETE)) deletePlain(result, key.slice(DELETE.length), patch[key]);
    if (key.startsWith('$')) continue;
    const value = patch[key];
    const field = message?.byName.get(key);
    const old = Object.hasOwn(result, key) ? result[key] : undefined;
    if (value === null) {
      delete result[key];
    } else if (isJsonObject(value)) {
      setKey(result, key, mergeObject(isJsonObject(old) ? old : {}, value, typeOf(field)));
    } else if (Array.isArray(value) && field?.merge) {
      setKey(result, key, mergeList(Array.isArray(old) ? old : [], value, field));
    } else {
      setKey(result, key, stripDirectives(value));
    }
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(ORDER)) continue;
    const name = key.slice(ORDER.length);
    const list = result[name];
    const order = patch[key];
    if (Array.isArray(list) && Array.isArray(order)) {
      const before = Array.isArray(target[name]) ? target[name] : [];
      result[name] = arrange(list, order, before, message?.byName.get(name)?.mergeKey);
    }
  }
  return result;
}

function mergeList(old: readonly unknown[], patch: readonly unknown[], field: Field): unknown[] {
  const { mergeKey } = field;
  if (mergeKey === undefined) {
    const added = patch.filter((item) => !old.some((one) => equalJson(one, item)));
    return arrange([...old, ...cloneJson(added)], patch, old, undefined);
  }
  const items = patch.filter(isJsonObject);
  if (items.some((item) => item.$patch === 'replace')) {
    return items.filter((item) => item.$patch !== 'replace').map(stripDirectives);
  }
  let result: unknown[] = [...old];
  for (const item of items) {
    const key = item[mergeKey];
    if (key === undefined) {
      throw new PatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`, true);
    }
    const index = result.findIndex((one) => isJsonObject(one) && equalJson(one[mergeKey], key));
    if (item.$patch === 'delete') {
      result = result.filter((one) => !isJsonObject(one) || !equalJson(one[mergeKey], key));
    } else if (index < 0) {
      result.push(mergeObject({}, item, typeOf(field)));
    } else {
      result[index] = mergeObject(result[index] as JsonObject, item, typeOf(field));
    }
  }
  return arrange(result, items, old, mergeKey);
}

function deletePlain(result: JsonObject, name: string, values: unknown): void {
  const list = result[name];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  result[name] = list.filter((item) => !values.some((value) => equalJson(value, item)));
}

/**
 * Items that the patch names come in its order, the others in the order of before; where the two lists say nothing
 * about each other, the patch's come first (normalizeElementOrder and mergeSortedSlice).
 */
function arrange(
  list: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const keyOf = (item: unknown) => (mergeKey && isJsonObject(item) ? item[mergeKey] : item);
  const position = (items: readonly unknown[], item: unknown) =>
    items.findIndex((one) => equalJson(keyOf(one), keyOf(item)));
  const sorted = (items: readonly unknown[], by: readonly unknown[]) =>
    items.toSorted((a, b) => position(by, a) - position(by, b));
  const named = sorted(
    list.filter((item) => position(order, item) >= 0),
    order,
  );
  const rest = sorted(
    list.filter((item) => position(order, item) < 0),
    before,
  );
  const result: unknown[] = [];
  while (named.length > 0 || rest.length > 0) {
    const ranks = [position(before, rest[0]), position(before, named[0])] as const;
    const restFirst = named.length === 0 || (rest.length > 0 && ranks[0] >= 0 && ranks[1] >= 0 && ranks[0] < ranks[1]);
    result.push(restFirst ? rest.shift() : named.shift());
  }
  return result;
}

function stripDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !isJsonObject(item) || item.$patch === undefined).map(stripDirectives);
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (key.startsWith('$') && (key === '$patch' || key === '$retainKeys' || key.includes('/'))) continue;
    if (value[key] !== null) setKey(result, key, stripDirectives(value[key]));
  }
  return result;
}
