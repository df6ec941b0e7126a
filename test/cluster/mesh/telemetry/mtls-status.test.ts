import { describe, expect, test } from 'vitest';
import type { DestinationRule } from '../../../../cluster/mesh/destination-rule.ts';
import {
  meshMutualTls,
  namespaceMutualTls,
  type MutualTlsStatus,
  type StatusDeps,
} from '../../../../cluster/mesh/telemetry/mtls-status.ts';

/** Kiali's summary of a mesh and of a namespace. */

type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

function rule(namespace: string, host: string, mode?: string): DestinationRule {
  const trafficPolicy = mode === undefined ? {} : { trafficPolicy: { tls: { mode } } };
  const metadata = { name: 'rule', namespace };
  return { apiVersion: 'v1', kind: 'DestinationRule', metadata, spec: { host, ...trafficPolicy } };
}

function deps(
  servers: Record<string, Mode>,
  rules: DestinationRule[] = [],
  { automatic = true, rulesOfAllNamespaces = false } = {},
): StatusDeps {
  return {
    // A namespace without a policy has the mesh's.
    serverOf(namespace) {
      const owner = servers[namespace] === undefined ? '' : namespace;
      const mode = servers[owner];
      return mode === undefined ? null : { mode, by: `PeerAuthentication ${owner || 'istio-system'}/default` };
    },
    rules,
    automatic,
    rulesOfAllNamespaces,
  };
}

describe('of the mesh', () => {
  test.each<[string, Mode | null, string | null, boolean, MutualTlsStatus]>([
    ['nothing is said, clients choose', null, null, true, 'not-enabled'],
    ['nothing is said, clients do not choose', null, null, false, 'not-enabled'],
    ['STRICT, clients choose', 'STRICT', null, true, 'enabled'],
    ['STRICT, clients do not choose', 'STRICT', null, false, 'partial'],
    ['STRICT and ISTIO_MUTUAL', 'STRICT', 'ISTIO_MUTUAL', false, 'enabled'],
    ['STRICT and MUTUAL', 'STRICT', 'MUTUAL', false, 'enabled'],
    ['STRICT and DISABLE', 'STRICT', 'DISABLE', true, 'partial'],
    ['PERMISSIVE, clients choose', 'PERMISSIVE', null, true, 'partial'],
    ['PERMISSIVE and ISTIO_MUTUAL', 'PERMISSIVE', 'ISTIO_MUTUAL', true, 'partial'],
    ['DISABLE, clients choose', 'DISABLE', null, true, 'disabled'],
    ['DISABLE and DISABLE', 'DISABLE', 'DISABLE', false, 'disabled'],
    ['DISABLE and ISTIO_MUTUAL', 'DISABLE', 'ISTIO_MUTUAL', true, 'partial'],
    ['only clients, ISTIO_MUTUAL', null, 'ISTIO_MUTUAL', true, 'partial'],
  ])('%s', (_, server, client, automatic, status) => {
    const rules = client === null ? [] : [rule('istio-system', '*.local', client)];

    expect(meshMutualTls(deps(server === null ? {} : { '': server }, rules, { automatic })).status).toBe(status);
  });

  test('a rule that says nothing of TLS, or lies elsewhere, does not count', () => {
    const elsewhere = [rule('istio-system', '*.local'), rule('foo', '*.local', 'DISABLE')];

    expect(meshMutualTls(deps({ '': 'STRICT' }, elsewhere))).toEqual({
      status: 'enabled',
      server: { mode: 'STRICT', by: 'PeerAuthentication istio-system/default' },
      client: null,
    });
  });

  test('in Istio 1.0 a rule counts wherever it lies', () => {
    const options = { automatic: false, rulesOfAllNamespaces: true };

    expect(meshMutualTls(deps({ '': 'STRICT' }, [rule('default', '*.local', 'ISTIO_MUTUAL')], options))).toMatchObject({
      status: 'enabled',
      client: { mode: 'ISTIO_MUTUAL', by: 'default/rule' },
    });
  });
});

describe('of a namespace', () => {
  test('is the mesh’s where it says nothing itself', () => {
    expect(namespaceMutualTls(deps({ '': 'STRICT' }), 'foo')).toMatchObject({ status: 'enabled', inherited: true });
    expect(namespaceMutualTls(deps({}), 'foo')).toMatchObject({ status: 'not-enabled', inherited: true });
  });

  test('is its own where it has a policy, or a rule for all of its services', () => {
    expect(namespaceMutualTls(deps({ '': 'STRICT', foo: 'PERMISSIVE' }), 'foo')).toMatchObject({
      status: 'partial',
      inherited: false,
    });
    const off = rule('foo', '*.foo.svc.cluster.local', 'DISABLE');
    expect(namespaceMutualTls(deps({ '': 'STRICT' }, [off]), 'foo')).toMatchObject({
      status: 'partial',
      inherited: false,
      client: { mode: 'DISABLE', by: 'foo/rule' },
    });
    expect(namespaceMutualTls(deps({ '': 'STRICT' }, [off]), 'bar')).toMatchObject({ status: 'enabled' });
  });
});
