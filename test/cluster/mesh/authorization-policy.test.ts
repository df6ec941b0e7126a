import { describe, expect, test } from 'vitest';
import {
  authorize,
  matchedPolicyId,
  policiesFor,
  type AuthorizationPolicy,
  type AuthorizationRequest,
} from '../../../cluster/mesh/authorization-policy.ts';
import type { AuthorizationRule } from '../../../cluster/mesh/authorization-rule.ts';

function policy(
  action: string | null,
  rules: AuthorizationRule[] | undefined,
  rest: { name?: string; namespace?: string; selector?: Record<string, string>; dryRun?: boolean } = {},
): AuthorizationPolicy {
  const { name = 'p', namespace = 'foo', selector, dryRun } = rest;
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace, ...(dryRun === true ? { annotations: { 'istio.io/dry-run': 'true' } } : {}) },
    spec: {
      ...(action === null ? {} : { action }),
      ...(rules === undefined ? {} : { rules }),
      ...(selector === undefined ? {} : { selector: { matchLabels: selector } }),
    },
  };
}

const HEADERS: Record<string, string> = { 'x-token': 'admin', 'user-agent': 'Mozilla/5.0' };
const REQUEST: AuthorizationRequest = {
  principal: 'cluster.local/ns/bar/sa/sleep',
  sourceIp: '10.244.0.7',
  remoteIp: '203.0.113.9',
  destinationIp: '10.244.0.3',
  destinationPort: 80,
  serverName: 'outbound_.8000_._.httpbin.foo.svc.cluster.local',
  http: { method: 'GET', path: '/info/42?x=1', host: 'HttpBin.foo:8000', header: (name) => HEADERS[name] },
  token: {
    principal: 'issuer/subject',
    audiences: ['aud-1', 'aud-2'],
    presenter: 'app',
    claims: { group: ['g1', 'g2'], role: 'dev', nested: { key: 'value' } },
    payload: '',
  },
};
const PLAIN: AuthorizationRequest = { ...REQUEST, principal: null, serverName: null, token: null };

const source = (fields: Record<string, string[]>): AuthorizationRule => ({ from: [{ source: fields }] });
const operation = (fields: Record<string, string[]>): AuthorizationRule => ({ to: [{ operation: fields }] });
const when = (key: string, values: string[]): AuthorizationRule => ({ when: [{ key, values }] });

describe('a rule', () => {
  test.each<[string, AuthorizationRule, boolean]>([
    ['matches everything when it is empty', {}, true],
    ['matches a principal', source({ principals: ['cluster.local/ns/bar/sa/sleep'] }), true],
    ['does not match another principal', source({ principals: ['cluster.local/ns/bar/sa/other'] }), false],
    ['matches a principal by prefix', source({ principals: ['cluster.local/ns/bar/*'] }), true],
    ['matches a principal by suffix', source({ principals: ['*/sa/sleep'] }), true],
    ['matches any principal', source({ principals: ['*'] }), true],
    ['excludes a principal', source({ notPrincipals: ['*/sa/sleep'] }), false],
    ['matches a namespace', source({ namespaces: ['bar'] }), true],
    ['matches a namespace by prefix', source({ namespaces: ['ba*'] }), true],
    ['excludes a namespace', source({ notNamespaces: ['bar', 'x'] }), false],
    ['matches a service account with its namespace', source({ serviceAccounts: ['bar/sleep'] }), true],
    ['takes a service account without one for its own namespace', source({ serviceAccounts: ['sleep'] }), false],
    ['matches a block', source({ ipBlocks: ['10.244.0.0/16'] }), true],
    ['matches an address', source({ ipBlocks: ['10.244.0.7'] }), true],
    ['does not match another block', source({ ipBlocks: ['10.96.0.0/16'] }), false],
    ['excludes a block', source({ notIpBlocks: ['10.0.0.0/8'] }), false],
    ['matches the block of the client before the proxies', source({ remoteIpBlocks: ['203.0.113.0/24'] }), true],
    ['matches a request principal', source({ requestPrincipals: ['issuer/*'] }), true],
    ['excludes a request principal', source({ notRequestPrincipals: ['*'] }), false],
    ['needs every field of a source', source({ namespaces: ['bar'], ipBlocks: ['1.1.1.1'] }), false],
    ['needs one source only', { from: [{ source: { namespaces: ['x'] } }, { source: { namespaces: ['bar'] } }] }, true],
    ['matches a method', operation({ methods: ['POST', 'GET'] }), true],
    ['excludes a method', operation({ notMethods: ['GET'] }), false],
    ['matches a path without its query', operation({ paths: ['/info/42'] }), true],
    ['matches a path by prefix', operation({ paths: ['/info*'] }), true],
    ['matches a path by suffix', operation({ paths: ['*/42'] }), true],
    ['matches a path by template', operation({ paths: ['/{*}/42'] }), true],
    ['matches a path by a deep template', operation({ paths: ['/info/{**}'] }), true],
    ['does not match a template of another depth', operation({ paths: ['/{*}'] }), false],
    ['excludes a path', operation({ notPaths: ['/info*'] }), false],
    ['matches a host in any case, with its port', operation({ hosts: ['httpbin.foo:8000'] }), true],
    ['does not match a host that lacks the port', operation({ hosts: ['httpbin.foo'] }), false],
    ['matches a host by prefix', operation({ hosts: ['httpbin.*'] }), true],
    ['matches the container port', operation({ ports: ['80'] }), true],
    ['does not match the service port', operation({ ports: ['8000'] }), false],
    ['excludes a port', operation({ notPorts: ['80'] }), false],
    ['matches a header', when('request.headers[X-Token]', ['admin']), true],
    ['matches a header that is there', when('request.headers[User-Agent]', ['*']), true],
    ['does not match a header that is not there', when('request.headers[x-none]', ['*']), false],
    ['excludes a header', { when: [{ key: 'request.headers[x-token]', notValues: ['admin'] }] }, false],
    [
      'does not exclude a header that is not there',
      { when: [{ key: 'request.headers[x-none]', notValues: ['a'] }] },
      true,
    ],
    ['matches source.ip', when('source.ip', ['10.244.0.0/24']), true],
    ['matches remote.ip', when('remote.ip', ['203.0.113.9']), true],
    ['matches source.namespace', when('source.namespace', ['bar']), true],
    ['matches source.principal', when('source.principal', ['*sleep']), true],
    ['matches destination.ip', when('destination.ip', ['10.244.0.3']), true],
    ['matches destination.port', when('destination.port', ['80', '90']), true],
    ['matches connection.sni', when('connection.sni', ['*.foo.svc.cluster.local']), true],
    ['matches request.auth.principal', when('request.auth.principal', ['issuer/subject']), true],
    ['matches one of the audiences', when('request.auth.audiences', ['aud-2']), true],
    ['matches request.auth.presenter', when('request.auth.presenter', ['app']), true],
    ['matches a claim', when('request.auth.claims[role]', ['dev']), true],
    ['matches one entry of a claim', when('request.auth.claims[group]', ['g2']), true],
    ['matches a nested claim', when('request.auth.claims[nested][key]', ['value']), true],
    ['does not match a claim that is not there', when('request.auth.claims[none]', ['*']), false],
    ['does not match an unknown condition', when('request.magic', ['*']), false],
    [
      'needs every condition',
      {
        when: [
          { key: 'source.namespace', values: ['bar'] },
          { key: 'source.ip', values: ['1.1.1.1'] },
        ],
      },
      false,
    ],
    ['needs source and operation', { ...source({ namespaces: ['bar'] }), ...operation({ methods: ['POST'] }) }, false],
  ])('%s', (_title, rule, expected) => {
    expect(authorize([policy('ALLOW', [rule])], REQUEST, false).allowed).toBe(expected);
    expect(authorize([policy('DENY', [rule])], REQUEST, false).allowed).toBe(!expected);
  });

  test.each<[string, AuthorizationRule, boolean]>([
    ['principals', source({ principals: ['*'] }), false],
    ['namespaces', source({ namespaces: ['bar'] }), false],
    ['notPrincipals', source({ notPrincipals: ['cluster.local/ns/bar/sa/sleep'] }), true],
    ['requestPrincipals', source({ requestPrincipals: ['*'] }), false],
    ['notRequestPrincipals', source({ notRequestPrincipals: ['*'] }), true],
  ])('in plaintext and without a token, %s', (_title, rule, expected) => {
    expect(authorize([policy('ALLOW', [rule])], PLAIN, false).allowed).toBe(expected);
  });

  test.each([
    ['/info/../admin', '/admin', true],
    ['/./admin', '/admin', true],
    ['/info\\..\\admin', '/admin', true],
    ['/admin/', '/admin', false],
  ])('compares %s with its dots resolved', (path, pattern, matches) => {
    const request = { ...REQUEST, http: { method: 'GET', path, host: '', header: () => undefined } };

    expect(authorize([policy('DENY', [operation({ paths: [pattern] })])], request, false).allowed).toBe(!matches);
  });
});

describe('policies together', () => {
  const all: AuthorizationRule = {};
  const none = source({ namespaces: ['nowhere'] });
  test.each<[string, AuthorizationPolicy[], boolean, string]>([
    ['allow without any', [], true, ''],
    ['deny all with an empty spec, which is ALLOW', [policy(null, undefined)], false, 'none'],
    ['deny nothing with a DENY that has no rules', [policy('DENY', undefined)], true, ''],
    ['allow with one empty rule', [policy(null, [all])], true, ''],
    ['deny all by a DENY with one empty rule', [policy('DENY', [all])], false, 'ns[foo]-policy[p]-rule[0]'],
    [
      'deny though ALLOW matches',
      [policy('ALLOW', [all]), policy('DENY', [none, all], { name: 'd' })],
      false,
      'ns[foo]-policy[d]-rule[1]',
    ],
    ['need one ALLOW of several', [policy('ALLOW', [none]), policy('ALLOW', [all])], true, ''],
    ['deny where no ALLOW matches', [policy('ALLOW', [none])], false, 'none'],
    ['are not asked in a dry run', [policy('DENY', [all], { dryRun: true })], true, ''],
    ['do not count a dry run as an ALLOW policy', [policy('ALLOW', [none], { dryRun: true })], true, ''],
    ['pass AUDIT and CUSTOM by', [policy('AUDIT', [all]), policy('CUSTOM', [all])], true, ''],
  ])('%s', (_title, policies, allowed, id) => {
    const decision = authorize(policies, REQUEST, false);

    expect(decision.allowed).toBe(allowed);
    if (!decision.allowed) expect(matchedPolicyId(decision.by)).toBe(id);
  });

  test('tell of AUDIT rules that match', () => {
    expect(authorize([policy('AUDIT', [none, all], { name: 'a' })], REQUEST, false).audits).toEqual([
      { policy: 'foo/a', rule: 1 },
    ]);
  });

  test('apply by namespace, root namespace and labels', () => {
    const policies = [
      policy('ALLOW', [], { name: 'own' }),
      policy('ALLOW', [], { name: 'root', namespace: 'istio-system' }),
      policy('ALLOW', [], { name: 'other', namespace: 'bar' }),
      policy('ALLOW', [], { name: 'web', selector: { app: 'web' } }),
      policy('ALLOW', [], { name: 'db', selector: { app: 'db' } }),
      policy('ALLOW', [], { name: 'root-web', namespace: 'istio-system', selector: { app: 'web' } }),
    ];

    const applying = policiesFor(policies, { namespace: 'foo', labels: { app: 'web', version: 'v1' } });

    expect(applying.map(({ metadata }) => metadata.name)).toEqual(['own', 'root', 'web', 'root-web']);
  });
});

describe('on a port of bytes', () => {
  const bytes = { ...REQUEST, http: null, token: null };
  test.each<[string, string, AuthorizationRule, boolean]>([
    ['an ALLOW rule with a method never matches', 'ALLOW', operation({ methods: ['GET'], ports: ['80'] }), false],
    ['an ALLOW rule without such fields does', 'ALLOW', operation({ ports: ['80'] }), true],
    ['an ALLOW rule with a not-field of HTTP never matches', 'ALLOW', operation({ notPaths: ['/x'] }), false],
    ['an ALLOW rule with a header never matches', 'ALLOW', when('request.headers[x]', ['*']), false],
    ['a DENY rule is read without its method', 'DENY', operation({ methods: ['GET'], ports: ['80'] }), false],
    ['a DENY rule of a method alone denies everything', 'DENY', operation({ methods: ['POST'] }), false],
    ['a DENY rule keeps its other fields', 'DENY', operation({ methods: ['GET'], ports: ['81'] }), true],
    ['a DENY rule is read without its header', 'DENY', when('request.headers[x]', ['y']), false],
    ['an ALLOW rule matches the principal', 'ALLOW', source({ principals: ['*/sa/sleep'] }), true],
  ])('%s', (_title, action, rule, allowed) => {
    expect(authorize([policy(action, [rule])], bytes, true).allowed).toBe(allowed);
  });
});

/** The rules again, slowly and on their own terms: as one long sentence of and, or and not. */
function slowAllowed(policies: AuthorizationPolicy[], request: AuthorizationRequest): boolean {
  const facts: Record<string, string | null> = {
    namespaces: request.principal === null ? null : (/ns\/([^/]+)/.exec(request.principal)?.[1] ?? null),
    principals: request.principal,
    methods: request.http?.method ?? null,
    paths: request.http?.path.replace(/\?.*/, '') ?? null,
  };
  const holds = (name: string, values: readonly string[]): boolean => {
    if (name.startsWith('not')) return !holds(name.slice(3).toLowerCase(), values);
    const fact = facts[name];
    if (fact === null || fact === undefined) return false;
    return values.some((value) => {
      const body = value.replaceAll('*', '').replaceAll(/[/.]/g, '\\$&');
      const expression =
        value === '*' ? '^.+$' : `${value.startsWith('*') ? '' : '^'}${body}${value.endsWith('*') ? '' : '$'}`;
      return new RegExp(expression).test(fact);
    });
  };
  const ruleHolds = (rule: AuthorizationRule): boolean => {
    const sides = [(rule.from ?? []).map((one) => one.source ?? {}), (rule.to ?? []).map((one) => one.operation ?? {})];
    return sides.every(
      (entries) =>
        entries.length === 0 ||
        entries.some((entry) => Object.entries(entry).every(([name, values]) => holds(name, values))),
    );
  };
  const matched = policies.filter(({ spec }) => (spec?.rules ?? []).some(ruleHolds)).map(({ spec }) => spec?.action);
  if (matched.includes('DENY')) return false;
  return matched.includes('ALLOW') || !policies.some(({ spec }) => spec?.action === 'ALLOW');
}

test('agrees with a slow reading of the rules for random sets of policies', () => {
  let seed = 3;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % sides;
  };
  const pick = <T>(...values: T[]): T => values[dice(values.length)] as T;
  const some = <T>(make: () => T): T[] => Array.from({ length: dice(3) }, make);
  const values: Record<string, string[]> = {
    namespaces: ['bar', 'b*', '*r', '*', 'foo'],
    principals: ['cluster.local/ns/bar/sa/sleep', '*/sa/sleep', 'cluster.local/*', '*', 'x'],
    methods: ['GET', 'POST', '*', 'G*'],
    paths: ['/info/42', '/info*', '*/42', '/', '*'],
  };
  const fields = (...names: string[]): Record<string, string[]> =>
    Object.fromEntries(
      some(() => {
        const name = pick(...names);
        const key = dice(3) === 0 ? `not${name.charAt(0).toUpperCase()}${name.slice(1)}` : name;
        return [key, Array.from({ length: 1 + dice(2) }, () => pick(...(values[name] ?? [])))] as const;
      }),
    );
  let denied = 0;
  for (let round = 0; round < 4000; round += 1) {
    const policies = some(() =>
      policy(
        pick('ALLOW', 'ALLOW', 'DENY', 'AUDIT'),
        some(() => ({
          from: some(() => ({ source: fields('namespaces', 'principals') })),
          to: some(() => ({ operation: fields('methods', 'paths') })),
        })),
      ),
    );
    const request = pick(REQUEST, PLAIN);
    const expected = slowAllowed(policies, request);
    if (!expected) denied += 1;

    expect(authorize(policies, request, false).allowed, JSON.stringify(policies)).toBe(expected);
  }
  expect(denied).toBeGreaterThan(500);
});
