const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Backslash escapes of `echo -e` and `printf`; `stop` after `\c`, which ends the output. */
function escapeSequences(text: string, dialect: 'echo' | 'printf'): { text: string; stop: boolean } {
  const octal = dialect === 'echo' ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/;
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character !== '\\') {
      result += character;
      continue;
    }
    const rest = text.slice(index + 1);
    const next = rest[0] ?? '';
    const digits = octal.exec(rest);
    const hexadecimal = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    if (next === 'c') return { text: result, stop: true };
    if (digits !== null) {
      result += String.fromCharCode(Number.parseInt(digits[1] || '0', 8));
      index += digits[0].length;
    } else if (hexadecimal !== null) {
      result += String.fromCharCode(Number.parseInt(hexadecimal[1] ?? '0', 16));
      index += hexadecimal[0].length;
    } else if (SIMPLE[next] !== undefined) {
      result += SIMPLE[next];
      index += 1;
    } else result += character;
  }
  return { text: result, stop: false };
}

/** One UTF-16 unit for each byte: printf counts bytes, and `\\303\\251` is one letter. */
function toByteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function fromByteString(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** Whose printf it is: a shell's own, or the program of Debian. */
export type PrintfDialect = 'ash' | 'dash' | 'bash' | 'gnu';

/** printf(1): the format is used again while values are left. `problems` are values that are no numbers. */
export function formatPrintf(
  text: string,
  values: readonly string[],
  dialect: PrintfDialect,
): { bytes: Buffer; problems: string[] } {
  const { output, problems } = formatAll(toByteString(text), values.map(toByteString), dialect);
  return { bytes: Buffer.from(output, 'latin1'), problems: problems.map(fromByteString) };
}

/** What `echo` prints for a text with escapes. */
export function echoBytes(text: string): { bytes: Buffer; stop: boolean } {
  const escaped = escapeSequences(toByteString(text), 'echo');
  return { bytes: Buffer.from(escaped.text, 'latin1'), stop: escaped.stop };
}

function formatAll(
  format: string,
  values: readonly string[],
  dialect: PrintfDialect,
): { output: string; problems: string[] } {
  const rest = [...values];
  const problems: string[] = [];
  let output = '';
  for (;;) {
    const before = rest.length;
    const round = formatOnce(format, rest, problems, dialect);
    output += round.text;
    // A format that uses no value would go on for ever.
    if (round.stop || rest.length === 0 || rest.length === before) return { output, problems };
  }
}

function formatOnce(
  format: string,
  values: string[],
  problems: string[],
  dialect: PrintfDialect,
): { text: string; stop: boolean } {
  const pattern = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%])/g;
  let text = '';
  let last = 0;
  const literal = (piece: string): boolean => {
    const escaped = escapeSequences(piece, 'printf');
    text += escaped.text;
    return escaped.stop;
  };
  for (let match = pattern.exec(format); match !== null; match = pattern.exec(format)) {
    if (literal(format.slice(last, match.index))) return { text, stop: true };
    last = pattern.lastIndex;
    const [, flags = '', widthText, precisionText, conversion = ''] = match;
    if (conversion === '%') {
      text += '%';
      continue;
    }
    const width = widthText === '*' ? Number(values.shift() ?? 0) : Number(widthText ?? 0);
    const precision = precisionText === '*' ? Number(values.shift() ?? 0) : precisionText;
    const value = values.shift();
    let shown: string;
    if (conversion === 's' || conversion === 'b') {
      shown = value ?? '';
      if (conversion === 'b') {
        const escaped = escapeSequences(shown, 'echo');
        shown = escaped.text;
        if (escaped.stop) return { text: text + shown, stop: true };
      }
      if (precision !== undefined) shown = shown.slice(0, Number(precision));
    } else if (conversion === 'c') shown = (value ?? '').slice(0, 1);
    else shown = formatNumber(conversion, value, flags, precision, problems, dialect);
    const pad = Math.min(width, 10_000);
    if (flags.includes('-')) text += shown.padEnd(pad);
    else if (flags.includes('0') && !'sbc'.includes(conversion)) {
      const sign = /^[-+]/.exec(shown)?.[0] ?? '';
      text += sign + shown.slice(sign.length).padStart(pad - sign.length, '0');
    } else text += shown.padStart(pad);
  }
  const stop = literal(format.slice(last));
  return { text, stop };
}

function formatNumber(
  conversion: string,
  value: string | undefined,
  flags: string,
  precision: string | number | undefined,
  problems: string[],
  dialect: PrintfDialect,
): string {
  let number = value === undefined || value === '' ? 0 : Number(value);
  // POSIX: a leading quote gives the code of the character after it.
  if (value !== undefined && /^['"]./.test(value)) number = fromByteString(value).codePointAt(1) ?? 0;
  if (value !== undefined && /^-?0[0-7]+$/.test(value)) number = Number.parseInt(value, 8);
  if (Number.isNaN(number)) {
    const parsed = Number.parseFloat(value ?? '');
    problems.push(notNumeric(value ?? '', Number.isNaN(parsed), dialect));
    number = dialect === 'ash' ? 0 : parsed || 0;
  }
  if (value === undefined && dialect === 'ash' && !'eEfFgG'.includes(conversion)) problems.push("invalid number ''");
  const sign = number < 0 ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const marked = flags.includes('#') && number !== 0;
  switch (conversion) {
    case 'd':
    case 'i':
    case 'u':
      return sign + String(Math.trunc(number));
    case 'o':
      return (marked ? '0' : '') + Math.trunc(number).toString(8);
    case 'x':
      return (marked ? '0x' : '') + Math.trunc(number).toString(16);
    case 'X':
      return (marked ? '0X' : '') + Math.trunc(number).toString(16).toUpperCase();
    case 'E':
    case 'G':
      return formatNumber(conversion.toLowerCase(), value, flags, precision, [], dialect).toUpperCase();
    case 'e':
      return sign + number.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return sign + generalNumber(number, Math.max(1, Number(precision ?? 6)));
    default:
      return sign + number.toFixed(Math.min(100, Number(precision ?? 6)));
  }
}

/** C's `%g`. */
export function generalNumber(number: number, precision: number): string {
  if (number === 0) return '0';
  const exponent = Number(number.toExponential(precision - 1).split('e')[1]);
  if (exponent >= -4 && exponent < precision) return String(Number(number.toPrecision(precision)));
  const [digits = '', power = ''] = number.toExponential(precision - 1).split('e');
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return `${short}e${power.replace(/^([+-])(\d)$/, '$10$2')}`;
}

function notNumeric(value: string, isNothing: boolean, dialect: PrintfDialect): string {
  switch (dialect) {
    case 'ash':
      return `invalid number '${value}'`;
    case 'dash':
      return `${value}: ${isNothing ? 'expected numeric value' : 'not completely converted'}`;
    case 'bash':
      return `${value}: invalid number`;
    case 'gnu':
      return `'${value}': ${isNothing ? 'expected a numeric value' : 'value not completely converted'}`;
    default: {
      const never: never = dialect;
      return never;
    }
  }
}
