import { isRecord } from '../api/object.ts';
import { compareBytes } from './json.ts';

/**
 * YAML as sigs.k8s.io/yaml writes it: keys in order, lists not indented, quotes only where needed.
 * Ends with a newline.
 */
export function renderYaml(value: unknown): string {
  if (isRecord(value) && Object.keys(value).length > 0) return renderMapping(value, 0);
  if (Array.isArray(value) && value.length > 0) return renderSequence(value, 0);
  return `${renderScalar(value, 0)}\n`;
}

function renderMapping(mapping: Record<string, unknown>, indent: number): string {
  return Object.keys(mapping)
    .filter((key) => mapping[key] !== undefined)
    .sort(compareKeys)
    .map((key) => ' '.repeat(indent) + renderKey(key) + renderValue(mapping[key], indent))
    .join('');
}

function renderKey(key: string): string {
  const text = renderString(key, 0);
  return text.startsWith('|') ? JSON.stringify(key) + ':' : `${text}:`;
}

/** What stands behind `key:`, newline included. */
function renderValue(value: unknown, indent: number): string {
  if (isRecord(value) && Object.keys(value).length > 0) return `\n${renderMapping(value, indent + 2)}`;
  if (Array.isArray(value) && value.length > 0) return `\n${renderSequence(value, indent)}`;
  return ` ${renderScalar(value, indent)}\n`;
}

function renderSequence(items: readonly unknown[], indent: number): string {
  return items
    .map((item) => {
      const dash = `${' '.repeat(indent)}- `;
      if (isRecord(item) && Object.keys(item).length > 0) return dash + renderMapping(item, indent + 2).trimStart();
      if (Array.isArray(item) && item.length > 0) return dash + renderSequence(item, indent + 2).trimStart();
      return `${dash}${renderScalar(item, indent)}\n`;
    })
    .join('');
}

function renderScalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return renderString(value, indent);
  if (typeof value === 'number') return renderNumber(value);
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? '[]' : '{}';
}

function renderNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? value.toFixed(0) : value.toExponential();
  return String(value);
}

/** go-yaml v2, yaml.v2/encode.go stringv and emitterc.go yaml_emitter_select_scalar_style. */
function renderString(text: string, indent: number): string {
  if (text === '' || looksTyped(text)) return quoteDouble(text);
  if (hasUnprintable(text)) return quoteDouble(text);
  if (text.includes('\n')) return renderBlock(text, indent);
  if (isPlain(text)) return text;
  return quoteSingle(text);
}

/** Words that would be read back as something else than a string. YAML 1.1, as go-yaml v2 resolves it. */
function looksTyped(text: string): boolean {
  return (
    /^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE)$/.test(text) ||
    /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/.test(text) ||
    /^(<<|\.nan|\.NaN|\.NAN|[-+]?\.(inf|Inf|INF))$/.test(text) ||
    /^[-+]?(\d[\d_]*|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+)$/.test(text) ||
    /^[-+]?(\.\d[\d_]*|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$/.test(text) ||
    /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?$/.test(text) ||
    isTimestamp(text)
  );
}

function isTimestamp(text: string): boolean {
  return /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\s*\d{1,2}:\d{1,2}:\d{1,2}(\.\d*)?\s*(Z|[-+]\d{1,2}(:\d{2})?)?)?$/.test(text);
}

function hasUnprintable(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]|[\ud800-\udfff](?![\udc00-\udfff])/.test(
    text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''),
  );
}

function isPlain(text: string): boolean {
  if (/^[-?:](\s|$)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^---|^\.\.\./.test(text)) return false;
  if (text.includes('\t')) return false;
  return !/: |:$| #/.test(text) && !/^ | $/.test(text);
}

function quoteSingle(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function renderBlock(text: string, indent: number): string {
  // The emitter cannot write a block that starts with blanks or a line break without saying the indentation.
  if (text.includes(' \n') || text.endsWith(' ')) return quoteDouble(text);
  const chomp = text.endsWith('\n') ? (text.endsWith('\n\n') || text === '\n' ? '+' : '') : '-';
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const margin = ' '.repeat(indent + 2);
  return `|${hint}${chomp}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : margin + line))
    .join('\n')}`;
}

const ESCAPES: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function quoteDouble(text: string): string {
  let quoted = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (ESCAPES[char] !== undefined) quoted += ESCAPES[char];
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
      quoted += `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`;
    else if (code === 0xfeff) quoted += '\\uFEFF';
    else quoted += char;
  }
  return `"${quoted}"`;
}

/** go-yaml sorts keys with numbers in them by their value, letters after other characters. yaml.v2/sorter.go. */
function compareKeys(left: string, right: string): number {
  const a = [...left];
  const b = [...right];
  let digits = false;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const ca = a[i] ?? '';
    const cb = b[i] ?? '';
    if (ca === cb) {
      digits = isDigit(ca);
      continue;
    }
    const la = isLetter(ca);
    const lb = isLetter(cb);
    if (la && lb) return compareBytes(ca, cb);
    if (la || lb) return digits ? (la ? 1 : -1) : la ? 1 : -1;
    if (isDigit(ca) && isDigit(cb)) return compareNumbers(a, b, i);
    return compareBytes(ca, cb);
  }
  return a.length - b.length;
}

function compareNumbers(a: readonly string[], b: readonly string[], from: number): number {
  let start = from;
  while (start > 0 && isDigit(a[start - 1] ?? '')) start--;
  const run = (chars: readonly string[]) => /^\d*/.exec(chars.slice(start).join(''))?.[0] ?? '';
  const ra = run(a);
  const rb = run(b);
  return Number(ra) - Number(rb) || ra.length - rb.length || compareBytes(ra, rb);
}

function isDigit(char: string): boolean {
  return /^\p{Nd}$/u.test(char);
}

function isLetter(char: string): boolean {
  return /^\p{L}$/u.test(char);
}
