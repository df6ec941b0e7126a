const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;

type State = 'ground' | 'escape' | 'control' | 'string' | 'string-escape';

/**
 * How many bytes of `output` a terminal can be given without it being in the middle of a character or an escape
 * sequence. Whoever goes on from there sends the rest of it.
 */
export function completePrefix(output: Uint8Array): number {
  let state: State = 'ground';
  let complete = 0;
  let at = 0;
  while (at < output.length) {
    const byte = output[at]!;
    const length = state === 'ground' ? characterLength(byte) : 1;
    if (at + length > output.length && isCutOff(output, at)) break;
    at += length;
    state = nextState(state, byte);
    if (state === 'ground') complete = Math.min(at, output.length);
  }
  return complete;
}

/** ECMA-48 5.4 and 5.6, as far as it takes to know where a sequence ends. */
function nextState(state: State, byte: number): State {
  switch (state) {
    case 'ground':
      return byte === ESC ? 'escape' : 'ground';
    case 'escape':
      if (byte === 0x5b) return 'control';
      // DCS, SOS, OSC, PM, APC.
      if (byte === 0x50 || byte === 0x58 || (byte >= 0x5d && byte <= 0x5f)) return 'string';
      if (byte === ESC || (byte >= 0x20 && byte <= 0x2f)) return 'escape';
      return 'ground';
    case 'control':
      if (byte === ESC) return 'escape';
      return byte >= 0x40 && byte <= 0x7e ? 'ground' : 'control';
    case 'string':
      if (byte === ESC) return 'string-escape';
      return byte === BEL ? 'ground' : 'string';
    case 'string-escape':
      return byte === BACKSLASH ? 'ground' : nextState('escape', byte);
  }
}

/** Bytes of the UTF-8 character that begins with `byte`; 1 for what begins none. */
function characterLength(byte: number): number {
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  return 1;
}

/** Whether the character at `from` lacks only its end; otherwise it is none and a terminal shows it as such. */
function isCutOff(output: Uint8Array, from: number): boolean {
  return output.subarray(from + 1).every((byte) => (byte & 0xc0) === 0x80);
}
