import { isIP } from 'node:net';
import type { KubernetesObject } from '../../objects/object.ts';
import { selectorProblems } from './common-problems.ts';
import type { AuthorizationPolicy } from '../authorization-policy.ts';
import type { AuthorizationRule } from '../authorization-rule.ts';
import type { Era } from '../era.ts';
import type { PeerAuthentication } from '../peer-authentication.ts';
import type { JwtRule, RequestAuthentication } from '../request-authentication.ts';

type Fields = Readonly<Record<string, readonly string[]>>;

export function* peerAuthenticationProblems(object: KubernetesObject): Generator<string> {
  const { selector, portLevelMtls } = (object as PeerAuthentication).spec ?? {};
  const ports = Object.keys(portLevelMtls ?? {});
  if (Object.keys(selector?.matchLabels ?? {}).length === 0 && ports.length > 0) {
    yield 'mesh/namespace peer authentication cannot have port level mTLS';
  }
  if (portLevelMtls !== undefined && ports.length === 0) {
    yield 'port level mTLS, if defined, must have at least one element';
  }
  if (ports.some((port) => !(Number(port) >= 1 && Number(port) <= 65_535))) yield 'port must be in range 1..65535';
  yield* selectorProblems(selector?.matchLabels);
}

export function* requestAuthenticationProblems(object: KubernetesObject, era: Era): Generator<string> {
  const { selector, targetRef, targetRefs, jwtRules = [] } = (object as RequestAuthentication).spec ?? {};
  yield* oneSelectorProblems(selector, targetRef, targetRefs);
  yield* selectorProblems(selector?.matchLabels);
  for (const rule of jwtRules) yield* jwtRuleProblems(rule, era);
}

function* jwtRuleProblems(rule: JwtRule, { validation }: Era): Generator<string> {
  if (validation.texts === 'galley' && !rule.issuer) yield 'issuer must be set';
  if (rule.audiences?.includes('')) yield 'audience must be non-empty string';
  if (validation.texts === 'istiod' && !rule.issuer && !rule.jwksUri) {
    yield 'issuer or jwksUri must be non-empty string';
  }
  const problem = jwksUriProblem(rule.jwksUri);
  if (problem !== null) yield problem;
  if (rule.jwks && !isJson(rule.jwks)) yield 'jwks parse error: failed to unmarshal JWK set';
  for (const { name } of rule.fromHeaders ?? []) if (!name) yield 'location header name must be non-empty string';
  for (const name of rule.fromParams ?? []) if (!name) yield 'location query must be non-empty string';
  for (const name of rule.fromCookies ?? []) if (!name) yield 'cookie name must be non-empty string';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** pkg/config/security/security.go, ParseJwksURI. */
export function jwksUriProblem(uri: string | undefined): string | null {
  if (!uri) return null;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
  return scheme === 'http' || scheme === 'https' ? null : `URI scheme ${JSON.stringify(scheme)} is not supported`;
}

/** The rules' problems, each with where it was found: in front of it today, behind it through 1.6. */
export function* authorizationPolicyProblems(object: KubernetesObject, { validation }: Era): Generator<string> {
  const { name, namespace = '' } = object.metadata;
  const isToday = validation.texts === 'istiod';
  for (const { text, isNamed } of ruleProblems(object as AuthorizationPolicy, isToday)) {
    if (isToday) yield `invalid policy ${name}.${namespace}: ${text}`;
    else yield isNamed ? `${text} in ${name}.${namespace}` : text;
  }
}

const WIDE_DENY =
  'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';

/** A DENY reaches further than its words: on a TCP port it is read without what only HTTP has. Today's webhook says so. */
export function* authorizationPolicyWarnings(object: KubernetesObject, { validation }: Era): Generator<string> {
  const { action, rules = [] } = (object as AuthorizationPolicy).spec ?? {};
  if (validation.texts === 'galley' || action !== 'DENY') return;
  const isWide = ({ from = [], to = [] }: AuthorizationRule): boolean => {
    const names = (fields: Fields | undefined): string[] => Object.keys(fields ?? {});
    const hasTcpSource = from.some(({ source }) => names(source).some((name) => !/requestPrincipals$/i.test(name)));
    const hasPort = to.some(({ operation }) => names(operation).some((name) => /^(ports|notPorts)$/.test(name)));
    return to.length > 0 ? !hasPort : from.length > 0 && !hasTcpSource;
  };
  if (rules.some(isWide)) yield WIDE_DENY;
}

interface RuleProblem {
  text: string;
  /** Whether older releases say in which policy. */
  isNamed: boolean;
}

function* ruleProblems({ spec = {} }: AuthorizationPolicy, isToday: boolean): Generator<RuleProblem> {
  const { selector, targetRef, targetRefs, action, rules } = spec;
  const plain = (text: string): RuleProblem => ({ text, isNamed: false });
  for (const text of oneSelectorProblems(selector, targetRef, targetRefs)) yield plain(text);
  for (const text of selectorProblems(selector?.matchLabels)) yield plain(text);
  const meaningless =
    'action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request';
  if (action === 'CUSTOM') {
    if (rules === undefined) yield plain(`CUSTOM ${meaningless}`);
    else if (!spec.provider?.name) yield plain('`provider.name` must not be empty');
  } else if (spec.provider !== undefined) {
    yield plain(`\`provider\` must not be with non CUSTOM action, found ${action ?? 'ALLOW'}`);
  }
  if (action === 'DENY' && rules === undefined) {
    yield isToday
      ? plain(`DENY ${meaningless}`)
      : { text: 'a deny policy without `rules` is meaningless and has no effect, found', isNamed: true };
  }
  for (const [index, rule] of (rules ?? []).entries()) {
    const at = (text: string): RuleProblem => ({ text: `${text}, found at rule ${index}`, isNamed: true });
    for (const [field, problem] of emptyParts(rule)) yield at(`\`${field}\` must not be ${problem}`);
    for (const text of valueProblems(rule)) yield plain(text);
    for (const text of accountProblems(rule)) yield at(text);
    for (const text of conditionProblems(rule)) yield plain(text);
  }
}

function* emptyParts({ from, to }: AuthorizationRule): Generator<[string, string]> {
  if (from?.length === 0) yield ['from', 'empty'];
  for (const { source } of from ?? []) {
    if (source === undefined) yield ['from.source', 'nil'];
    else if (isEmpty(source)) yield ['from.source', 'empty'];
  }
  if (to?.length === 0) yield ['to', 'empty'];
  for (const { operation } of to ?? []) {
    if (operation === undefined) yield ['to.operation', 'nil'];
    else if (isEmpty(operation)) yield ['to.operation', 'empty'];
  }
}

function isEmpty(fields: Fields): boolean {
  return Object.values(fields).every((values) => values.length === 0);
}

function* valueProblems({ from = [], to = [] }: AuthorizationRule): Generator<string> {
  for (const { source = {} } of from) {
    for (const [name, values] of Object.entries(source)) {
      if (/ipblocks$/i.test(name)) yield* addressProblems(values);
      if (values.includes('')) yield `empty value not allowed, found in ${goName(name)}`;
    }
  }
  for (const { operation = {} } of to) {
    for (const [name, values] of Object.entries(operation)) {
      if (/ports$/i.test(name)) yield* portProblems(values);
      if (values.includes('')) yield `empty value not allowed, found in ${goName(name)}`;
    }
  }
}

/** Accounts stand for themselves: they say namespace and name already. */
function* accountProblems({ from = [] }: AuthorizationRule): Generator<string> {
  for (const { source = {} } of from) {
    const has = (pattern: RegExp): boolean =>
      Object.entries(source).some(([name, values]) => pattern.test(name) && values.length > 0);
    if (has(/^(serviceAccounts|notServiceAccounts)$/) && has(/^(principals|notPrincipals|namespaces|notNamespaces)$/)) {
      yield 'cannot set serviceAccounts with namespaces or principals';
    }
  }
}

/** pkg/config/security/security.go, ValidateAttribute. */
function* conditionProblems({ when = [] }: AuthorizationRule): Generator<string> {
  for (const { key = '', values = [], notValues = [] } of when) {
    if (key === '') yield '`key` must not be empty';
    else if (values.length + notValues.length === 0) {
      yield `at least one of \`values\` or \`notValues\` must be set for key ${key}`;
    } else {
      for (const problem of attributeProblems(key, values)) yield `invalid \`value\` for \`key\` ${key}: ${problem}`;
      for (const problem of attributeProblems(key, notValues))
        yield `invalid \`notValue\` for \`key\` ${key}: ${problem}`;
    }
  }
}

const PLAIN_KEYS = new Set(
  ['source.namespace', 'source.serviceAccount', 'source.principal', 'connection.sni'].concat(
    ['principal', 'audiences', 'presenter'].map((name) => `request.auth.${name}`),
  ),
);

function* attributeProblems(key: string, values: readonly string[]): Generator<string> {
  if (values.includes('')) yield `empty value not allowed, found in ${key}`;
  else if (['source.ip', 'remote.ip', 'destination.ip'].includes(key)) yield* addressProblems(values);
  else if (key === 'destination.port') yield* portProblems(values);
  else if (/^(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)/.test(key)) {
    if (!/^[^[]+\[.+\]$/.test(key)) yield `bad key (${key}): should have format a[b]`;
  } else if (!PLAIN_KEYS.has(key)) yield `unknown attribute: ${key}`;
}

function* addressProblems(values: readonly string[]): Generator<string> {
  for (const value of values) {
    const [address = '', length, ...rest] = value.split('/');
    const version = isIP(address);
    if (length === undefined) {
      if (version === 0) yield `bad IP address (${value})`;
      continue;
    }
    const parse = `netip.ParsePrefix(${JSON.stringify(value)}): `;
    if (version === 0) {
      yield `bad CIDR range (${value}): ${parse}ParseAddr(${JSON.stringify(address)}): unable to parse IP`;
    } else if (rest.length > 0 || !/^\d+$/.test(length)) {
      yield `bad CIDR range (${value}): ${parse}bad bits after slash: ${JSON.stringify([length, ...rest].join('/'))}`;
    } else if (Number(length) > (version === 4 ? 32 : 128)) {
      yield `bad CIDR range (${value}): ${parse}prefix length out of range`;
    }
  }
}

function* portProblems(values: readonly string[]): Generator<string> {
  for (const value of values) {
    if (!/^\d+$/.test(value)) {
      yield `bad port (${value}): strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
    } else if (Number(value) > 65_535) yield `bad port (${value}): <nil>`;
  }
}

/** `ipBlocks` as Go has it: `IpBlocks`. */
function goName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function* oneSelectorProblems(selector: unknown, targetRef: unknown, targetRefs: unknown[] = []): Generator<string> {
  const given = [selector !== undefined, targetRef !== undefined, targetRefs.length > 0].filter(Boolean);
  if (given.length > 1) yield 'only one of targetRefs or workloadSelector can be set';
}
