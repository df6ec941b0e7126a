import { isGnu, parseOptions, UsageError } from './options.ts';
import { tool } from './tool.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const two = (value: number): string => String(value).padStart(2, '0');

/** What a letter behind `%` stands for; undefined for one that is none. */
function part(letter: string, now: Date): string | undefined {
  const hour = now.getUTCHours();
  const dayOfYear = Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
  const day = DAYS[now.getUTCDay()] ?? '';
  const month = MONTHS[now.getUTCMonth()] ?? '';
  const parts: Readonly<Record<string, () => string>> = {
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    h: () => month.slice(0, 3),
    B: () => month,
    c: () => formatDate('%a %b %e %T %Y', now),
    C: () => two(Math.floor(now.getUTCFullYear() / 100)),
    d: () => two(now.getUTCDate()),
    D: () => formatDate('%m/%d/%y', now),
    e: () => String(now.getUTCDate()).padStart(2),
    F: () => formatDate('%Y-%m-%d', now),
    H: () => two(hour),
    I: () => two(hour % 12 || 12),
    j: () => String(dayOfYear).padStart(3, '0'),
    k: () => String(hour).padStart(2),
    l: () => String(hour % 12 || 12).padStart(2),
    m: () => two(now.getUTCMonth() + 1),
    M: () => two(now.getUTCMinutes()),
    n: () => '\n',
    N: () => String(now.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0'),
    p: () => (hour < 12 ? 'AM' : 'PM'),
    P: () => (hour < 12 ? 'am' : 'pm'),
    r: () => formatDate('%I:%M:%S %p', now),
    R: () => formatDate('%H:%M', now),
    s: () => String(Math.floor(now.getTime() / 1000)),
    S: () => two(now.getUTCSeconds()),
    t: () => '\t',
    T: () => formatDate('%H:%M:%S', now),
    u: () => String(now.getUTCDay() || 7),
    w: () => String(now.getUTCDay()),
    x: () => formatDate('%m/%d/%y', now),
    X: () => formatDate('%H:%M:%S', now),
    y: () => two(now.getUTCFullYear() % 100),
    Y: () => String(now.getUTCFullYear()),
    z: () => '+0000',
    Z: () => 'UTC',
    '%': () => '%',
  };
  return parts[letter]?.();
}

function formatDate(format: string, now: Date): string {
  return format.replace(/%[-_0^]?(\d*)([a-zA-Z%])/g, (whole, width: string, letter: string) => {
    const text = part(letter, now);
    if (text === undefined) return whole;
    if (whole.startsWith('%-')) return text.replace(/^[0 ]+(?=\d)/, '');
    return letter === 'N' && width !== '' ? text.slice(0, Number(width)) : text;
  });
}

const UNITS: Readonly<Record<string, number>> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};

/** The time that a text names: `@SECONDS`, ISO 8601 and, GNU's, `yesterday` or `2 hours ago`; null when it is none. */
function parseDate(text: string, now: number, relative: boolean): number | null {
  const seconds = /^@(-?\d+(?:\.\d+)?)$/.exec(text);
  if (seconds !== null) return Number(seconds[1]) * 1000;
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d{1,2}:\d\d(?::\d\d)?))?(?:\.\d+)?(?: ?(?:Z|UTC|\+00:?00))?$/.exec(text);
  if (iso !== null) {
    const time = Date.parse(`${iso[1] ?? ''}T${(iso[2] ?? '00:00').padStart(5, '0')}Z`);
    return Number.isNaN(time) ? null : time;
  }
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (clock !== null) {
    const midnight = Math.floor(now / 86_400_000) * 86_400_000;
    return midnight + (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1000;
  }
  if (!relative) return null;
  let time = now;
  for (const [, amount, unit = '', ago] of ` ${text}`.matchAll(
    /\s+(?:([-+]?\d+|next|last)\s*)?([a-z]+?)s?(?=\s|$)(\s+ago)?/g,
  )) {
    const days: Readonly<Record<string, number>> = { now: 0, today: 0, yesterday: -1, tomorrow: 1 };
    const length = UNITS[unit];
    if (length !== undefined) {
      const count = amount === 'last' ? -1 : amount === 'next' || amount === undefined ? 1 : Number(amount);
      time += count * length * 1000 * (ago === undefined ? 1 : -1);
    } else if (days[unit] !== undefined) time += days[unit] * 86_400_000;
    else return null;
  }
  return time === now && !/^(now|today)$/.test(text) ? null : time;
}

export const date = tool(async (process) => {
  // The value of -I stands right behind it.
  const precision = process.args
    .map((arg) => /^(?:-u?I|--iso-8601=?)(\w*)$/.exec(arg)?.[1])
    .find((each) => each !== undefined);
  process.args = process.args.map((arg) => (/^(-u?I|--iso-8601)/.test(arg) ? '-I' : arg));
  const { options, operands } = parseOptions(process, 'uIRd:D:r:s:', {
    long: { 'date=': 'd', utc: 'u', universal: 'u', 'rfc-email': 'R', 'rfc-2822': 'R' },
  });
  let time = process.container.clock.now();
  const wanted = options.get('d');
  if (wanted !== undefined) {
    const parsed = parseDate(wanted, time, isGnu(process));
    if (parsed === null) throw new UsageError(`date: invalid date '${wanted}'\n`, 1);
    time = parsed;
  }
  if (options.has('s')) throw new UsageError("date: can't set date: Operation not permitted\n", 1);
  const [operand] = operands;
  if (operand !== undefined && !operand.startsWith('+')) throw new UsageError(`date: invalid date '${operand}'\n`, 1);
  const zone = precision === undefined || precision === '' || precision === 'date' ? '' : '+00:00';
  const iso = { hours: 'T%H', minutes: 'T%H:%M', seconds: 'T%H:%M:%S', ns: 'T%H:%M:%S,%N' }[precision ?? ''] ?? '';
  const format = options.has('I')
    ? `%F${iso}${zone}`
    : options.has('R')
      ? '%a, %d %b %Y %T %z'
      : (operand?.slice(1) ?? '%a %b %e %T %Z %Y');
  await process.print(`${formatDate(format, new Date(time))}\n`);
  return 0;
});
