/**
 * A pod template as upstream's hash function sees it: `%#v` of github.com/davecgh/go-spew on the Go structure, as
 * k8s.io/kubernetes/pkg/util/hash and k8s.io/apimachinery/pkg/util/dump use it. Structures that `schema/go-layout.ts`
 * does not describe (affinity, rare volumes) are dumped as JSON: their hashes are stable but differ from upstream's.
 */
import { canonicalJson, isJsonObject, type JsonObject } from './json.ts';
import { parseQuantity } from './quantity.ts';
import { goStructures, type GoField } from './schema/go-structures.ts';

/** @param type Go type of the value, as `v1.PodTemplateSpec` */
export function dumpGo(type: string, value: unknown): string {
  return `(${type})${dumpValue(goStructures(), type, value)}`;
}

function dumpValue(known: ReadonlyMap<string, readonly GoField[]>, type: string, value: unknown): string {
  const nothing = value === undefined || value === null;
  if (type.startsWith('*')) return nothing ? '<nil>' : dumpValue(known, type.slice(1), value);
  if (type.startsWith('[]')) {
    if (!Array.isArray(value)) return '<nil>';
    return `[${value.map((item) => dumpValue(known, type.slice(2), item)).join(' ')}]`;
  }
  if (type === 'map[string]string') return dumpMap(value, String);
  if (type === 'v1.ResourceList') return dumpMap(value, (item) => dumpQuantity(String(item)));
  if (type === 'resource.Quantity') return dumpQuantity(nothing ? '' : String(value));
  if (type === 'intstr.IntOrString') return dumpIntOrString(value);
  // Templates carry no times; their creationTimestamp is null.
  if (type === 'v1.Time') return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';
  if (type === 'bool') return String(value ?? false);
  if (type === 'int32' || type === 'int64') return String(value ?? 0);
  const fields = known.get(type);
  if (fields) return dumpStructure(known, fields, isJsonObject(value) ? value : {});
  if (nothing) return '';
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}

function dumpStructure(
  known: ReadonlyMap<string, readonly GoField[]>,
  fields: readonly GoField[],
  value: JsonObject,
): string {
  const parts = fields.map(({ name, type, json, inline }) => {
    return `${name}:(${type})${dumpValue(known, type, inline ? value : value[json])}`;
  });
  return `{${parts.join(' ')}}`;
}

function dumpMap(value: unknown, dumpItem: (item: unknown) => string): string {
  if (!isJsonObject(value)) return '<nil>';
  const pairs = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${dumpItem(value[key])}`);
  return `map[${pairs.join(' ')}]`;
}

function dumpIntOrString(value: unknown): string {
  const text = typeof value === 'string';
  return `{Type:(intstr.Type)${text ? 1 : 0} IntVal:(int32)${text ? 0 : (value ?? 0)} StrVal:(string)${text ? value : ''}}`;
}

function dumpQuantity(text: string): string {
  const milli = text.endsWith('m') || text.includes('.');
  const amount = parseQuantity(text === '' ? '0' : text);
  const value = Math.round(milli ? amount * 1000 : amount);
  const format = /[KMGTPE]i$/.test(text) ? 'BinarySI' : 'DecimalSI';
  return `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${milli ? -3 : 0}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`;
}
