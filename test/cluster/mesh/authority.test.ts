import { execFileSync } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { createAuthority, isDueForRenewal } from '../../../cluster/mesh/authority.ts';
import { eraOf } from '../../../cluster/mesh/era.ts';
import { hasOpenssl } from './server-certificate.ts';

function authorityAt(time: () => number): ReturnType<typeof createAuthority> {
  return createAuthority({ clock: { now: time, schedule: () => () => {} }, randomBytes });
}

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 21, 12);

describe('a workload certificate', () => {
  const authority = authorityAt(() => NOW);
  const identity = authority.issue('shop', 'web');
  const certificate = new X509Certificate(identity.certificatePem);

  test('names the workload by its SPIFFE URI and nothing else', () => {
    expect(certificate.subjectAltName).toBe('URI:spiffe://cluster.local/ns/shop/sa/web');
    expect(certificate.subject).toBe(undefined);
    expect(certificate.issuer).toBe('O=cluster.local');
  });

  test('lives 24 hours from the time of the clock', () => {
    expect(Date.parse(certificate.validTo)).toBe(NOW + 24 * HOUR);
    expect(Date.parse(certificate.validFrom)).toBe(NOW - 120_000);
  });

  test('is due for renewal after 12 hours', () => {
    expect(isDueForRenewal(identity, NOW + 12 * HOUR - 1)).toBe(false);
    expect(isDueForRenewal(identity, NOW + 12 * HOUR)).toBe(true);
  });

  test('is signed by the root, and its key is its own', () => {
    const root = new X509Certificate(authority.root().certificatePem);

    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.checkPrivateKey(identity.privateKey)).toBe(true);
    expect(root.ca).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  test('is not signed by the root of another cluster', () => {
    const other = new X509Certificate(authorityAt(() => NOW).root().certificatePem);

    expect(certificate.verify(other.publicKey)).toBe(false);
  });
});

test.skipIf(!hasOpenssl)('openssl verifies it for clients and for servers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  try {
    const authority = authorityAt(() => Date.now());
    // Serial numbers differ in their first bytes; a hundred cover the awkward ones.
    for (let index = 0; index < 20; index += 1) {
      const root = join(folder, 'root.pem');
      const leaf = join(folder, 'leaf.pem');
      writeFileSync(root, authority.root().certificatePem);
      writeFileSync(leaf, authority.issue('shop', `web-${index}`).certificatePem);
      for (const purpose of ['sslclient', 'sslserver']) {
        const output = execFileSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', root, leaf], {
          encoding: 'utf8',
        });
        expect(output).toBe(`${leaf}: OK\n`);
      }
    }
    const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', join(folder, 'leaf.pem')], {
      encoding: 'utf8',
    });
    expect(text).toContain('Public-Key: (256 bit)');
    expect(text).toContain('Digital Signature, Key Encipherment');
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication');
    expect(text).toMatch(
      /X509v3 Subject Alternative Name: critical\n\s+URI:spiffe:\/\/cluster\.local\/ns\/shop\/sa\/web-19/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('dates from 2050 on are written as GeneralizedTime', () => {
  const later = Date.UTC(2055, 0, 2, 3, 4, 5);
  const certificate = new X509Certificate(authorityAt(() => later).issue('a', 'b').certificatePem);

  expect(Date.parse(certificate.validTo)).toBe(later + 24 * HOUR);
});

test.each<[IstioVersion, string, number, number]>([
  ['1.0', 'O=k8s.cluster.local', 90, 365],
  ['1.1', 'O=k8s.cluster.local', 90, 365],
  ['1.4', 'O=cluster.local', 90, 3650],
  ['1.6', 'O=cluster.local', 1, 3650],
  ['current', 'O=cluster.local', 1, 3650],
])('Istio %s signs as %s for %i days, with a root of %i', (istio, organization, days, rootDays) => {
  const { certificates } = eraOf(istio);
  const clock = { now: () => NOW, schedule: () => () => {} };
  const authority = createAuthority({ clock, randomBytes, certificates });
  const leaf = new X509Certificate(authority.issue('shop', 'web').certificatePem);
  const root = new X509Certificate(authority.root().certificatePem);

  expect(leaf.issuer).toBe(organization);
  expect(Date.parse(leaf.validTo)).toBe(NOW + days * 24 * HOUR);
  expect(Date.parse(root.validTo)).toBe(NOW + rootDays * 24 * HOUR);
});

test('a certificate that comes in a secret is one for all workloads of its account, until it is renewed', () => {
  let now = NOW;
  const clock = { now: () => now, schedule: () => () => {} };
  const authority = createAuthority({ clock, randomBytes, certificates: eraOf('1.4').certificates });
  const first = authority.issue('shop', 'web');

  expect(authority.issue('shop', 'web')).toBe(first);
  expect(authority.issue('shop', 'db')).not.toBe(first);
  now += 45 * 24 * HOUR - 1;
  expect(authority.issue('shop', 'web')).toBe(first);
  now += 1;
  expect(authority.issue('shop', 'web')).not.toBe(first);
});
