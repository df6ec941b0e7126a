import { isRecord } from '../api/object.ts';
import { compareBytes } from './json.ts';

/**
 * YAML as sigs.k8s.io/yaml writes it: keys in order, lists not indented, quotes only where needed.
 * Ends with a newline.
 */
export function renderYaml(value: unknown): string {
  if (isRecord(value) && Object.keys(value).length > 0) return renderMapping(value, 0);
  if (Array.isArray(value) && value.length > 0) return renderSequence(value, 0);
  return `${renderScalar(value, { column: 0, indent: 0 })}\n`;
}

/** Where a scalar begins, and how far lines that go on with it are indented. */
interface Place {
  column: number;
  indent: number;
}

function renderMapping(mapping: Record<string, unknown>, indent: number): string {
  return Object.keys(mapping)
    .filter((key) => mapping[key] !== undefined)
    .sort(compareKeys)
    .map((key) => {
      const start = `${' '.repeat(indent)}${renderKey(key)}:`;
      return start + renderValue(mapping[key], indent, start.length + 1);
    })
    .join('');
}

/** Keys stay on one line. */
function renderKey(key: string): string {
  return renderString(key.replaceAll('\n', '\u0000'), null).replaceAll('\\0', '\\n');
}

/** What stands behind `key:`, newline included. */
function renderValue(value: unknown, indent: number, column: number): string {
  if (isRecord(value) && Object.keys(value).length > 0) return `\n${renderMapping(value, indent + 2)}`;
  if (Array.isArray(value) && value.length > 0) return `\n${renderSequence(value, indent)}`;
  return ` ${renderScalar(value, { column, indent: indent + 2 })}\n`;
}

function renderSequence(items: readonly unknown[], indent: number): string {
  return items
    .map((item) => {
      const dash = `${' '.repeat(indent)}- `;
      if (isRecord(item) && Object.keys(item).length > 0) return dash + renderMapping(item, indent + 2).trimStart();
      if (Array.isArray(item) && item.length > 0) return dash + renderSequence(item, indent + 2).trimStart();
      return `${dash}${renderScalar(item, { column: indent + 2, indent: indent + 2 })}\n`;
    })
    .join('');
}

function renderScalar(value: unknown, place: Place): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return renderString(value, place);
  if (typeof value === 'number') return renderNumber(value);
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? '[]' : '{}';
}

function renderNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? value.toFixed(0) : value.toExponential();
  return String(value);
}

/**
 * go-yaml v2, yaml.v2/encode.go stringv and emitterc.go yaml_emitter_select_scalar_style.
 * @param place null for a key.
 */
function renderString(text: string, place: Place | null): string {
  if (text === '' || looksTyped(text) || hasUnprintable(text)) return fold(quoteDouble(text), place);
  if (text.includes('\n') && place) {
    return text.includes(' \n') || text.endsWith(' ')
      ? fold(quoteDouble(text), place)
      : renderBlock(text, place.indent);
  }
  if (isPlain(text)) return fold(text, place);
  return fold(quoteSingle(text), place);
}

/** go-yaml breaks a line at the first blank behind this column. */
const FOLD_COLUMN = 80;

/** Blanks at which a quoted or plain scalar is broken become line breaks. */
function fold(text: string, place: Place | null): string {
  if (!place) return text;
  const quoted = text.startsWith('"');
  let folded = '';
  let { column } = place;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    const inner = at > 1 && at < text.length - 2;
    const breaks =
      char === ' ' && text[at - 1] !== ' ' && column > FOLD_COLUMN && inner && (quoted || text[at + 1] !== ' ');
    if (breaks) {
      // Within double quotes a blank at the start of a line would be lost without the backslash.
      const keep = quoted && text[at + 1] === ' ' ? '\\' : '';
      folded += `\n${' '.repeat(place.indent)}${keep}`;
      column = place.indent + keep.length;
    } else {
      folded += char;
      column++;
    }
  }
  return folded;
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
  return /[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff]|[\ud800-\udfff](?![\udc00-\udfff])/.test(
    text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''),
  );
}

function isPlain(text: string): boolean {
  if (/^[-?:](\s|$)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^---|^\.\.\./.test(text)) return false;
  return !/: |:$| #/.test(text) && !/^ | $/.test(text);
}

function quoteSingle(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function renderBlock(text: string, indent: number): string {
  const chomp = text.endsWith('\n') ? (text.endsWith('\n\n') || text === '\n' ? '+' : '') : '-';
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const margin = ' '.repeat(indent);
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
