import { descriptionsOf, resolve, typeOf, type Schema, type Schemas } from './schema.ts';

/** Text of a description at most; four blanks stand before it. */
const WIDTH = 76;

/** Layout of kubectl/pkg/explain/v2/templates/plaintext.tmpl. */
export function renderHeading(group: string, version: string, kind: string): string {
  return `${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${kind}\nVERSION:    ${version}\n\n`;
}

/** @param field name of the field that is asked for, null for the kind itself. */
export function renderSchema(schema: Schema, schemas: Schemas, field: string | null, recursive: boolean): string {
  let text = '';
  if (field !== null) {
    text += `FIELD: ${field} <${typeOf(schema, schemas)}>\n`;
    const values = schema.enum ?? [];
    text += values.length === 0 ? '\n\n' : `ENUM:\n${values.map((value) => `    ${String(value)}\n`).join('')}\n`;
  }
  const descriptions = descriptionsOf(schema, schemas);
  text += `DESCRIPTION:\n${descriptions.length === 0 ? '    <empty>\n' : `${descriptions.map((each) => indent(each, '    ')).join('')}    \n`}`;
  const { properties } = resolve(schema, schemas);
  if (!properties) return `${text}\n`;
  const fields = renderFields(resolve(schema, schemas), schemas, recursive, 1, new Set());
  return `${text}FIELDS:\n${fields}\n`;
}

function renderFields(
  schema: Schema,
  schemas: Schemas,
  recursive: boolean,
  level: number,
  seen: ReadonlySet<Schema>,
): string {
  const margin = '  '.repeat(level);
  return Object.keys(schema.properties ?? {})
    .sort()
    .map((name) => {
      const field = schema.properties?.[name] ?? {};
      const required = schema.required?.includes(name) ? ' -required-' : '';
      let text = `${margin}${name}\t<${typeOf(field, schemas)}>${required}\n`;
      if (field.enum?.length) text += `${margin}enum: ${field.enum.map(String).join(', ')}\n`;
      if (!recursive) {
        const [description] = descriptionsOf({ ...field }, schemas);
        return `${text}${description === undefined ? '    <no description>\n' : indent(description, '    ')}\n`;
      }
      const target = resolve(field, schemas);
      // Schemas may hold themselves, as JSONSchemaProps does.
      if (!target.properties || seen.has(target)) return text;
      return text + renderFields(target, schemas, true, level + 1, new Set([...seen, target]));
    })
    .join('');
}

/** Words in lines of at most {@link WIDTH}; the text's own line breaks stay. */
function indent(text: string, margin: string): string {
  return text
    .split('\n')
    .flatMap((line) => wrap(line))
    .map((line) => `${margin}${line}\n`)
    .join('');
}

function wrap(line: string): string[] {
  const leading = /^\s*/.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = leading;
  for (const word of line.trim().split(/\s+/)) {
    if (current.trim() !== '' && current.length + 1 + word.length > WIDTH) {
      lines.push(current);
      current = word;
    } else {
      current += current === leading ? word : ` ${word}`;
    }
  }
  return [...lines, current];
}
