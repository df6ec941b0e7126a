import { describe, expect, test } from 'vitest';
import {
  findDestinationRule,
  findMeshWideRule,
  tlsSettings,
  type DestinationRule,
  type TrafficPolicy,
} from '../../../cluster/mesh/destination-rule.ts';

const HOST = 'httpbin.foo.svc.cluster.local';

/** `namespace/name`, its host and TLS mode; created in the order of `age`. */
function rule(
  path: string,
  host: string,
  mode: string | null,
  rest: Partial<NonNullable<DestinationRule['spec']>> & { age?: number } = {},
): DestinationRule {
  const [namespace = '', name = ''] = path.split('/');
  const { age = 0, ...spec } = rest;
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name, namespace, creationTimestamp: new Date(1_700_000_000_000 + age * 1000).toISOString() },
    spec: { host, ...(mode === null ? {} : { trafficPolicy: { tls: { mode } } }), ...spec },
  };
}

function found(rules: DestinationRule[], namespace = 'client', labels: Record<string, string> = {}): string {
  return findDestinationRule(rules, { namespace, labels }, HOST, 'foo', 'istio-system')?.name ?? 'none';
}

describe('the rule of a host', () => {
  test.each<[string, DestinationRule[], string, string]>([
    ['is none where there is none', [], 'client', 'none'],
    [
      'is the client’s before the service’s and the root’s',
      [rule('istio-system/root', HOST, null), rule('foo/service', HOST, null), rule('client/own', '*.local', null)],
      'client',
      'client/own',
    ],
    [
      'is the service’s before the root’s, though the root’s is more specific',
      [rule('istio-system/root', HOST, null), rule('foo/service', '*.foo.svc.cluster.local', null)],
      'client',
      'foo/service',
    ],
    ['is the root’s where no other is', [rule('istio-system/root', '*.local', null)], 'client', 'istio-system/root'],
    ['is not a third namespace’s', [rule('other/rule', HOST, null)], 'client', 'none'],
    [
      'is the exact one before a wildcard of its namespace',
      [rule('client/wild', '*.local', null), rule('client/exact', HOST, null)],
      'client',
      'client/exact',
    ],
    [
      'is that of the longest wildcard',
      [
        rule('client/all', '*', null),
        rule('client/local', '*.local', null),
        rule('client/foo', '*.foo.svc.cluster.local', null),
      ],
      'client',
      'client/foo',
    ],
    ['is of the rule’s own namespace by a short name', [rule('foo/short', 'httpbin', null)], 'client', 'foo/short'],
    ['is not found by a short name from elsewhere', [rule('client/short', 'httpbin', null)], 'client', 'none'],
    [
      'is not one that is exported to nobody else',
      [rule('foo/private', HOST, null, { exportTo: ['.'] })],
      'client',
      'none',
    ],
    [
      'is one that is exported to the client by name',
      [rule('foo/shared', HOST, null, { exportTo: ['client'] })],
      'client',
      'foo/shared',
    ],
    [
      'is not one that is exported to another by name',
      [rule('foo/shared', HOST, null, { exportTo: ['third'] })],
      'client',
      'none',
    ],
    [
      'is the service’s for a client in the root namespace, whose own rules are for all',
      [rule('istio-system/root', HOST, null), rule('foo/service', '*.local', null)],
      'istio-system',
      'foo/service',
    ],
    [
      'is the root’s own for a client there, if it is private',
      [rule('istio-system/root', HOST, null, { exportTo: ['.'] }), rule('foo/service', HOST, null)],
      'istio-system',
      'istio-system/root',
    ],
  ])('%s', (_title, rules, namespace, expected) => {
    expect(found(rules, namespace)).toBe(expected);
  });

  test('is for selected clients of its namespace before others', () => {
    const rules = [
      rule('client/all', HOST, null),
      rule('client/some', HOST, null, { workloadSelector: { matchLabels: { app: 'a' } }, age: 1 }),
    ];

    expect(found(rules, 'client', { app: 'a' })).toBe('client/some');
    expect(found(rules, 'client', { app: 'b' })).toBe('client/all');
  });

  test('unites the subsets of its namespace and keeps the oldest traffic policy', () => {
    const merged = findDestinationRule(
      [
        rule('foo/a', HOST, null, { subsets: [{ name: 'v1', labels: { version: 'old' } }] }),
        rule('foo/b', 'httpbin', 'DISABLE', {
          subsets: [{ name: 'v1', labels: { version: 'new' } }, { name: 'v2' }],
          age: 1,
        }),
        rule('foo/c', HOST, 'SIMPLE', { age: 2 }),
      ],
      { namespace: 'client', labels: {} },
      HOST,
      'foo',
      'istio-system',
    );

    expect(merged?.name).toBe('foo/a');
    expect([...(merged?.subsets.keys() ?? [])]).toEqual(['v1', 'v2']);
    expect(merged?.subsets.get('v1')?.labels).toEqual({ version: 'old' });
    expect(tlsSettings(merged, 8000, null)).toEqual({ mode: 'DISABLE' });
  });
});

describe('the TLS mode of a port', () => {
  const port = (number: number, mode?: string): NonNullable<TrafficPolicy['portLevelSettings']>[number] => ({
    port: { number },
    ...(mode === undefined ? {} : { tls: { mode } }),
  });
  test.each<[string, TrafficPolicy | undefined, TrafficPolicy | undefined, string | undefined]>([
    ['is open without any', undefined, undefined, undefined],
    ['is the rule’s', { tls: { mode: 'DISABLE' } }, undefined, 'DISABLE'],
    [
      'is the rule’s for its port',
      { tls: { mode: 'DISABLE' }, portLevelSettings: [port(8000, 'SIMPLE')] },
      undefined,
      'SIMPLE',
    ],
    [
      'is not that of another port',
      { tls: { mode: 'DISABLE' }, portLevelSettings: [port(9, 'SIMPLE')] },
      undefined,
      'DISABLE',
    ],
    [
      'is the subset’s before the rule’s port',
      { portLevelSettings: [port(8000, 'SIMPLE')] },
      { tls: { mode: 'MUTUAL' } },
      'MUTUAL',
    ],
    [
      'is the subset’s port before the subset',
      undefined,
      { tls: { mode: 'MUTUAL' }, portLevelSettings: [port(8000, 'DISABLE')] },
      'DISABLE',
    ],
    [
      'is open for a port whose entry leaves it out',
      { tls: { mode: 'DISABLE' }, portLevelSettings: [port(8000)] },
      undefined,
      undefined,
    ],
    ['is the rule’s where the subset leaves it out', { tls: { mode: 'DISABLE' } }, {}, 'DISABLE'],
  ])('%s', (_title, trafficPolicy, subset, expected) => {
    const merged = {
      host: HOST,
      name: 'foo/rule',
      isSelecting: false,
      trafficPolicy,
      subsets: new Map([['v1', { name: 'v1', ...(subset === undefined ? {} : { trafficPolicy: subset }) }]]),
    };

    expect(tlsSettings(merged, 8000, 'v1')?.mode).toBe(expected);
  });
});

/** The rules again, slowly: each rule says by itself how well it fits, and the best says all. */
function slowName(rules: DestinationRule[], clientNamespace: string): string {
  const fit = (each: DestinationRule): [number, number] | null => {
    const own = each.metadata.namespace ?? '';
    const exportTo = each.spec?.exportTo ?? ['*'];
    const isPrivate = exportTo.every((to) => to === '.' || to === own);
    const reaches = exportTo.some(
      (to) => to === '*' || to === clientNamespace || (to === '.' && own === clientNamespace),
    );
    let host = each.spec?.host ?? '';
    if (!host.includes('.') && host !== '*') host = `${host}.${own}.svc.cluster.local`;
    const expression = new RegExp(`^${host.replaceAll('.', '\\.').replace('*', host === '*' ? '.*' : '.+')}$`);
    if (!expression.test(HOST) || !reaches) return null;
    const places: boolean[] = [
      own === clientNamespace && (clientNamespace !== 'istio-system' || isPrivate),
      own === 'foo' && !isPrivate,
      own === 'istio-system' && !isPrivate,
    ];
    const place = places.indexOf(true);
    return place < 0 ? null : [place, host === HOST ? -1000 : -host.length];
  };
  const ranked = rules
    .flatMap((each) => {
      const fits = fit(each);
      return fits === null ? [] : [{ each, fits }];
    })
    .sort((a, b) => a.fits[0] - b.fits[0] || a.fits[1] - b.fits[1]);
  const [best] = ranked;
  return best === undefined ? 'none' : `${best.each.metadata.namespace ?? ''}/${best.each.metadata.name}`;
}

test('agrees with a slow reading of the rules for random sets of them', () => {
  let seed = 11;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % sides;
  };
  const pick = <T>(...values: T[]): T => values[dice(values.length)] as T;
  let hits = 0;
  for (let round = 0; round < 3000; round += 1) {
    const rules = Array.from({ length: dice(7) }, (_, index) =>
      rule(
        `${pick('client', 'foo', 'istio-system', 'other')}/r${index}`,
        pick(HOST, '*', '*.local', 'httpbin', '*.foo.svc.cluster.local', 'x.foo.svc.cluster.local'),
        null,
        {
          age: index,
          ...pick(
            {},
            {},
            { exportTo: ['.'] },
            { exportTo: ['client'] },
            { exportTo: ['*'] },
            { exportTo: ['other', 'istio-system'] },
          ),
        },
      ),
    );
    const namespace = pick('client', 'foo', 'istio-system');
    const expected = slowName(rules, namespace);
    if (expected !== 'none') hits += 1;

    expect(found(rules, namespace), JSON.stringify(rules)).toBe(expected);
  }
  expect(hits).toBeGreaterThan(1000);
});

describe('the rule of a host in 1.0, where all namespaces’ rules are one set', () => {
  test.each<[string, DestinationRule[], string]>([
    ['is that of any namespace', [rule('other/rule', HOST, null)], 'other/rule'],
    [
      'is the exact one, wherever a wildcard stands',
      [rule('foo/wild', '*.local', null), rule('other/exact', HOST, null)],
      'other/exact',
    ],
    ['is private to nobody', [rule('other/private', HOST, null, { exportTo: ['.'] })], 'other/private'],
    ['is the oldest of those that share the host', [rule('b/new', HOST, null), rule('a/old', HOST, null)], 'b/new'],
    ['is not that of a short name elsewhere', [rule('other/short', 'httpbin', null)], 'none'],
  ])('%s', (_title, rules, expected) => {
    expect(findMeshWideRule(rules, HOST)?.name ?? 'none').toBe(expected);
  });

  test('agrees with a slow reading of the rules for random sets of them', () => {
    let seed = 13;
    const dice = (sides: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      return (seed >> 8) % sides;
    };
    const pick = <T>(...values: T[]): T => values[dice(values.length)] as T;
    const hosts = [HOST, '*.foo.svc.cluster.local', '*.cluster.local', '*.local', '*'];
    let hits = 0;
    for (let round = 0; round < 1000; round += 1) {
      const rules = Array.from({ length: dice(6) }, (_, index) =>
        rule(
          `${pick('foo', 'client', 'other')}/r${index}`,
          pick(...hosts, 'httpbin', 'x.foo.svc.cluster.local'),
          null,
          {
            age: index,
          },
        ),
      );
      // The hosts stand above in the order in which they count.
      const fullHost = ({ spec, metadata }: DestinationRule): string =>
        spec?.host === 'httpbin' ? `httpbin.${metadata.namespace ?? ''}.svc.cluster.local` : (spec?.host ?? '');
      const host = hosts.find((candidate) => rules.some((each) => fullHost(each) === candidate));
      const winner = rules.find((each) => fullHost(each) === host);
      const expected = winner === undefined ? 'none' : `${winner.metadata.namespace ?? ''}/${winner.metadata.name}`;
      if (winner !== undefined) hits += 1;

      expect(findMeshWideRule(rules, HOST)?.name ?? 'none', JSON.stringify(rules)).toBe(expected);
    }
    expect(hits).toBeGreaterThan(500);
  });
});
