/** A route of HTTP: pkg/config/validation/{virtualservice,validation}.go. */
import { STATUS_CODES } from 'node:http';
import type { CorsPolicy } from '../cors.ts';
import type { StringMatch } from '../string-match.ts';
import type { HeaderOperations, Headers, HttpRoute, RouteDestination } from '../virtual-service.ts';
import {
  gatewayNameProblems,
  isLabel,
  labelProblemsOf,
  portNumberProblems,
  subsetNameProblems,
  wildcardDomainProblems,
  type Problem,
} from './common-problems.ts';

/** @param isToday in today's words; in those of 1.6 and before otherwise */
export function* httpRouteProblems(route: HttpRoute, isToday: boolean): Generator<Problem> {
  yield* conflictProblems(route, isToday);
  yield* matchProblems(route);
  yield* headersProblems(route.headers);
  yield* corsProblems(route.corsPolicy);
  yield* faultProblems(route.fault);
  const percentage = route.mirrorPercentage?.value;
  if (percentage !== undefined) yield* mirrorProblems('mirror_percentage', percentage);
  for (const { destination, percentage: share } of route.mirrors ?? []) {
    yield* destinationProblems(destination);
    if (share?.value !== undefined) yield* mirrorProblems('mirror percentage', share.value);
  }
  yield* destinationProblems(route.mirror);
  yield* redirectProblems(route.redirect, isToday);
  const status = route.directResponse?.status;
  if (status !== undefined) yield* statusProblems(status);
  yield* retryProblems(route.retries);
  yield* rewriteProblems(route.rewrite, isToday);
  yield* authorityProblems(route);
  for (const { destination, headers, weight = 0 } of route.route ?? []) {
    yield* headersProblems(headers);
    yield* destinationProblems(destination);
    if (weight < 0) yield `weight ${weight} < 0`;
  }
  yield* totalProblems(route.route ?? [], isToday);
}

function* conflictProblems(route: HttpRoute, isToday: boolean): Generator<string> {
  const destinations = route.route ?? [];
  if (isToday && route.delegate !== undefined) {
    const name = (route.name ?? '').concat(' ');
    if (route.redirect !== undefined) yield `root HTTP route ${name}must not specify redirect`;
    if (route.directResponse !== undefined) yield `root HTTP route ${name}must not specify direct_response`;
    if (route.route !== undefined) yield `root HTTP route ${name}must not specify route`;
    return;
  }
  if (route.redirect !== undefined) {
    if (destinations.length > 0) yield 'HTTP route cannot contain both route and redirect';
    if (route.fault !== undefined) yield 'HTTP route cannot contain both fault and redirect';
    if (route.rewrite !== undefined) yield 'HTTP route rule cannot contain both rewrite and redirect';
  } else if (route.directResponse !== undefined) {
    if (destinations.length > 0) yield 'HTTP route cannot contain both route and direct_response';
    if (route.fault !== undefined) yield 'HTTP route cannot contain both fault and direct_response';
    if (route.rewrite !== undefined) yield 'HTTP route rule cannot contain both rewrite and direct_response';
  } else if (destinations.length === 0) {
    yield isToday ? 'HTTP route, redirect or direct_response is required' : 'HTTP route or redirect is required';
  }
}

function* matchProblems({ match: matches = [] }: HttpRoute): Generator<Problem> {
  for (const { headers = {}, withoutHeaders = {}, queryParams = {}, ...match } of matches) {
    for (const [name, value] of Object.entries(headers)) {
      // Claims of tokens stand where headers do.
      if (!name.startsWith('@request.auth.claims')) yield* headerNameProblems(name);
      yield* patternProblems(value, 'headers');
    }
    yield* stringProblems(match.uri, 'uri');
    yield* stringProblems(match.scheme, 'scheme');
    yield* stringProblems(match.method, 'method');
    yield* stringProblems(match.authority, 'authority');
    for (const value of Object.values(queryParams)) yield* patternProblems(value, 'queryParams');
    for (const [name, value] of Object.entries(withoutHeaders)) {
      if (!name.startsWith('@request.auth.claims')) yield* headerNameProblems(name);
      yield* patternProblems(value, 'withoutHeaders');
    }
    if (match.port) yield* portNumberProblems(match.port);
    yield* labelProblemsOf(match.sourceLabels);
    yield* gatewayNameProblems(match.gateways);
    const { sourceNamespace } = match;
    if (sourceNamespace && !isLabel(sourceNamespace)) yield `sourceNamespace match ${sourceNamespace} is invalid`;
  }
}

function* stringProblems(match: StringMatch | undefined, where: string): Generator<string> {
  if (match?.prefix === '') yield `"${where}": prefix string match should not be empty`;
  yield* patternProblems(match, where);
}

function* patternProblems(match: StringMatch | undefined, where: string): Generator<string> {
  const { regex } = match ?? {};
  if (regex === '') yield `"${where}": regex string match should not be empty`;
  else if (regex !== undefined) yield* regexProblems(regex, where);
}

/** RE2 in Go's words, for what is commonly wrong; other mistakes are taken. */
function* regexProblems(regex: string, where: string): Generator<string> {
  const problem =
    regex.length > 1024
      ? 'regex is too large, max length allowed is 1024'
      : [regexMistake(regex)].map((text) => text && `error parsing regexp: ${text}; ${RE2}`)[0];
  if (problem) yield `"${where}": ${problem}`;
}

const RE2 = 'Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)';

function regexMistake(regex: string): string | null {
  const look = /\(\?(?:[=!]|<[=!])/.exec(regex)?.[0];
  if (look !== undefined) return `invalid or unsupported Perl syntax: \`${look.slice(0, 3)}\``;
  if (/^[*+?]/.test(regex)) return `missing argument to repetition operator: \`${regex.charAt(0)}\``;
  try {
    // oxlint-disable-next-line no-new -- whether it can be read is all that is asked
    new RegExp(regex.replace(/^\(\?[a-z]+\)/, ''));
    return null;
  } catch {
    const plain = regex.replaceAll(/\\./g, '');
    const [opened, closed] = [plain.split('(').length, plain.split(')').length];
    if (opened > closed) return `missing closing ): \`${regex}\``;
    if (closed > opened) return `unexpected ): \`${regex}\``;
    const bracket = plain.lastIndexOf('[');
    return bracket >= 0 && !plain.includes(']', bracket)
      ? `missing closing ]: \`${regex.slice(regex.lastIndexOf('['))}\``
      : null;
  }
}

function* headerNameProblems(name: string): Generator<string> {
  if (name === '') yield 'header name cannot be empty';
  else if (!/^[-_A-Za-z0-9]+$/.test(name)) yield `header name ${name} is not a valid header name`;
}

function* headersProblems({ request, response }: Headers = {}): Generator<string> {
  for (const name of written(request)) {
    if (name === '') yield 'header name cannot be empty';
    else if (name.startsWith(':') && name.toLowerCase() !== ':authority') yield internalHeader(name);
  }
  for (const name of [...(request?.remove ?? []), ...written(response), ...(response?.remove ?? [])]) {
    if (name === '') yield 'header name cannot be empty';
    else if (name.toLowerCase() === 'host') yield `invalid header ${JSON.stringify(name)}: cannot set Host header`;
    else if (name.startsWith(':')) yield internalHeader(name);
  }
}

function written({ add = {}, set = {} }: HeaderOperations = {}): string[] {
  return [...Object.keys(add), ...Object.keys(set)];
}

function internalHeader(name: string): string {
  return `invalid header ${JSON.stringify(name)}: header cannot have ":" prefix`;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);

function* corsProblems(policy: CorsPolicy = {}): Generator<string> {
  for (const origin of policy.allowOrigins ?? []) {
    if (!(origin.exact || origin.prefix || origin.regex)) yield "'' is not a valid match type for CORS allow origins";
    else yield* patternProblems(origin, 'corsPolicy.allowOrigins');
  }
  for (const method of policy.allowMethods ?? []) {
    if (!METHODS.has(method)) yield `${JSON.stringify(method)} is not a supported HTTP method`;
  }
  for (const name of [...(policy.allowHeaders ?? []), ...(policy.exposeHeaders ?? [])]) {
    if (name !== '*') yield* headerNameProblems(name);
  }
}

function* faultProblems(fault: HttpRoute['fault']): Generator<Problem> {
  if (fault === undefined) return;
  const { abort, delay } = fault as NonNullable<typeof fault> & { delay?: { exponentialDelay?: string } };
  if (abort === undefined && delay === undefined) {
    yield { listed: 'HTTP fault injection must have an abort and/or a delay' };
  }
  yield* percentageProblems(abort?.percentage?.value);
  if (abort?.httpStatus !== undefined) yield* statusProblems(abort.httpStatus);
  yield* percentageProblems(delay?.percentage?.value);
  if (delay?.exponentialDelay !== undefined) yield { listed: 'exponentialDelay not supported yet' };
}

function* percentageProblems(value: number | undefined): Generator<string> {
  if (value !== undefined && (value < 0 || value > 100 || (value > 0 && value < 0.0001))) {
    yield `percentage ${value} is neither 0.0, nor in range [0.0001, 100.0]`;
  }
}

function* statusProblems(status: number): Generator<string> {
  if (status < 200 || status > 600) yield `HTTP status ${status} is not in range 200-599`;
}

function* mirrorProblems(name: string, value: number): Generator<string> {
  if (value > 100) yield `${name} must have a max value of 100 (it has ${value.toFixed(6)})`;
  if (value < 0) yield `${name} must have a min value of 0 (it has ${value.toFixed(6)})`;
}

export function* destinationProblems(destination: RouteDestination | undefined): Generator<string> {
  if (destination === undefined) return;
  const { host, subset, port } = destination;
  if (host === '*') yield `invalid destination host ${host}`;
  else yield* wildcardDomainProblems(host);
  if (subset) yield* subsetNameProblems(subset);
  if (port !== undefined) yield* portNumberProblems(port.number ?? 0);
}

function* redirectProblems(redirect: HttpRoute['redirect'], isToday: boolean): Generator<string> {
  if (redirect === undefined) return;
  const { uri, authority, port, derivePort, scheme, redirectCode = 0 } = redirect;
  if (!uri && !authority && port === undefined && derivePort === undefined && !scheme) {
    yield `redirect must specify ${isToday ? 'URI, authority, scheme, or port' : 'URI, authority, or both'}`;
  } else if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399)) {
    yield `${redirectCode} is not a valid redirect code, must be 3xx`;
  } else if (scheme && scheme !== 'http' && scheme !== 'https') {
    yield 'invalid redirect scheme, must be "http" or "https"';
  } else if (port) yield* portNumberProblems(port);
}

/** Envoy's conditions, for HTTP and for gRPC. */
const CONDITIONS = new Set(
  [
    '5xx',
    'gateway-error',
    'reset',
    'reset-before-request',
    'connect-failure',
    'retriable-4xx',
    'refused-stream',
  ].concat(
    ['retriable-status-codes', 'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure', 'cancelled'],
    ['deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'],
  ),
);

function* retryProblems(retries: HttpRoute['retries']): Generator<Problem> {
  if (retries === undefined) return;
  const { attempts = 0, perTryTimeout, retryOn = '' } = retries;
  if (attempts < 0) yield { listed: 'attempts cannot be negative' };
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn !== '')) {
    yield 'http retry policy configured when attempts are set to 0 (disabled)';
  }
  for (const condition of retryOn === '' ? [] : retryOn.split(',')) {
    const isStatus = /^\d+$/.test(condition) && STATUS_CODES[Number(condition)] !== undefined;
    if (!isStatus && !CONDITIONS.has(condition)) yield `${JSON.stringify(condition)} is not a valid retryOn policy`;
  }
}

function* rewriteProblems(rewrite: HttpRoute['rewrite'], isToday: boolean): Generator<string> {
  if (rewrite === undefined) return;
  const { uri, authority, uriRegexRewrite } = rewrite;
  if (uri && uriRegexRewrite !== undefined) yield 'rewrite may only contain one of URI or UriRegexRewrite';
  else if (!uri && !authority && uriRegexRewrite === undefined) {
    yield isToday
      ? 'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified'
      : 'rewrite must specify URI, authority, or both';
  } else if (uriRegexRewrite !== undefined && !(uriRegexRewrite.match && uriRegexRewrite.rewrite)) {
    yield 'UriRegexRewrite has errors\nUriRegexRewrite requires both Rewrite and Match fields to be specified';
  }
}

function* authorityProblems({ rewrite, headers }: HttpRoute): Generator<string> {
  let current = rewrite?.authority ?? '';
  for (const values of [headers?.request?.set ?? {}, headers?.request?.add ?? {}]) {
    for (const [name, value] of Object.entries(values)) {
      if (!/^(:authority|host)$/i.test(name)) continue;
      if (current !== '') {
        yield `authority header cannot be set multiple times: have ${JSON.stringify(current)}, attempting to set ${JSON.stringify(value)}`;
        return;
      }
      current = value;
    }
  }
}

export function* weightProblems(destinations: readonly { weight?: number }[], isToday: boolean): Generator<string> {
  for (const { weight = 0 } of destinations) if (weight < 0) yield `weight ${weight} < 0`;
  yield* totalProblems(destinations, isToday);
}

/** Through 1.6 weights add up to 100; today any share will do, but not none. */
function* totalProblems(destinations: readonly { weight?: number }[], isToday: boolean): Generator<string> {
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (destinations.length > 1 && isToday && total === 0) yield 'total destination weight = 0';
  if (destinations.length > 1 && !isToday && total !== 100) yield `total destination weight ${total} != 100`;
}
