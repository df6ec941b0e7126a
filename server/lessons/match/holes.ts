import { isIP } from 'node:net';

/** A typed hole in an expected line: text that differs between runs but has a known form. */
export type Hole =
  /** Ends where its form ends: the longest text of that form from `start` on, -1 when there is none. */
  | { kind: 'form'; endAt(text: string, start: number): number }
  /** One or more characters that are not blank. */
  | { kind: 'word' }
  /** Anything, blanks included, or nothing. */
  | { kind: 'anything' };

const ALPHABET_OF_HASHES = '[456789bcdf]';
const ALPHABET_OF_NAMES = '[bcdfghjklmnpqrstvwxz2456789]';
const INTEGER = /-?(?:0|[1-9]\d{0,17})/y;

/**
 * Forms are sticky and of bounded length, longer alternatives first: one look at each place, so that a comparison
 * stays linear whatever a program prints.
 */
const HOLES: Record<string, Hole> = {
  // Kubernetes apimachinery, pkg/util/duration, HumanDuration: one unit, or two neighbours.
  age: form(/\d{1,4}y[1-3]?\d{1,2}d|\d{1,4}d(?:1\d|2[0-3]|\d)h|\d{1,3}h[1-5]?\dm|\d{1,4}m[1-5]?\ds|\d{1,9}[smhdy]/y),
  ip: either(
    form(/\d{1,3}(?:\.\d{1,3}){3}/y, (text) => isIP(text) === 4),
    form(/[0-9a-fA-F:.]{2,45}/y, (text) => isIP(text) === 6),
  ),
  int: form(INTEGER),
  num: form(/-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?/y),
  // Kubernetes apimachinery, pkg/util/rand: String(5) of the alphabet without vowels and look-alikes.
  id: form(new RegExp(`${ALPHABET_OF_NAMES}{5}`, 'y')),
  // Same file, SafeEncodeString of a 32-bit hash in decimal: ten digits, hence ten letters, are possible.
  rs: form(new RegExp(`${ALPHABET_OF_HASHES}{1,10}`, 'y')),
  word: { kind: 'word' },
  // A time of day, or a whole RFC 3339 timestamp.
  time: form(
    /(?:\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T)?(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:?\d\d)?/y,
  ),
  date: form(/\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])/y),
  ver: form(/v?\d{1,9}(?:\.\d{1,9}){1,3}(?:[-+][0-9A-Za-z.+-]{1,64})?/y),
  '*': { kind: 'anything' },
};

export const HOLE_NAMES: readonly string[] = Object.keys(HOLES);

/** A hole, or what is wrong with one, or null for text in angle brackets that is meant as it stands (`<none>`). */
export type HoleResult = { hole: Hole } | { mistake: string } | null;

/** The hole that the text between `<` and `>` names. */
export function findHole(text: string): HoleResult {
  const [name = '', ...rest] = text.split(/ +/);
  if (!Object.hasOwn(HOLES, name)) return null;
  if (rest.length === 0) return { hole: HOLES[name]! };
  if (name !== 'int') return { mistake: `<${name}> takes nothing behind its name. Write <${name}>.` };
  const range = /^(-?\d{1,15})\.\.(-?\d{1,15})$/.exec(rest.join(' '));
  if (range === null) return { mistake: `"<${text}>" is not a range. Write <int 1..3>.` };
  const [low, high] = [Number(range[1]), Number(range[2])];
  if (low > high) return { mistake: `"<${text}>" accepts nothing: ${low} is above ${high}. Swap them.` };
  return { hole: form(INTEGER, (number) => Number(number) >= low && Number(number) <= high) };
}

function form(expression: RegExp, accepts: (text: string) => boolean = () => true): Hole & { kind: 'form' } {
  return {
    kind: 'form',
    endAt(text, start) {
      expression.lastIndex = start;
      const found = expression.exec(text)?.[0];
      return found !== undefined && accepts(found) ? start + found.length : -1;
    },
  };
}

function either(first: Hole & { kind: 'form' }, second: Hole & { kind: 'form' }): Hole {
  return {
    kind: 'form',
    endAt: (text, start) => Math.max(first.endAt(text, start), second.endAt(text, start)),
  };
}
