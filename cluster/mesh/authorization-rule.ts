import { isInBlock } from './ip-block.ts';
import type { VerifiedToken } from './json-web-token.ts';
import { matchesPath, matchesValue } from './value-match.ts';

type Values = readonly string[] | undefined;

export interface AuthorizationRule {
  from?: { source?: Readonly<Record<string, readonly string[]>> }[];
  to?: { operation?: Readonly<Record<string, readonly string[]>> }[];
  when?: { key?: string; values?: readonly string[]; notValues?: readonly string[] }[];
}

/** What a rule is compared with. */
export interface AuthorizationRequest {
  /** `cluster.local/ns/NS/sa/SA` of the peer's certificate; null in plaintext. */
  principal: string | null;
  sourceIp: string;
  /** The client's address as proxies before have told it. */
  remoteIp: string;
  destinationIp: string;
  /** Container port. */
  destinationPort: number;
  serverName: string | null;
  /** Null where the traffic is bytes. */
  http: { method: string; path: string; host: string; header(name: string): string | undefined } | null;
  token: VerifiedToken | null;
}

interface RuleContext {
  /** Of the policy: `serviceAccounts` may leave it out. */
  namespace: string;
  /** What HTTP's fields do on a port of bytes; null where the traffic is HTTP. */
  httpFields: 'never' | 'ignore' | null;
}

type Field = (value: string, request: AuthorizationRequest, context: RuleContext) => boolean;

const principal: Field = (value, request) => matchesValue(value, request.principal);
const serviceAccount: Field = (value, request, context) => {
  const full = value.includes('/') ? value : `${context.namespace}/${value}`;
  const [, , namespace, , name] = request.principal?.split('/') ?? [];
  return namespace !== undefined && full === `${namespace}/${name ?? ''}`;
};
const namespace: Field = (value, request) => matchesValue(value, request.principal?.split('/')[2]);
const sourceIp: Field = (value, request) => isInBlock(value, request.sourceIp);
const remoteIp: Field = (value, request) => isInBlock(value, request.remoteIp);
const port: Field = (value, request) => Number(value) === request.destinationPort;
const requestPrincipal: Field = (value, request) => matchesValue(value, request.token?.principal);
const host: Field = (value, request) => matchesValue(value.toLowerCase(), request.http?.host.toLowerCase());
const method: Field = (value, request) => matchesValue(value, request.http?.method);
const path: Field = (value, request) => request.http !== null && matchesPath(value, pathOf(request.http.path));

/** By the name of the field without `not`. The second half of each entry: does it need HTTP? */
const SOURCE_FIELDS: Readonly<Record<string, readonly [Field, boolean]>> = {
  principals: [principal, false],
  serviceAccounts: [serviceAccount, false],
  namespaces: [namespace, false],
  ipBlocks: [sourceIp, false],
  remoteIpBlocks: [remoteIp, true],
  requestPrincipals: [requestPrincipal, true],
};
const OPERATION_FIELDS: Readonly<Record<string, readonly [Field, boolean]>> = {
  hosts: [host, true],
  ports: [port, false],
  methods: [method, true],
  paths: [path, true],
};
const CONDITION_KEYS: Readonly<Record<string, readonly [Field, boolean]>> = {
  'source.ip': [sourceIp, false],
  'remote.ip': [remoteIp, true],
  'source.namespace': [namespace, false],
  'source.principal': [principal, false],
  'source.serviceAccount': [serviceAccount, false],
  'request.auth.principal': [requestPrincipal, true],
  'request.auth.audiences': [
    (value, { token }) => token?.audiences.some((one) => matchesValue(value, one)) === true,
    true,
  ],
  'request.auth.presenter': [(value, { token }) => matchesValue(value, token?.presenter), true],
  'destination.ip': [(value, request) => isInBlock(value, request.destinationIp), false],
  'destination.port': [port, false],
  'connection.sni': [(value, request) => matchesValue(value, request.serverName), false],
};

/**
 * Whether a rule matches (Istio 1.27, pilot/pkg/security/authz/model/model.go): `from`, `to` and every `when` have to;
 * of `from`'s and `to`'s entries one; of an entry every field; of a field's values one, and of a not-field's none.
 */
export function matchesRule(rule: AuthorizationRule, request: AuthorizationRequest, context: RuleContext): boolean {
  if (context.httpFields === 'never' && needsHttp(rule)) return false;
  const someOf = <Entry>(entries: readonly Entry[] | undefined, matches: (entry: Entry) => boolean): boolean =>
    entries === undefined || entries.length === 0 || entries.some(matches);
  return (
    someOf(rule.from, ({ source = {} }) => matchesFields(SOURCE_FIELDS, source, request, context)) &&
    someOf(rule.to, ({ operation = {} }) => matchesFields(OPERATION_FIELDS, operation, request, context)) &&
    (rule.when ?? []).every((condition) => {
      const [field, isHttp] = conditionField(condition.key ?? '');
      if (isHttp && context.httpFields === 'ignore') return true;
      return oneOf(condition.values, field, request, context) && noneOf(condition.notValues, field, request, context);
    })
  );
}

function matchesFields(
  fields: Readonly<Record<string, readonly [Field, boolean]>>,
  entry: Readonly<Record<string, readonly string[]>>,
  request: AuthorizationRequest,
  context: RuleContext,
): boolean {
  return Object.entries(entry).every(([name, values]) => {
    const [field, isHttp] = fields[positiveName(name)] ?? UNKNOWN;
    if (isHttp && context.httpFields === 'ignore') return true;
    return name in fields ? oneOf(values, field, request, context) : noneOf(values, field, request, context);
  });
}

/** A field that nobody knows matches nothing; the API refuses it before. */
const UNKNOWN: readonly [Field, boolean] = [() => false, false];

/** `notPrincipals` to `principals`. */
function positiveName(name: string): string {
  return /^not[A-Z]/.test(name) ? name.charAt(3).toLowerCase() + name.slice(4) : name;
}

function oneOf(values: Values, field: Field, request: AuthorizationRequest, context: RuleContext): boolean {
  return values === undefined || values.length === 0 || values.some((value) => field(value, request, context));
}

function noneOf(values: Values, field: Field, request: AuthorizationRequest, context: RuleContext): boolean {
  return values === undefined || !values.some((value) => field(value, request, context));
}

function conditionField(key: string): readonly [Field, boolean] {
  const known = CONDITION_KEYS[key];
  if (known !== undefined) return known;
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined) return [(value, { http }) => matchesValue(value, http?.header(header.toLowerCase())), true];
  const claim = /^request\.auth\.claims((?:\[[^\]]+\])+)$/.exec(key)?.[1];
  if (claim !== undefined) {
    const names = claim.slice(1, -1).split('][');
    return [(value, { token }) => claimValues(token, names).some((one) => matchesValue(value, one)), true];
  }
  return UNKNOWN;
}

/** The strings at a place of the claims; a list counts with each of its entries. */
function claimValues(token: VerifiedToken | null, names: readonly string[]): string[] {
  let value: unknown = token?.claims;
  for (const name of names) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return [value].flat().filter((entry): entry is string => typeof entry === 'string');
}

function needsHttp(rule: AuthorizationRule): boolean {
  const uses = (fields: Readonly<Record<string, readonly [Field, boolean]>>, entry: object | undefined): boolean =>
    Object.keys(entry ?? {}).some((name) => fields[positiveName(name)]?.[1] === true);
  return (
    (rule.from ?? []).some(({ source }) => uses(SOURCE_FIELDS, source)) ||
    (rule.to ?? []).some(({ operation }) => uses(OPERATION_FIELDS, operation)) ||
    (rule.when ?? []).some(({ key }) => conditionField(key ?? '')[1])
  );
}

/** Without query and fragment, dots resolved, as Istio normalizes by default (pathNormalization BASE). */
function pathOf(target: string): string {
  const path = (/^[^?#]*/.exec(target)?.[0] ?? '').replaceAll('\\', '/');
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  }
  return `/${kept.join('/')}`;
}
