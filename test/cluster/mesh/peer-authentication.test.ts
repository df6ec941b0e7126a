import { describe, expect, test } from 'vitest';
import {
  effectiveMode,
  indexPolicies,
  modeIn,
  type MutualTlsMode,
  type PeerAuthentication,
} from '../../../cluster/mesh/peer-authentication.ts';

/** `istio-system/default STRICT`, with a selector, port modes and an age in seconds where a rule needs them. */
function policy(
  path: string,
  mode: string | null,
  rest: { selector?: Record<string, string>; ports?: Record<string, string>; created?: number } = {},
): PeerAuthentication {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {
      name,
      namespace,
      ...(rest.created === undefined
        ? {}
        : { creationTimestamp: new Date(1_700_000_000_000 + rest.created * 1000).toISOString() }),
    },
    spec: {
      ...(rest.selector === undefined ? {} : { selector: { matchLabels: rest.selector } }),
      ...(mode === null ? {} : { mtls: { mode } }),
      ...(rest.ports === undefined
        ? {}
        : {
            portLevelMtls: Object.fromEntries(
              Object.entries(rest.ports).map(([port, value]) => [port, { mode: value }]),
            ),
          }),
    },
  };
}

const web = { namespace: 'shop', labels: { app: 'web', version: 'v1' } };

function judge(policies: PeerAuthentication[], port: number | null = 8080): string {
  const { mode, policy: by } = effectiveMode(policies, web, port);
  return `${mode} by ${by === null ? 'default' : `${by.namespace}/${by.name}`}`;
}

describe('the mode of a port', () => {
  test.each<[string, PeerAuthentication[], string]>([
    ['is PERMISSIVE without any policy', [], 'PERMISSIVE by default'],
    ['follows the mesh', [policy('istio-system/default', 'STRICT')], 'STRICT by istio-system/default'],
    ['follows the mesh whatever the name', [policy('istio-system/any', 'STRICT')], 'STRICT by istio-system/any'],
    [
      'follows the namespace over the mesh',
      [policy('istio-system/default', 'STRICT'), policy('shop/ns', 'DISABLE')],
      'DISABLE by shop/ns',
    ],
    [
      'follows the workload over the namespace',
      [policy('shop/ns', 'STRICT'), policy('shop/web', 'PERMISSIVE', { selector: { app: 'web' } })],
      'PERMISSIVE by shop/web',
    ],
    [
      'follows the workload over the mesh',
      [policy('istio-system/default', 'STRICT'), policy('shop/web', 'PERMISSIVE', { selector: { app: 'web' } })],
      'PERMISSIVE by shop/web',
    ],
    [
      'inherits where the workload is UNSET',
      [policy('shop/ns', 'STRICT'), policy('shop/web', 'UNSET', { selector: { app: 'web' } })],
      'STRICT by shop/ns',
    ],
    [
      'inherits where the namespace has no mtls at all',
      [policy('istio-system/default', 'STRICT'), policy('shop/ns', null)],
      'STRICT by istio-system/default',
    ],
    ['is not changed by another namespace', [policy('other/default', 'STRICT')], 'PERMISSIVE by default'],
    [
      'is not changed by a selector that does not match',
      [policy('shop/db', 'STRICT', { selector: { app: 'db' } })],
      'PERMISSIVE by default',
    ],
    [
      'needs every label of a selector',
      [policy('shop/web', 'STRICT', { selector: { app: 'web', tier: 'front' } })],
      'PERMISSIVE by default',
    ],
    [
      'is not changed by a selector in the root namespace',
      [policy('istio-system/web', 'STRICT', { selector: { app: 'web' } })],
      'PERMISSIVE by default',
    ],
    ['takes an empty selector for none', [policy('shop/ns', 'STRICT', { selector: {} })], 'STRICT by shop/ns'],
    [
      'is that of the oldest policy of the mesh',
      [policy('istio-system/new', 'DISABLE', { created: 2 }), policy('istio-system/old', 'STRICT', { created: 1 })],
      'STRICT by istio-system/old',
    ],
    [
      'is that of the oldest policy of the namespace, which inherits and hides the others',
      [
        policy('istio-system/default', 'STRICT', { created: 0 }),
        policy('shop/new', 'DISABLE', { created: 2 }),
        policy('shop/old', 'UNSET', { created: 1 }),
      ],
      'STRICT by istio-system/default',
    ],
    [
      'is that of the oldest policy that selects the workload',
      [
        policy('shop/a', 'DISABLE', { selector: { app: 'web' }, created: 2 }),
        policy('shop/b', 'STRICT', { selector: { version: 'v1' }, created: 1 }),
        policy('shop/c', 'PERMISSIVE', { selector: { app: 'db' }, created: 0 }),
      ],
      'STRICT by shop/b',
    ],
    [
      'is that of the first name where ages are equal',
      [
        policy('shop/b', 'DISABLE', { selector: { app: 'web' }, created: 1 }),
        policy('shop/a', 'STRICT', { selector: { app: 'web' }, created: 1 }),
      ],
      'STRICT by shop/a',
    ],
    [
      'may be set for itself',
      [policy('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 8080: 'DISABLE' } })],
      'DISABLE by shop/web',
    ],
    [
      'is not that of another port',
      [policy('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 9090: 'DISABLE' } })],
      'STRICT by shop/web',
    ],
    [
      'is the workload’s where the port is UNSET',
      [policy('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 8080: 'UNSET' } })],
      'STRICT by shop/web',
    ],
    [
      'may be set where the workload inherits',
      [
        policy('shop/ns', 'STRICT'),
        policy('shop/web', null, { selector: { app: 'web' }, ports: { 8080: 'PERMISSIVE' } }),
      ],
      'PERMISSIVE by shop/web',
    ],
    [
      'is not set by a policy of the namespace',
      [policy('shop/ns', 'STRICT', { ports: { 8080: 'DISABLE' } })],
      'STRICT by shop/ns',
    ],
    [
      'is not set by a policy of the mesh',
      [policy('istio-system/default', 'STRICT', { ports: { 8080: 'DISABLE' } })],
      'STRICT by istio-system/default',
    ],
    [
      'is not set by a younger policy of the workload',
      [
        policy('shop/old', 'STRICT', { selector: { app: 'web' }, created: 1 }),
        policy('shop/new', 'STRICT', { selector: { app: 'web' }, created: 2, ports: { 8080: 'DISABLE' } }),
      ],
      'STRICT by shop/old',
    ],
  ])('%s', (_title, policies, expected) => {
    expect(judge(policies)).toBe(expected);
    expect(judge(policies.toReversed())).toBe(expected);
  });

  test('leaves out port modes when the workload itself is asked for', () => {
    const policies = [policy('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 8080: 'DISABLE' } })];

    expect(judge(policies, null)).toBe('STRICT by shop/web');
  });

  test('is that of the mesh for a workload in the root namespace', () => {
    const policies = [
      policy('istio-system/default', 'STRICT'),
      policy('istio-system/gw', 'DISABLE', { selector: { app: 'gw' } }),
    ];

    const { mode } = effectiveMode(policies, { namespace: 'istio-system', labels: { app: 'gw' } }, 80);

    expect(mode).toBe<MutualTlsMode>('STRICT');
  });
});

test('the mode of a namespace passes over policies of workloads', () => {
  const policies = [policy('shop/ns', 'STRICT'), policy('shop/web', 'DISABLE', { selector: { app: 'web' } })];

  expect(modeIn(indexPolicies(policies, 'shop'), {}, null).mode).toBe('STRICT');
});

/** The rules again, slowly: every policy is looked at for itself. */
function slowMode(policies: PeerAuthentication[], port: number): MutualTlsMode {
  const scopeOf = (each: PeerAuthentication): 'mesh' | 'namespace' | 'workload' | 'none' => {
    const selector = Object.entries(each.spec?.selector?.matchLabels ?? {});
    if (each.metadata.namespace === 'istio-system') return selector.length === 0 ? 'mesh' : 'none';
    if (each.metadata.namespace !== web.namespace) return 'none';
    if (selector.length === 0) return 'namespace';
    return selector.every(([key, value]) => (web.labels as Record<string, string>)[key] === value)
      ? 'workload'
      : 'none';
  };
  let result: MutualTlsMode = 'PERMISSIVE';
  for (const scope of ['mesh', 'namespace', 'workload'] as const) {
    const inScope = policies.filter((each) => scopeOf(each) === scope);
    const rank = (each: PeerAuthentication): string =>
      `${each.metadata.creationTimestamp ?? ''} ${each.metadata.name}.${each.metadata.namespace ?? ''}`;
    const winner = inScope.find((each) => inScope.every((other) => rank(each) <= rank(other)));
    const own = winner?.spec?.mtls?.mode;
    if (own !== undefined && own !== 'UNSET') result = own as MutualTlsMode;
    const portMode = scope === 'workload' ? winner?.spec?.portLevelMtls?.[port]?.mode : undefined;
    if (portMode !== undefined && portMode !== 'UNSET') result = portMode as MutualTlsMode;
  }
  return result;
}

test('agrees with a slow reading of the rules for random sets of policies', () => {
  let seed = 7;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % sides;
  };
  const pick = <T>(...values: T[]): T => values[dice(values.length)] as T;
  for (let round = 0; round < 2000; round += 1) {
    const policies = Array.from({ length: dice(7) }, (_, index) =>
      policy(
        `${pick('istio-system', 'shop', 'shop', 'other')}/p${index}`,
        pick('STRICT', 'PERMISSIVE', 'DISABLE', 'UNSET', null),
        {
          created: dice(4),
          selector: pick<Record<string, string>>(
            {},
            { app: 'web' },
            { app: 'db' },
            { version: 'v1' },
            { app: 'web', version: 'v2' },
          ),
          ports: pick<Record<string, string>>({}, { 8080: 'DISABLE' }, { 8080: 'UNSET' }, { 9090: 'STRICT' }),
        },
      ),
    );

    expect(effectiveMode(policies, web, 8080).mode, JSON.stringify(policies)).toBe(slowMode(policies, 8080));
  }
});
