import { certificates } from './envoy-secrets.ts';
import { configDump } from './config-dump.ts';
import { clustersJson, clustersText } from './envoy-endpoints.ts';
import { listeners } from './envoy-listeners.ts';
import { envoyMetrics, statsPage } from './envoy-stats.ts';
import { nodeOf } from './node.ts';
import { jsonPage, type Page, type Pages } from './serve-pages.ts';
import type { Subject } from './subject.ts';

export const ADMIN_PORT = 15_000;

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
/** Envoy, source/common/common/logger.h. */
const LOGGERS =
  'admin alternate_protocols_cache aws assert backtrace cache_filter client config connection conn_handler ' +
  'decompression dns dynamic_forward_proxy envoy_bug ext_authz ext_proc rocketmq file filter forward_proxy golang ' +
  'grpc happy_eyeballs hc health_checker http http2 hystrix init io jwt kafka key_value_store lua main matcher misc ' +
  'mongo multi_connection oauth2 quic quic_stream pool rate_limit_quota rbac redis router runtime stats secret tap ' +
  'testing thrift tracing upstream udp wasm websocket';

/** What each page is, in Envoy's order and words of our own. */
const HELP: Readonly<Record<string, string>> = {
  '/certs': 'print certificates',
  '/clusters': 'upstream clusters and their endpoints',
  '/config_dump': 'dump the configuration; ?include_eds adds endpoints',
  '/help': 'print this list',
  '/listeners': 'print addresses of listeners',
  '/logging': 'query or change levels of loggers (POST)',
  '/ready': 'print the state of the server, 200 while it is live',
  '/server_info': 'print version and status',
  '/stats': 'print counters of the server',
  '/stats/prometheus': 'print what was measured, for Prometheus',
};

/**
 * The admin interface of one proxy at 15000, for programs of its pod alone. It tells of what the simulated proxy acts
 * upon. Left out: pages that change or end the proxy, but `/logging`, whose levels are kept and write nothing, because
 * there is no Envoy that would log.
 * @param metrics what the proxy has measured, as Prometheus text
 */
export function envoyPages(subject: Subject, metrics: () => string): Pages {
  const started = subject.context.clock.now();
  // As injection's arguments set them: --proxyLogLevel=warning --proxyComponentLogLevel=misc:error.
  const levels = new Map(LOGGERS.split(' ').map((name) => [name, name === 'misc' ? 'error' : 'warning']));

  const prometheus = (): string => envoyMetrics(subject, started) + metrics();
  return (method, target) => {
    const asJson = target.searchParams.get('format') === 'json';
    switch (target.pathname) {
      case '/config_dump':
        return jsonPage(configDump(subject, target.searchParams.has('include_eds')));
      case '/clusters':
        return asJson ? jsonPage(clustersJson(subject)) : { body: clustersText(subject) };
      case '/listeners':
        return listenersPage(subject, asJson);
      case '/certs':
        return jsonPage(certificates(subject));
      case '/stats':
        if (target.searchParams.get('format') === 'prometheus') return { body: prometheus() };
        return statsPage(subject, started, target.searchParams);
      case '/stats/prometheus':
        return { body: prometheus() };
      case '/server_info':
        return jsonPage({
          version: subject.era.release,
          state: 'LIVE',
          uptime_current_epoch: `${Math.floor((subject.context.clock.now() - started) / 1000)}s`,
          node: nodeOf(subject),
        });
      case '/ready':
        return { body: 'LIVE\n' };
      case '/logging':
        if (method !== 'POST') return { status: 405, body: `Method ${method} not allowed, POST required.` };
        return loggingPage(levels, target.searchParams);
      case '/':
      case '/help':
        return { body: `admin commands are:\n${helpText()}` };
      default:
        return { status: 404, body: `invalid path. admin commands are:\n${helpText()}` };
    }
  };
}

function helpText(): string {
  return Object.entries(HELP)
    .map(([path, what]) => `  ${path}: ${what}\n`)
    .join('');
}

function listenersPage(subject: Subject, asJson: boolean): Page {
  const all = listeners(subject).map(({ name, address }) => {
    const { address: ip, port_value: port } = address.socket_address;
    return { name: name === '' ? `${ip}_${port}` : name, local_address: address };
  });
  if (asJson) return jsonPage({ listener_statuses: all });
  const lines = all.map(({ name, local_address: { socket_address: socket } }) => {
    return `${name}::${socket.address}:${socket.port_value}\n`;
  });
  return { body: lines.join('') };
}

/** `?level=debug` for all, `?rbac=debug` for one, `?paths=rbac:debug,jwt:trace` for several. */
function loggingPage(levels: Map<string, string>, query: URLSearchParams): Page {
  const wanted = new Map<string, string>();
  for (const [key, value] of query) {
    if (key === 'level') for (const name of levels.keys()) wanted.set(name, value);
    else if (key === 'paths') {
      for (const pair of value.split(',')) wanted.set(pair.split(':')[0] ?? '', pair.split(':')[1] ?? '');
    } else wanted.set(key, value);
  }
  for (const [name, level] of wanted) {
    if (!LEVELS.includes(level)) return { status: 400, body: `error: invalid logger level\n` };
    if (!levels.has(name)) return { status: 400, body: `error: unknown logger name\n` };
  }
  for (const [name, level] of wanted) levels.set(name, level);
  return { body: `active loggers:\n${[...levels].map(([name, level]) => `  ${name}: ${level}\n`).join('')}\n` };
}
