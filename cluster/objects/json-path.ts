/**
 * The JSONPath of CustomResourceDefinitions, for printer columns and the scale subresource: `.a.b`, `['a.b']`, `[0]`,
 * `[*]` and `[?(@.type=="Ready")]`. @returns all values it finds; none for a path in no such form.
 */
export function findByPath(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const match of path.matchAll(STEP)) {
    const { key, quoted, index, star, field, wanted } = match.groups as Record<string, string | undefined>;
    found = found.flatMap((one) => {
      if (field !== undefined) return itemsOf(one).filter((item) => String(memberOf(item, field)) === wanted);
      if (star !== undefined) return itemsOf(one);
      if (index !== undefined) return itemsOf(one).slice(Number(index), Number(index) + 1);
      const member = memberOf(one, key ?? quoted ?? '');
      return member === undefined || member === null ? [] : [member];
    });
  }
  return found;
}

const STEP =
  /\.(?<key>(?:[^.[\]\\]|\\.)+)|\['(?<quoted>[^']+)'\]|\[(?<index>\d+)\]|\[(?<star>\*)\]|\[\?\(@\.(?<field>[\w.-]+)\s*==\s*["'](?<wanted>[^"']*)["']\)\]/g;

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, key: string): unknown {
  const name = key.replaceAll('\\', '');
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Sets the value at a path of plain keys, such as `.spec.replicas`. Changes the target. */
export function setByPath(target: object, path: string, value: unknown): void {
  const keys = path.split('.').filter(Boolean);
  const last = keys.pop() ?? '';
  let owner = target as Record<string, unknown>;
  for (const key of keys) {
    const next = memberOf(owner, key);
    if (typeof next !== 'object' || next === null) owner[key] = {};
    owner = owner[key] as Record<string, unknown>;
  }
  owner[last] = value;
}
