import { GO_LAYOUT } from './go-layout.ts';

export interface GoField {
  name: string;
  type: string;
  /** Path from the object that has the field, as `securityContext.runAsUser`. */
  json: string;
  /** Its fields stand among those of the structure that embeds it. */
  inline: boolean;
  /** Its fields come from the object that holds it. */
  whole: boolean;
}

let structures: ReadonlyMap<string, readonly GoField[]> | undefined;

/** The structures of `go-layout.ts` by name. */
export function goStructures(): ReadonlyMap<string, readonly GoField[]> {
  structures ??= parseLayout(GO_LAYOUT);
  return structures;
}

function parseLayout(layout: string): Map<string, GoField[]> {
  const found = new Map<string, GoField[]>();
  let fields: GoField[] = [];
  for (const line of layout.split('\n')) {
    const [name = '', type, json] = line.trim().split(' ');
    if (name === '') continue;
    if (type === undefined) {
      fields = [];
      found.set(name, fields);
    } else {
      const byDefault = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      fields.push({ name, type, inline: json === 'inline', whole: json === 'whole', json: json ?? byDefault });
    }
  }
  return found;
}
