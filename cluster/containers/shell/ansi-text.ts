const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What stands between `$'` and `'`. */
export function ansiText(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))/gs,
    (_whole, hexadecimal?: string, unicode?: string, octal?: string, letter?: string) => {
      const code = hexadecimal ?? unicode;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return LETTERS[letter ?? ''] ?? (/['"\\?]/.test(letter ?? '') ? (letter ?? '') : `\\${letter ?? ''}`);
    },
  );
}
