/** Cross-origin requests, as Envoy's filter answers and marks them (source/extensions/filters/http/cors). */
import { parseDuration } from './duration.ts';
import type { RequestHead } from './http-message.ts';
import { matchesString, type StringMatch } from './string-match.ts';

/** What the mesh reads of a route's `corsPolicy`. */
export interface CorsPolicy {
  /** Of old: exact origins, or `*`. */
  allowOrigin?: string[];
  allowOrigins?: StringMatch[];
  allowMethods?: string[];
  allowHeaders?: string[];
  exposeHeaders?: string[];
  maxAge?: string;
  allowCredentials?: boolean;
  unmatchedPreflights?: string;
}

/** What becomes of a request: `preflight` is answered by the proxy, `marked` goes on and its answer gets the headers. */
export type CorsResult =
  | { kind: 'none' }
  | { kind: 'preflight'; headers: Record<string, string> }
  | { kind: 'marked'; headers: [string, string][] };

export function applyCors(policy: CorsPolicy | undefined, { method, headers }: RequestHead): CorsResult {
  const origin = headers.get('origin');
  if (policy === undefined || origin === undefined || origin === '') return { kind: 'none' };
  const isPreflight = method === 'OPTIONS' && (headers.get('access-control-request-method') ?? '') !== '';
  if (!allows(policy, origin)) {
    return isPreflight && policy.unmatchedPreflights === 'IGNORE'
      ? { kind: 'preflight', headers: {} }
      : { kind: 'none' };
  }
  const common: [string, string][] = [['access-control-allow-origin', origin]];
  if (policy.allowCredentials === true) common.push(['access-control-allow-credentials', 'true']);
  const list = (name: string, values: readonly string[] | undefined): [string, string][] =>
    values === undefined || values.length === 0 ? [] : [[name, values.join(',')]];
  if (!isPreflight) {
    return { kind: 'marked', headers: [...common, ...list('access-control-expose-headers', policy.exposeHeaders)] };
  }
  const maxAgeMs = parseDuration(policy.maxAge);
  return {
    kind: 'preflight',
    headers: Object.fromEntries([
      ...common,
      ...list('access-control-allow-methods', policy.allowMethods),
      ...list('access-control-allow-headers', policy.allowHeaders),
      ...(maxAgeMs === null ? [] : [['access-control-max-age', String(Math.round(maxAgeMs / 1000))]]),
    ] as [string, string][]),
  };
}

function allows({ allowOrigin = [], allowOrigins = [] }: CorsPolicy, origin: string): boolean {
  return (
    allowOrigin.some((allowed) => allowed === '*' || allowed === origin) ||
    allowOrigins.some((match) => match.exact === '*' || matchesString(match, origin))
  );
}
