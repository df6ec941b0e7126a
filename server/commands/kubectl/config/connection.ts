import { readFileSync } from 'node:fs';
import { CommandError } from '../errors.ts';
import { parseDuration, type FlagValues } from '../flags.ts';
import type { Kubeconfig, UserEntry } from './kubeconfig.ts';

/** How to reach the API server, and as whom. */
export interface Connection {
  /** Without a trailing slash; may have a path. */
  server: string;
  namespace: string;
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized: boolean; servername?: string };
  /** Sent with each request: authentication and impersonation. */
  headers: Record<string, string | string[]>;
  /** Milliseconds; 0 for no limit. */
  requestTimeoutMs: number;
}

/**
 * Flags over the chosen context. client-go, tools/clientcmd/client_config.go.
 * @throws CommandError when the context, cluster or user is not there, or a file cannot be read.
 */
export function findConnection(config: Kubeconfig, flags: FlagValues): Connection {
  const requestTimeoutMs = parseTimeout(flags.string('request-timeout'));
  const contextName = flags.string('context') || config.currentContext;
  const context = config.contexts.get(contextName);
  if (contextName !== '' && !context) throw new CommandError(`context ${JSON.stringify(contextName)} does not exist`);

  const clusterName = flags.string('cluster') || (context?.cluster ?? '');
  const cluster = config.clusters.get(clusterName);
  if (clusterName !== '' && !cluster) throw new CommandError(`cluster ${JSON.stringify(clusterName)} does not exist`);
  const userName = flags.string('user') || (context?.user ?? '');
  const user = config.users.get(userName);
  if (userName !== '' && !user) throw new CommandError(`auth info ${JSON.stringify(userName)} does not exist`);
  if (user?.exec !== undefined || user?.['auth-provider'] !== undefined) {
    throw new CommandError(
      `user "${userName}" of the kubeconfig gets its credentials from a plugin, which Taller's kubectl does not run`,
    );
  }

  const server = flags.string('server') || (cluster?.server ?? '') || 'http://localhost:8080';
  const insecure = flags.bool('insecure-skip-tls-verify') || cluster?.['insecure-skip-tls-verify'] === true;
  const servername = flags.string('tls-server-name') || cluster?.['tls-server-name'];
  const ca = material(
    flags.string('certificate-authority') || cluster?.['certificate-authority'],
    cluster?.['certificate-authority-data'],
  );
  const cert = material(
    flags.string('client-certificate') || user?.['client-certificate'],
    user?.['client-certificate-data'],
  );
  const key = material(flags.string('client-key') || user?.['client-key'], user?.['client-key-data']);
  return {
    server: (server.includes('://') ? server : `http://${server}`).replace(/\/+$/, ''),
    namespace: context?.namespace || 'default',
    tls: {
      rejectUnauthorized: !insecure,
      ...(ca && !insecure ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(servername ? { servername } : {}),
    },
    headers: { ...authentication(user, userName, flags, server), ...impersonation(flags, user) },
    requestTimeoutMs,
  };
}

function authentication(
  user: UserEntry | undefined,
  userName: string,
  flags: FlagValues,
  server: string,
): Record<string, string> {
  const token = flags.string('token') || readToken(user);
  const username = flags.string('username') || (user?.username ?? '');
  const password = flags.string('password') || (user?.password ?? '');
  if (token !== '' && username !== '') {
    throw new CommandError(
      `more than one authentication method found for ${userName}; found [token basicAuth], only one is allowed`,
    );
  }
  // As client-go: a secret is not sent in the clear.
  if (!server.startsWith('https:')) return {};
  if (token !== '') return { authorization: `Bearer ${token}` };
  if (username === '') return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function readToken(user: UserEntry | undefined): string {
  if (user?.tokenFile) return material(user.tokenFile, undefined)?.toString('utf8').trim() ?? '';
  return user?.token ?? '';
}

function impersonation(flags: FlagValues, user: UserEntry | undefined): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const name = flags.string('as') || user?.as;
  if (name) headers['impersonate-user'] = name;
  const groups = flags.list('as-group').length > 0 ? flags.list('as-group') : (user?.['as-groups'] ?? []);
  if (groups.length > 0) headers['impersonate-group'] = groups;
  if (flags.string('as-uid') !== '') headers['impersonate-uid'] = flags.string('as-uid');
  for (const extra of flags.list('as-user-extra')) {
    const [key = '', ...value] = extra.split('=');
    headers[`impersonate-extra-${key.toLowerCase()}`] = value.join('=');
  }
  return headers;
}

function material(file: string | undefined, data: unknown): Buffer | undefined {
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64');
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch {
    throw new CommandError(`unable to read ${file} of the kubeconfig: open ${file}: no such file or directory`);
  }
}

/** client-go, tools/clientcmd/helpers.go, ParseTimeout: a bare number is seconds. */
function parseTimeout(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  throw new CommandError(
    `Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)`,
  );
}
