import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { settle } from '../manual-clock.ts';
import { startTestPlane, type TestPlane } from '../test-plane.ts';

const DAY = 24 * 3_600_000;
const START = Date.UTC(2026, 0, 1);

interface Secret {
  type: string;
  data: Record<string, string>;
  metadata: { annotations?: Record<string, string> };
}

function secret(plane: TestPlane, name: string, namespace = 'default'): Secret {
  return plane.get('secrets', name, namespace) as unknown as Secret;
}

function certificate(plane: TestPlane, name = 'istio.default'): X509Certificate {
  return new X509Certificate(Buffer.from(secret(plane, name).data['cert-chain.pem'] ?? '', 'base64'));
}

const account = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: 'default' },
});

describe.each(['1.0', '1.1', '1.4'] as const)('Istio %s', (istio) => {
  test('gives each service account a key and a certificate of 90 days', async () => {
    const plane = await startTestPlane({ istio });

    const own = secret(plane, 'istio.default');

    expect(own.type).toBe('istio.io/key-and-cert');
    expect(Object.keys(own.data)).toEqual(['cert-chain.pem', 'key.pem', 'root-cert.pem']);
    expect(own.metadata.annotations).toEqual({ 'istio.io/service-account.name': 'default' });
    expect(certificate(plane).subjectAltName).toBe('URI:spiffe://cluster.local/ns/default/sa/default');
    expect(Math.round((Date.parse(certificate(plane).validTo) - START) / DAY)).toBe(90);
    expect(plane.names('secrets', 'istio-system')).toContain('istio.istio-pilot-service-account');
  });

  test('gives a new account one, and takes it with the account', async () => {
    const plane = await startTestPlane({ istio });

    plane.apply(account('web'));
    await settle();
    expect(certificate(plane, 'istio.web').subjectAltName).toBe('URI:spiffe://cluster.local/ns/default/sa/web');

    plane.store.remove('serviceaccounts', plane.get('serviceaccounts', 'web'));
    await settle();
    expect(plane.names('secrets')).not.toContain('istio.web');
  });

  test('renews it after half of its life, and not before', async () => {
    const plane = await startTestPlane({ istio });
    const first = certificate(plane).fingerprint256;

    await plane.clock.run(44 * DAY);
    expect(certificate(plane).fingerprint256).toBe(first);
    await plane.clock.run(2 * DAY);

    expect(certificate(plane).fingerprint256).not.toBe(first);
    expect(Math.round((Date.parse(certificate(plane).validTo) - START) / DAY)).toBe(45 + 90);
  });

  test('writes a secret again that was deleted', async () => {
    const plane = await startTestPlane({ istio });

    plane.store.remove('secrets', plane.get('secrets', 'istio.default'));
    await settle();

    expect(plane.names('secrets')).toContain('istio.default');
  });
});

test.each(['1.6', 'current'] as const)('Istio %s has no such secrets', async (istio) => {
  const plane = await startTestPlane({ istio });

  expect(plane.names('secrets')).toEqual([]);
  expect(plane.names('configmaps')).toContain('istio-ca-root-cert');
});
