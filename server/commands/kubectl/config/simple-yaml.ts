/**
 * Reads the part of YAML that kubeconfig files are written in: block mappings, block sequences and one-line
 * scalars. A quick way past the full parser, whose loading alone would be a third of a run's time.
 * @returns undefined when the text holds anything else: then the full parser has to read it.
 */
export function parseSimpleYaml(text: string): unknown {
  const lines: Line[] = [];
  for (const raw of text.split('\n')) {
    if (/^\s*(#.*)?$/.test(raw) || (raw === '---' && lines.length === 0)) continue;
    const match = /^( *)(\S.*?)\s*$/.exec(raw);
    if (!match || raw.includes('\t')) return undefined;
    lines.push({ indent: (match[1] ?? '').length, text: match[2] ?? '' });
  }
  if (lines.length === 0) return undefined;
  try {
    const reader = { lines, at: 0 };
    const value = readBlock(reader, lines[0]?.indent ?? 0);
    return reader.at === lines.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotSimple) return undefined;
    throw error;
  }
}

interface Line {
  indent: number;
  text: string;
}

interface Reader {
  lines: Line[];
  at: number;
}

class NotSimple extends Error {}

function readBlock(reader: Reader, indent: number): unknown {
  const line = reader.lines[reader.at];
  if (!line || line.indent !== indent) throw new NotSimple();
  return isItem(line.text) ? readSequence(reader, indent) : readMapping(reader, indent);
}

function readSequence(reader: Reader, indent: number): unknown[] {
  const items: unknown[] = [];
  for (;;) {
    const line = reader.lines[reader.at];
    if (!line || line.indent !== indent || !isItem(line.text)) return items;
    const rest = line.text.slice(1).trimStart();
    if (rest === '' || !isPair(rest)) {
      reader.at++;
      items.push(rest === '' ? null : readScalar(rest));
      continue;
    }
    // `- key: value` opens a mapping that is indented to the key.
    const inner = indent + line.text.length - rest.length;
    reader.lines[reader.at] = { indent: inner, text: rest };
    items.push(readMapping(reader, inner));
  }
}

function readMapping(reader: Reader, indent: number): Record<string, unknown> {
  const mapping: Record<string, unknown> = {};
  for (;;) {
    const line = reader.lines[reader.at];
    if (!line || line.indent < indent || (line.indent === indent && isItem(line.text))) return mapping;
    const pair = /^([\w./-]+):(?: +(.*))?$/.exec(line.text);
    if (line.indent !== indent || !pair || (pair[1] ?? '') in mapping) throw new NotSimple();
    reader.at++;
    mapping[pair[1] ?? ''] = pair[2] === undefined ? readNested(reader, indent) : readScalar(pair[2]);
  }
}

function readNested(reader: Reader, indent: number): unknown {
  const next = reader.lines[reader.at];
  if (next && next.indent > indent) return readBlock(reader, next.indent);
  return next && next.indent === indent && isItem(next.text) ? readSequence(reader, indent) : null;
}

function readScalar(text: string): unknown {
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (text === '""' || text === "''") return '';
  if (/^"[^"\\]*"$/.test(text) || /^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  // Words that mean themselves: no indicator at the start, no comment, no nested mapping, no number.
  if (/^[A-Za-z/][^#]*$/.test(text) && !/: |:$|^(null|yes|no|on|off|y|n)$/i.test(text)) return text;
  throw new NotSimple();
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

function isPair(text: string): boolean {
  return /^[\w./-]+:( |$)/.test(text);
}
