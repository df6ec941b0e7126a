import { ConfigurationError, type Directive } from './configuration.ts';

/** What a request to one location gets. */
export interface Location {
  /** Prefix, or the whole path when `exact`. */
  path: string;
  exact: boolean;
  root: string;
  /** `alias`: replaces the prefix in place of `root`. */
  alias: string | null;
  index: readonly string[];
  defaultType: string;
  /** `return CODE TEXT`. */
  answer: { status: number; text: string } | null;
  proxyPass: string | null;
  proxyHeaders: readonly (readonly [string, string])[];
  addedHeaders: readonly (readonly [string, string])[];
  tryFiles: readonly string[] | null;
}

export interface Server {
  ports: readonly number[];
  /** Ports of which it is the default. */
  defaultFor: readonly number[];
  names: readonly string[];
  locations: readonly Location[];
}

export interface Configuration {
  servers: readonly Server[];
  /** What is read and makes no difference here, as `"gzip" in /etc/nginx/nginx.conf:12`. */
  ignored: readonly string[];
}

/** Directives that real nginx acts on and this one does not. Those of the image's own files are not worth a word. */
const NOT_SIMULATED = new Set(
  'auth_basic auth_basic_user_file allow deny autoindex client_body_buffer_size client_max_body_size error_page expires gzip gzip_types gzip_min_length limit_req limit_req_zone limit_conn map proxy_buffering proxy_cache proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_redirect resolver rewrite set split_clients sub_filter ssl_certificate ssl_certificate_key stub_status upstream if proxy_next_upstream mirror large_client_header_buffers'.split(
    ' ',
  ),
);

/** Directives without an effect that anyone could see here. */
const WITHOUT_EFFECT = new Set(
  'user worker_processes worker_connections worker_rlimit_nofile pid error_log access_log log_format sendfile tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests types events server_tokens proxy_http_version types_hash_max_size use multi_accept daemon internal proxy_pass_request_headers'.split(
    ' ',
  ),
);

/** Those that `Inherited` and `readServer` act on. */
const SIMULATED = new Set(
  'http server location listen server_name root alias index default_type return proxy_pass proxy_set_header add_header try_files'.split(
    ' ',
  ),
);

type Inherited = Omit<Location, 'path' | 'exact'>;

const DEFAULTS: Inherited = {
  root: '/etc/nginx/html',
  alias: null,
  index: ['index.html'],
  defaultType: 'text/plain',
  answer: null,
  proxyPass: null,
  proxyHeaders: [],
  addedHeaders: [],
  tryFiles: null,
};

/**
 * @param isKnownHost whether a name can be resolved; nginx looks at start and refuses to run otherwise.
 * @throws ConfigurationError in the words of nginx
 */
export function readServers(directives: readonly Directive[], isKnownHost: (host: string) => boolean): Configuration {
  const ignored: string[] = [];
  const servers: Server[] = [];
  for (const directive of directives) check(directive, ignored, isKnownHost);
  for (const http of directives.filter(({ name }) => name === 'http')) {
    const inherited = inherit(DEFAULTS, http.block ?? []);
    for (const server of (http.block ?? []).filter(({ name }) => name === 'server')) {
      servers.push(readServer(server, inherited));
    }
  }
  return { servers, ignored };
}

function check(directive: Directive, ignored: string[], isKnownHost: (host: string) => boolean): void {
  const { name, file, line } = directive;
  if (name === 'types') return;
  if (NOT_SIMULATED.has(name)) {
    ignored.push(`"${name}" in ${file}:${line}`);
    return;
  }
  if (!SIMULATED.has(name) && !WITHOUT_EFFECT.has(name)) {
    throw new ConfigurationError(`unknown directive "${name}" in ${file}:${line}`);
  }
  if (name === 'location' && directive.args[0]?.startsWith('~')) {
    ignored.push(`"location ${directive.args.join(' ')}" in ${file}:${line}`);
    return;
  }
  const [, host] = /^http:\/\/([^/:$]+)(?=[/:]|$)/.exec(directive.args[0] ?? '') ?? [];
  if (name === 'proxy_pass' && host !== undefined && !isKnownHost(host)) {
    throw new ConfigurationError(`host not found in upstream "${host}" in ${file}:${line}`);
  }
  for (const child of directive.block ?? []) check(child, ignored, isKnownHost);
}

/** What a block's own directives make of what is around it. */
function inherit(outer: Inherited, block: readonly Directive[]): Inherited {
  const result: Inherited = { ...outer, answer: null, proxyPass: null, alias: null };
  const pairs = (name: string): (readonly [string, string])[] =>
    block.filter((one) => one.name === name).map(({ args }) => [args[0] ?? '', args[1] ?? '']);
  for (const { name, args, file, line } of block) {
    const [first = '', second = ''] = args;
    if (['root', 'alias', 'proxy_pass', 'return'].includes(name) && first === '') {
      throw new ConfigurationError(`invalid number of arguments in "${name}" directive in ${file}:${line}`);
    }
    if (name === 'root') result.root = first;
    else if (name === 'alias') result.alias = first;
    else if (name === 'index') result.index = args;
    else if (name === 'default_type') result.defaultType = first;
    else if (name === 'try_files') result.tryFiles = args;
    else if (name === 'proxy_pass') {
      if (!first.startsWith('http://')) throw new ConfigurationError(`invalid URL prefix in ${file}:${line}`);
      result.proxyPass = first;
    } else if (name === 'return' && result.answer === null) {
      const isStatus = /^\d{3}$/.test(first);
      if (!isStatus && !/^https?:/.test(first)) {
        throw new ConfigurationError(`invalid return code "${first}" in ${file}:${line}`);
      }
      result.answer = { status: isStatus ? Number(first) : 302, text: isStatus ? second : first };
    }
  }
  // nginx: the outer block's count only where the inner one has none of its own.
  if (pairs('proxy_set_header').length > 0) result.proxyHeaders = pairs('proxy_set_header');
  if (pairs('add_header').length > 0) result.addedHeaders = pairs('add_header');
  return result;
}

function readServer({ block }: Directive, outer: Inherited): Server {
  const own = block ?? [];
  const inherited = inherit(outer, own);
  const listens = own.filter(({ name }) => name === 'listen');
  const ports: number[] = [];
  const defaultFor: number[] = [];
  for (const { args, file, line } of listens) {
    const address = args[0] ?? '';
    const port = /^\d+$/.test(address) ? Number(address) : Number(/:(\d+)$/.exec(address)?.[1] ?? 80);
    if (port < 1 || port > 65_535)
      throw new ConfigurationError(`invalid port in "${address}" of the "listen" directive in ${file}:${line}`);
    if (!ports.includes(port)) ports.push(port);
    if (args.includes('default_server')) defaultFor.push(port);
  }
  const locations = own
    .filter(({ name, args }) => name === 'location' && args[0]?.startsWith('~') !== true)
    .map(({ args, block: inner }): Location => {
      const path = args.at(-1) ?? '/';
      return { ...inherit(inherited, inner ?? []), path, exact: args[0] === '=' };
    });
  return {
    ports: ports.length === 0 ? [80] : ports,
    defaultFor,
    names: own.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args),
    // What no location matches is the server's own; a `return` of the server goes before all of them.
    locations: [...(inherited.answer === null ? locations : []), { ...inherited, path: '', exact: false }],
  };
}

/** The server for a port and a Host header; undefined when none listens there. */
export function serverFor({ servers }: Configuration, port: number, host: string): Server | undefined {
  const candidates = servers.filter(({ ports }) => ports.includes(port));
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return (
    candidates.find(({ names }) => names.includes(name)) ??
    candidates.find(({ names }) => names.some((one) => one.startsWith('*.') && name.endsWith(one.slice(1)))) ??
    candidates.find(({ defaultFor }) => defaultFor.includes(port)) ??
    candidates[0]
  );
}

/** An exact location, else the one with the longest prefix. */
export function locationFor({ locations }: Server, path: string): Location {
  const exact = locations.find((one) => one.exact && one.path === path);
  const [longest] = locations
    .filter((one) => !one.exact && path.startsWith(one.path))
    .sort((a, b) => b.path.length - a.path.length);
  const found = exact ?? longest;
  if (found === undefined) throw new Error('a server has a location for every path');
  return found;
}
