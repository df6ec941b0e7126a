import { isIP } from 'node:net';

/** A typed hole in an expected line: text that differs between runs but has a known form. */
export interface Hole {
  /** Longest text that it accepts, in UTF-16 units; Infinity for `<word>` and `<*>`. Keeps matching linear. */
  maxLength: number;
  accepts(text: string): boolean;
}

const SAFE_ENCODE = '[456789bcdf]';
const SAFE_RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';

/**
 * Every pattern here is anchored and unambiguous (each character has one way through), so a plain RegExp is linear.
 */
const HOLES: Record<string, Hole> = {
  // Kubernetes apimachinery, pkg/util/duration, HumanDuration: one unit, or two neighbours.
  age: pattern(/^(?:\d+[smhdy]|\d+m[1-5]?\ds|\d+h[1-5]?\dm|\d+d(?:1?\d|2[0-3])h|\d+y[1-3]?\d{1,2}d)$/, 24),
  ip: { maxLength: 64, accepts: (text) => isIP(text) !== 0 },
  int: pattern(/^-?(?:0|[1-9]\d*)$/, 24),
  num: pattern(/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/, 48),
  // Kubernetes apimachinery, pkg/util/rand: String(5) of the alphabet without vowels and look-alikes.
  id: pattern(new RegExp(`^${SAFE_RANDOM}{5}$`), 5),
  // Same file, SafeEncodeString of a 32-bit hash in decimal: ten digits, hence ten letters, are possible.
  rs: pattern(new RegExp(`^${SAFE_ENCODE}{1,10}$`), 10),
  word: { maxLength: Infinity, accepts: (text) => text !== '' },
  // A time of day, or a whole RFC 3339 timestamp.
  time: pattern(
    /^(?:\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T)?(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:?\d\d)?$/,
    48,
  ),
  date: pattern(/^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])$/, 10),
  ver: pattern(/^v?\d+(?:\.\d+){1,3}(?:[-+][0-9A-Za-z.+-]+)?$/, 96),
  '*': { maxLength: Infinity, accepts: () => true },
};

export const HOLE_NAMES: readonly string[] = Object.keys(HOLES);

export type HoleResult = { hole: Hole } | { mistake: string } | null;

/**
 * The hole that the text between `<` and `>` names, null when it names none (`none`, `pending`), or what is wrong
 * when it is meant as one: `<int 1-3>`, `<ip4 v6>`.
 */
export function findHole(text: string): HoleResult {
  const [name = '', ...rest] = text.split(/ +/);
  if (!Object.hasOwn(HOLES, name)) return null;
  if (rest.length === 0) return { hole: HOLES[name]! };
  if (name !== 'int') return { mistake: `<${name}> takes nothing behind its name. Write <${name}>.` };
  const range = /^(-?\d{1,15})\.\.(-?\d{1,15})$/.exec(rest.join(' '));
  if (range === null) return { mistake: `"<${text}>" is not a range. Write <int 1..3>.` };
  const [low, high] = [Number(range[1]), Number(range[2])];
  if (low > high) return { mistake: `"<${text}>" accepts nothing: ${low} is above ${high}. Swap them.` };
  return { hole: intBetween(low, high) };
}

function intBetween(low: number, high: number): Hole {
  const int = HOLES.int!;
  return {
    maxLength: int.maxLength,
    accepts: (text) => int.accepts(text) && Number(text) >= low && Number(text) <= high,
  };
}

function pattern(expression: RegExp, maxLength: number): Hole {
  return { maxLength, accepts: (text) => text.length <= maxLength && expression.test(text) };
}
