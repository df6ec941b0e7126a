import type { CurlBuild } from './build.ts';
import { CurlUsageError } from './errors.ts';

/** What a curl command line asks for. Times in milliseconds, null for no limit. */
export interface CurlOptions {
  build: CurlBuild;
  urls: string[];
  /** By position of the URL: a file name, or `remote` for the name in the URL (`-O`). */
  outputs: ({ kind: 'file'; path: string } | { kind: 'remote' })[];
  silent: boolean;
  showError: boolean;
  noMeter: boolean;
  verbose: boolean;
  include: boolean;
  head: boolean;
  fail: boolean;
  failWithBody: boolean;
  insecure: boolean;
  follow: boolean;
  maxRedirects: number;
  method: string | null;
  headers: string[];
  /** Pieces of `-d` and its like, joined with `&`; `@` files are read by the transfer. */
  data: { kind: 'ascii' | 'binary' | 'raw' | 'urlencode'; text: string }[];
  json: boolean;
  asQuery: boolean;
  form: string[];
  upload: string | null;
  userAgent: string;
  referer: string | null;
  /** Of `-b`: what is sent as it is, and files to read cookies from. */
  cookie: string | null;
  cookieFiles: string[];
  /** Of `-c`: where all cookies are written to at the end. */
  cookieJar: string | null;
  /** Of `-j`: leave out those that end with the session. */
  freshSession: boolean;
  user: string | null;
  bearer: string | null;
  range: string | null;
  compressed: boolean;
  http10: boolean;
  http09: boolean;
  writeOut: string | null;
  dumpHeader: string | null;
  maxTimeMs: number | null;
  connectTimeoutMs: number | null;
  retry: number;
  retryDelayMs: number | null;
  retryConnectionRefused: boolean;
  retryAllErrors: boolean;
  resolve: string[];
  connectTo: string[];
  caFile: string | null;
  certificate: string | null;
  key: string | null;
  createDirectories: boolean;
  glob: boolean;
  pathAsIs: boolean;
  failEarly: boolean;
  showVersion: boolean;
  showHelp: boolean;
}

export function defaultOptions(build: CurlBuild): CurlOptions {
  return {
    build,
    urls: [],
    outputs: [],
    silent: false,
    showError: false,
    noMeter: false,
    verbose: false,
    include: false,
    head: false,
    fail: false,
    failWithBody: false,
    insecure: false,
    follow: false,
    maxRedirects: 50,
    method: null,
    headers: [],
    data: [],
    json: false,
    asQuery: false,
    form: [],
    upload: null,
    userAgent: `curl/${build.version}`,
    referer: null,
    cookie: null,
    cookieFiles: [],
    cookieJar: null,
    freshSession: false,
    user: null,
    bearer: null,
    range: null,
    compressed: false,
    http10: false,
    http09: false,
    writeOut: null,
    dumpHeader: null,
    maxTimeMs: null,
    connectTimeoutMs: null,
    retry: 0,
    retryDelayMs: null,
    retryConnectionRefused: false,
    retryAllErrors: false,
    resolve: [],
    connectTo: [],
    caFile: null,
    certificate: null,
    key: null,
    createDirectories: false,
    glob: true,
    pathAsIs: false,
    failEarly: false,
    showVersion: false,
    showHelp: false,
  };
}

type Flag = { kind: 'flag'; apply: (options: CurlOptions, on: boolean) => void };
type Valued = { kind: 'value'; apply: (options: CurlOptions, value: string, name: string) => void };

function flag(apply: (options: CurlOptions, on: boolean) => void): Flag {
  return { kind: 'flag', apply };
}
function value(apply: (options: CurlOptions, text: string, name: string) => void): Valued {
  return { kind: 'value', apply };
}
/** An option that changes nothing that is simulated: versions of IP, tuning of TCP. */
const ignored = flag(() => {});

function milliseconds(text: string, name: string): number {
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text)) {
    throw new CurlUsageError(`option ${name}: expected a proper numerical parameter`);
  }
  return Math.round(Number(text) * 1000);
}
function count(text: string, name: string): number {
  if (!/^-?\d+$/.test(text)) throw new CurlUsageError(`option ${name}: expected a proper numerical parameter`);
  return Number(text);
}

const LONG: Readonly<Record<string, Flag | Valued>> = {
  anyauth: ignored,
  basic: ignored,
  'ca-native': ignored,
  cacert: value((o, v) => (o.caFile = v)),
  cert: value((o, v) => (o.certificate = v)),
  compressed: flag((o, on) => (o.compressed = on)),
  'connect-timeout': value((o, v, name) => (o.connectTimeoutMs = milliseconds(v, name) || null)),
  'connect-to': value((o, v) => o.connectTo.push(v)),
  cookie: value((o, v) => {
    // Without a `=` it is a file.
    if (v.includes('=')) o.cookie = o.cookie === null ? v : `${o.cookie}; ${v}`;
    else o.cookieFiles.push(v);
  }),
  'cookie-jar': value((o, v) => (o.cookieJar = v)),
  'create-dirs': flag((o, on) => (o.createDirectories = on)),
  data: value((o, v) => o.data.push({ kind: 'ascii', text: v })),
  'data-ascii': value((o, v) => o.data.push({ kind: 'ascii', text: v })),
  'data-binary': value((o, v) => o.data.push({ kind: 'binary', text: v })),
  'data-raw': value((o, v) => o.data.push({ kind: 'raw', text: v })),
  'data-urlencode': value((o, v) => o.data.push({ kind: 'urlencode', text: v })),
  disable: ignored,
  'dump-header': value((o, v) => (o.dumpHeader = v)),
  fail: flag((o, on) => (o.fail = on)),
  'fail-early': flag((o, on) => (o.failEarly = on)),
  'fail-with-body': flag((o, on) => (o.failWithBody = on)),
  form: value((o, v) => o.form.push(v)),
  get: flag((o, on) => (o.asQuery = on)),
  globoff: flag((o, on) => (o.glob = !on)),
  head: flag((o, on) => (o.head = on)),
  header: value((o, v) => o.headers.push(v)),
  help: flag((o) => (o.showHelp = true)),
  'http0.9': flag((o, on) => (o.http09 = on)),
  'http1.0': flag((o) => (o.http10 = true)),
  'http1.1': ignored,
  http2: ignored,
  include: flag((o, on) => (o.include = on)),
  insecure: flag((o, on) => (o.insecure = on)),
  ipv4: ignored,
  ipv6: ignored,
  json: value((o, v) => {
    o.json = true;
    o.data.push({ kind: 'binary', text: v });
  }),
  'junk-session-cookies': flag((o, on) => (o.freshSession = on)),
  keepalive: ignored,
  'keepalive-time': value(() => {}),
  key: value((o, v) => (o.key = v)),
  location: flag((o, on) => (o.follow = on)),
  'location-trusted': flag((o, on) => (o.follow = on)),
  'max-redirs': value((o, v, name) => (o.maxRedirects = count(v, name))),
  'max-time': value((o, v, name) => (o.maxTimeMs = milliseconds(v, name) || null)),
  buffer: ignored,
  noproxy: value(() => {}),
  'oauth2-bearer': value((o, v) => (o.bearer = v)),
  output: value((o, v) => o.outputs.push({ kind: 'file', path: v })),
  parallel: ignored,
  'path-as-is': flag((o, on) => (o.pathAsIs = on)),
  'progress-bar': ignored,
  'progress-meter': flag((o, on) => (o.noMeter = !on)),
  quote: value(() => {}),
  range: value((o, v) => (o.range = v)),
  referer: value((o, v) => (o.referer = v)),
  'remote-name': flag((o) => o.outputs.push({ kind: 'remote' })),
  request: value((o, v) => (o.method = v)),
  resolve: value((o, v) => o.resolve.push(v)),
  retry: value((o, v, name) => (o.retry = count(v, name))),
  'retry-all-errors': flag((o, on) => (o.retryAllErrors = on)),
  'retry-connrefused': flag((o, on) => (o.retryConnectionRefused = on)),
  'retry-delay': value((o, v, name) => (o.retryDelayMs = milliseconds(v, name))),
  'retry-max-time': value(() => {}),
  'show-error': flag((o, on) => (o.showError = on)),
  silent: flag((o, on) => (o.silent = on)),
  'ssl-no-revoke': ignored,
  'tcp-nodelay': ignored,
  tlsv1: ignored,
  'tlsv1.2': ignored,
  'tlsv1.3': ignored,
  'upload-file': value((o, v) => (o.upload = v)),
  url: value((o, v) => o.urls.push(v)),
  user: value((o, v) => (o.user = v)),
  'user-agent': value((o, v) => (o.userAgent = v)),
  verbose: flag((o, on) => (o.verbose = on)),
  version: flag((o) => (o.showVersion = true)),
  'write-out': value((o, v) => (o.writeOut = v)),
};

const SHORT: Readonly<Record<string, string>> = {
  '0': 'http1.0',
  '1': 'tlsv1',
  '4': 'ipv4',
  '6': 'ipv6',
  '#': 'progress-bar',
  A: 'user-agent',
  b: 'cookie',
  c: 'cookie-jar',
  j: 'junk-session-cookies',
  D: 'dump-header',
  d: 'data',
  E: 'cert',
  e: 'referer',
  F: 'form',
  f: 'fail',
  G: 'get',
  g: 'globoff',
  H: 'header',
  h: 'help',
  I: 'head',
  i: 'include',
  k: 'insecure',
  L: 'location',
  m: 'max-time',
  N: 'no-buffer',
  O: 'remote-name',
  o: 'output',
  q: 'disable',
  Q: 'quote',
  r: 'range',
  S: 'show-error',
  s: 'silent',
  T: 'upload-file',
  u: 'user',
  V: 'version',
  v: 'verbose',
  w: 'write-out',
  X: 'request',
  Z: 'parallel',
};

/**
 * Reads a command line as curl's tool_getparam.c: one set of options, and one more behind each `--next`.
 * @param readConfig the text of a file that `-K` names
 * @throws CurlUsageError
 */
export async function parseCurlOptions(
  args: readonly string[],
  build: CurlBuild,
  readConfig: (path: string) => Promise<string>,
): Promise<CurlOptions[]> {
  const sets = [defaultOptions(build)];
  let onlyUrls = false;
  const read = async (rest: string[], depth: number): Promise<void> => {
    while (rest.length > 0) {
      const arg = rest.shift() ?? '';
      const options = sets.at(-1) ?? defaultOptions(build);
      if (onlyUrls || !arg.startsWith('-') || arg === '-') options.urls.push(arg);
      else if (arg === '--') onlyUrls = true;
      else if (arg === '--next' || arg === '-:') sets.push({ ...defaultOptions(build), ...lasting(options) });
      else if (arg === '-K' || arg === '--config' || /^-K./.test(arg)) {
        const path = /^-K./.test(arg) ? arg.slice(2) : rest.shift();
        if (path === undefined) throw new CurlUsageError(`option ${arg}: requires parameter`);
        // A file may name others, and itself.
        if (depth < MAX_CONFIG_DEPTH) await read(configWords(await readConfig(path)), depth + 1);
      } else if (arg.startsWith('--')) applyLong(options, arg, arg.slice(2), rest);
      else applyShort(options, arg, rest);
    }
  };
  await read([...args], 0);
  return sets;
}

const MAX_CONFIG_DEPTH = 10;

/** What `--next` leaves as it is: curl's global options. */
function lasting({ verbose, silent, showError, noMeter, failEarly }: CurlOptions): Partial<CurlOptions> {
  return { verbose, silent, showError, noMeter, failEarly };
}

/** `url = "http://…"`, `-H "…"`, `silent`: the lines of a configuration file as words of a command line. */
function configWords(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^\s*([^\s=:#]+)(?:\s*[=:]\s*|\s+|$)(.*)$/.exec(line);
    if (match === null) return [];
    const [, name = '', rest = ''] = match;
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
    const value =
      quoted === null
        ? rest.trim()
        : (quoted[1] ?? '').replace(
            /\\(.)/g,
            (_all, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter,
          );
    const option = name.startsWith('-') ? name : `--${name}`;
    return value === '' && quoted === null ? [option] : [option, value];
  });
}

function applyLong(options: CurlOptions, shown: string, name: string, rest: string[], attached?: string): void {
  const negative = name.startsWith('no-') && LONG[name] === undefined;
  const entry = LONG[negative ? name.slice(3) : name] ?? abbreviated(name, shown);
  if (entry === undefined || (negative && entry.kind === 'value'))
    throw new CurlUsageError(`option ${shown}: is unknown`);
  if (entry.kind === 'flag') {
    entry.apply(options, !negative);
    return;
  }
  const given = attached ?? rest.shift();
  if (given === undefined) throw new CurlUsageError(`option ${shown}: requires parameter`);
  entry.apply(options, given, shown);
}

/** A long option may be cut short as long as one only is meant. */
function abbreviated(name: string, shown: string): Flag | Valued | undefined {
  const matches = Object.keys(LONG).filter((candidate) => candidate.startsWith(name));
  if (matches.length > 1) throw new CurlUsageError(`option ${shown}: is ambiguous`);
  return matches[0] === undefined ? undefined : LONG[matches[0]];
}

function applyShort(options: CurlOptions, arg: string, rest: string[]): void {
  for (let index = 1; index < arg.length; index += 1) {
    const letter = arg[index] ?? '';
    const name = SHORT[letter];
    if (name === undefined) throw new CurlUsageError(`option ${arg}: is unknown`);
    const entry = LONG[name.replace(/^no-/, '')];
    if (entry?.kind !== 'value') {
      applyLong(options, arg, name, rest);
      continue;
    }
    const attached = arg.slice(index + 1);
    applyLong(options, arg, name, rest, attached === '' ? undefined : attached);
    return;
  }
}
