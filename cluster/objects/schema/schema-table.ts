/**
 * The notation in which the fields of API types are written down, and its parser.
 *
 *     PodSpec
 *       2 containers []Container merge=name always
 *
 * A line without indentation starts a type. A field has its protobuf number (`-` where the type has none), its JSON
 * name, its type and flags:
 * - types: `string int32 int64 bool double bytes Time MicroTime Quantity IntOrString Duration any object RawExtension
 *   FieldsV1`, `enum(A|B)`, a type of the same table, one of another table as `core.PodSpec`, `[]T` and `map<T>`;
 * - `merge=KEY`: strategic merge patch merges the list by this key (`merge` alone: a list of plain values);
 * - `retainKeys`: a patch may say which keys stay (`$retainKeys`);
 * - `inline`: the JSON fields of the type stand in its owner (Go embedding);
 * - `pointer`: zero differs from absent, so protobuf's zero is kept; `always`: zero is written in JSON;
 * - `required`, `min=N`, `max=N`, `minItems=N`: checked for custom resources.
 */
export interface Field {
  number: number;
  name: string;
  type: FieldType;
  inline: boolean;
  pointer: boolean;
  always: boolean;
  required: boolean;
  merge: boolean;
  /** Key by which elements of a merged list are told apart; undefined for plain values. */
  mergeKey: string | undefined;
  retainKeys: boolean;
  min: number | undefined;
  max: number | undefined;
  minItems: number | undefined;
}

export type FieldType =
  | { kind: 'scalar'; name: string }
  | { kind: 'enum'; values: readonly string[] }
  | { kind: 'message'; package: string; name: string }
  | { kind: 'list'; of: FieldType }
  | { kind: 'map'; of: FieldType };

export interface MessageTable {
  [name: string]: readonly Field[];
}

const SCALARS = new Set(
  'string int32 int64 uint32 bool double bytes Time MicroTime Quantity IntOrString Duration any object RawExtension FieldsV1'.split(
    ' ',
  ),
);

/** @throws Error naming the line when the table is not in the notation. */
export function parseSchemaTable(packageName: string, table: string): MessageTable {
  const messages: MessageTable = {};
  let fields: Field[] | undefined;
  for (const line of table.split('\n')) {
    if (line.trim() === '') continue;
    if (!line.startsWith(' ')) {
      fields = [];
      messages[line.trim()] = fields;
    } else if (fields) {
      fields.push(parseField(packageName, line));
    } else {
      throw new Error(`${packageName}: field outside of a type: "${line}"`);
    }
  }
  return messages;
}

function parseField(packageName: string, line: string): Field {
  const [number, name, type, ...flags] = line.trim().split(' ');
  if (!number || !name || !type) throw new Error(`${packageName}: cannot read field "${line}"`);
  const option = (key: string) => flags.find((flag) => flag.startsWith(`${key}=`))?.slice(key.length + 1);
  const numeric = (key: string) => (option(key) === undefined ? undefined : Number(option(key)));
  return {
    number: number === '-' ? 0 : Number(number),
    name,
    type: parseType(packageName, type),
    inline: flags.includes('inline'),
    pointer: flags.includes('pointer'),
    always: flags.includes('always'),
    required: flags.includes('required'),
    merge: flags.some((flag) => flag === 'merge' || flag.startsWith('merge=')),
    mergeKey: option('merge'),
    retainKeys: flags.includes('retainKeys'),
    min: numeric('min'),
    max: numeric('max'),
    minItems: numeric('minItems'),
  };
}

function parseType(packageName: string, type: string): FieldType {
  if (type.startsWith('[]')) return { kind: 'list', of: parseType(packageName, type.slice(2)) };
  if (type.startsWith('map<')) return { kind: 'map', of: parseType(packageName, type.slice(4, -1)) };
  if (type.startsWith('enum(')) return { kind: 'enum', values: type.slice(5, -1).split('|') };
  if (SCALARS.has(type)) return { kind: 'scalar', name: type };
  const dot = type.indexOf('.');
  return dot < 0
    ? { kind: 'message', package: packageName, name: type }
    : { kind: 'message', package: type.slice(0, dot), name: type.slice(dot + 1) };
}
