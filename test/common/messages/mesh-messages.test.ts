import { describe, expect, test } from 'vitest';
import type { MeshVerdict, MeshVerdictCode } from '../../../common/mesh.ts';
import { MESSAGES } from '../../../common/messages/index.ts';

const { en, es } = { en: MESSAGES.en.mesh, es: MESSAGES.es.mesh };

const party = { namespace: 'shop', pod: 'web-1', serviceAccount: 'web', sidecar: true };
const base: MeshVerdict = {
  time: 0,
  code: 'no-route',
  client: party,
  server: party,
  port: 8080,
  mode: null,
  kind: null,
  policy: null,
  detail: null,
  request: { method: 'GET', host: 'web', path: '/' },
};

const CODES: MeshVerdictCode[] = [
  'plaintext-refused',
  'foreign-tls-refused',
  'handshake-failed',
  'authorization-denied',
  'authorization-not-allowed',
  'token-rejected',
  'upstream-failed',
  'destination-unknown',
  'no-endpoints',
  'no-route',
  'fault-injected',
  'request-timeout',
  'outbound-blocked',
];

describe('verdicts', () => {
  test('name the rule and what the client did', () => {
    const refused: MeshVerdict = {
      ...base,
      code: 'plaintext-refused',
      client: { ...party, sidecar: false },
      mode: 'STRICT',
      kind: 'PeerAuthentication',
      policy: 'istio-system/default',
    };

    expect(en.panel.verdict(refused)).toBe(
      'The server requires mutual TLS by PeerAuthentication `istio-system/default` (STRICT, port 8080); the client has no sidecar and sent plaintext.',
    );
    expect(es.panel.verdict(refused)).toBe(
      'El servidor exige TLS mutuo por PeerAuthentication `istio-system/default` (STRICT, puerto 8080); el cliente no tiene sidecar y ha enviado texto sin cifrar.',
    );
    expect(en.panel.advice(refused)).toContain('`portLevelMtls`');
    expect(en.panel.advice({ ...refused, client: party })).toContain('DestinationRule');
  });

  test.each(CODES)('%s is a sentence in both languages, with and without an object that decided', (code) => {
    for (const verdict of [
      { ...base, code },
      { ...base, code, kind: 'DestinationRule', policy: 'shop/web', detail: 'UF', request: null, client: null },
    ]) {
      for (const t of [en, es]) {
        const text = t.panel.verdict(verdict);
        expect(text).toMatch(/^[A-ZÁÉÍÓÚ].*\.$/s);
        expect(text).not.toMatch(/null|undefined/);
      }
      expect(en.panel.verdict(verdict)).not.toBe(es.panel.verdict(verdict));
    }
    expect(en.panel.verdict({ ...base, code })).not.toMatch(/``|: \.| {2}/);
  });
});

describe('numbers', () => {
  test.each<[number, string, string]>([
    [0, '0%', '0 %'],
    [0.5, '50%', '50 %'],
    [0.99999, '99.9%', '99,9 %'],
    [0.00001, '0.1%', '0,1 %'],
    [1, '100%', '100 %'],
  ])('the share %f', (share, english, spanish) => {
    expect(en.panel.percent(share)).toBe(english);
    expect(es.panel.percent(share).replace('\u00a0', ' ')).toBe(spanish);
  });

  test('bytes, times and rates take the unit that fits', () => {
    expect(en.panel.bytes(999)).toBe('999 byte');
    expect(en.panel.bytes(12_345)).toBe('12.3 kB');
    expect(en.panel.bytes(5_000_000_000_000)).toBe('5,000 GB');
    expect(en.panel.milliseconds(0.26)).toBe('0.3 ms');
    expect(en.panel.milliseconds(12.6)).toBe('13 ms');
    expect(en.panel.milliseconds(2500)).toBe('2.5 sec');
    expect(en.panel.perSecond(0.0166)).toBe('0.017/s');
    expect(es.panel.perSecond(12.34)).toBe('12,3/s');
    expect(en.edge.short('http', 12_345)).toBe('12.3K×');
  });

  test('flags are explained one by one', () => {
    expect(en.panel.flag('DI,FI')).toBe('DI (delay injected), FI (error injected)');
    expect(en.panel.flag('XYZ')).toBe('XYZ');
  });
});
