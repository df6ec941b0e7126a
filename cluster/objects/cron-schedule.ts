/**
 * When a CronJob is due: the standard form of github.com/robfig/cron/v3 (parser.go, spec.go), which Kubernetes uses,
 * with its errors. Five fields of lists, ranges, steps and names, or `@hourly` and its like, or `@every 90s`.
 */

export interface CronSchedule {
  /** The first time that is due after `time`; undefined when there is none within five years. Milliseconds since 1970. */
  next(time: number): number | undefined;
}

/** A schedule or time zone that cannot be read; the message is upstream's. */
export class CronError extends Error {
  override name = 'CronError';
}

interface Bounds {
  min: number;
  max: number;
  names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE: Bounds = { min: 0, max: 59, names: [] };
const HOUR: Bounds = { min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Bounds = { min: 1, max: 31, names: [] };
const MONTH: Bounds = { min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Bounds = { min: 0, max: 6, names: DAYS };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const DAY_MS = 86_400_000;
// As upstream: what does not come within five years, such as the 30th of February, never comes.
const MAX_DAYS = 5 * 366;

/** Values of one field, and whether it is a star: then it leaves the choice of the day to the other field. */
interface FieldValues {
  values: readonly number[];
  star: boolean;
}

/** @param timeZone an IANA name; default UTC @throws CronError */
export function parseCronSchedule(text: string, timeZone = 'UTC'): CronSchedule {
  const zone = createZone(timeZone);
  const trimmed = text.trim();
  if (trimmed === '') throw new CronError('empty spec string');
  if (trimmed.startsWith('@every ')) return parseEvery(trimmed);
  if (trimmed.startsWith('@') && !Object.hasOwn(DESCRIPTORS, trimmed)) {
    throw new CronError(`unrecognized descriptor: ${trimmed}`);
  }
  const fields = (DESCRIPTORS[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const parsed = [MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK].map((bounds, i) =>
    parseField(fields[i] ?? '', bounds),
  );
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parsed as [
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
    FieldValues,
  ];

  function isDueOn(date: Date): boolean {
    if (!month.values.includes(date.getUTCMonth() + 1)) return false;
    const inMonth = dayOfMonth.values.includes(date.getUTCDate());
    const inWeek = dayOfWeek.values.includes(date.getUTCDay());
    return dayOfMonth.star || dayOfWeek.star ? inMonth && inWeek : inMonth || inWeek;
  }

  return {
    next(time) {
      // Days of the zone's calendar, kept as UTC midnights: they are then all of one length.
      const today = Math.floor(zone.toWall(time) / DAY_MS) * DAY_MS;
      for (let day = today; day < today + MAX_DAYS * DAY_MS; day += DAY_MS) {
        if (!isDueOn(new Date(day))) continue;
        for (const h of hour.values) {
          for (const m of minute.values) {
            const due = zone.fromWall(day + h * 3_600_000 + m * 60_000);
            if (due !== undefined && due > time) return due;
          }
        }
      }
      return undefined;
    },
  };
}

function parseEvery(text: string): CronSchedule {
  const duration = text.slice('@every '.length);
  const parts = [...duration.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== duration) {
    throw new CronError(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`);
  }
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit ?? ''] ?? 0), 0);
  // Whole seconds, and at least one (constantdelay.go).
  const delay = Math.max(1_000, Math.floor(total / 1_000) * 1_000);
  return { next: (time) => Math.floor(time / 1_000) * 1_000 + delay };
}

function parseField(field: string, bounds: Bounds): FieldValues {
  const parts = field
    .split(',')
    .filter((part) => part !== '')
    .map((part) => parseRange(part, bounds));
  const values = [...new Set(parts.flatMap((part) => part.values))].toSorted((a, b) => a - b);
  return { values, star: parts.some(({ star }) => star) };
}

/** `*`, `5`, `1-5`, each with `/step`; a number with a step goes on to the end of the field. */
function parseRange(text: string, bounds: Bounds): FieldValues {
  const [range = '', stepText, ...more] = text.split('/');
  const [lowText = '', highText, ...others] = range.split('-');
  if (others.length > 0) throw new CronError(`too many hyphens: ${text}`);
  if (more.length > 0) throw new CronError(`too many slashes: ${text}`);
  const anything = lowText === '*' || lowText === '?';
  const low = anything ? bounds.min : parseNumber(lowText, bounds.names);
  const step = stepText === undefined ? 1 : parseNumber(stepText, []);
  let high = anything ? bounds.max : low;
  if (!anything && highText !== undefined) high = parseNumber(highText, bounds.names);
  else if (!anything && stepText !== undefined) high = bounds.max;
  if (low < bounds.min) throw new CronError(`beginning of range (${low}) below minimum (${bounds.min}): ${text}`);
  if (high > bounds.max) throw new CronError(`end of range (${high}) above maximum (${bounds.max}): ${text}`);
  if (low > high) throw new CronError(`beginning of range (${low}) beyond end of range (${high}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  const values: number[] = [];
  for (let value = low; value <= high; value += step) values.push(value);
  return { values, star: anything && step === 1 };
}

function parseNumber(text: string, names: readonly string[]): number {
  const index = names.indexOf(text.toLowerCase());
  // Months count from 1, days from 0.
  if (index >= 0) return names === MONTHS ? index + 1 : index;
  if (/^-\d+$/.test(text)) throw new CronError(`negative number (${text}) not allowed: ${text}`);
  if (!/^\+?\d{1,9}$/.test(text)) {
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

/** Between moments and what a clock on the wall shows, as if that were UTC. Milliseconds. */
interface Zone {
  toWall(time: number): number;
  /** Undefined for what no clock shows, when it is set forward. */
  fromWall(wall: number): number | undefined;
}

function createZone(name: string): Zone {
  if (name === 'UTC' || name === 'Etc/UTC') return { toWall: (time) => time, fromWall: (wall) => wall };
  const format = dateFormat(name);
  const toWall = (time: number) => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  return {
    toWall,
    fromWall(wall) {
      // Two rounds: the first guess may lie on the other side of a change of the clock.
      const first = wall - (toWall(wall) - wall);
      const time = first - (toWall(first) - wall);
      return toWall(time) === wall ? time : undefined;
    },
  };
}

/** @throws CronError in the words of Go's time.LoadLocation */
function dateFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) throw new CronError(`unknown time zone ${timeZone}`, { cause: error });
    throw error;
  }
}
