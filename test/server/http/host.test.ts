import { describe, expect, it } from 'vitest';
import { isAllowedHost, isOwnOrigin } from '../../../server/http/host.ts';

describe('isAllowedHost', () => {
  it.each(['localhost', 'localhost:3000', '127.0.0.1:3000', '192.168.1.7', '[::1]:3000', 'LOCALHOST:1', 'lab.example'])(
    'accepts %s',
    (host) => {
      expect(isAllowedHost(host, ['lab.example'])).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'lab.example.evil.example',
    'xlab.example',
    '127.0.0.1.evil.example',
    'localhost:3000@evil.example',
    'localhost/evil',
    '[::1',
    'localhost:',
    'localhost:123456',
    'localhost.',
    'localhost.:3000',
    'LAB.EXAMPLE.',
    'user@localhost',
    'user:localhost@evil.example',
    '::1',
    '[::1]evil.example',
    '[::1].evil.example',
    '[::ffff:evil]',
    '0x7f.1',
    '127.1',
    '2130706433',
    'localhost,evil.example',
    'localhost\u0000.evil.example',
    'a b',
  ])('refuses %s', (host) => {
    expect(isAllowedHost(host, ['lab.example'])).toBe(false);
  });
});

describe('isOwnOrigin', () => {
  it.each(['http://localhost:3000', 'https://localhost:3000'])('accepts %s', (origin) => {
    expect(isOwnOrigin(origin, 'localhost:3000')).toBe(true);
  });

  it.each([
    undefined,
    'null',
    '',
    'http://localhost',
    'http://localhost:3001',
    'http://localhost:30001',
    'http://evil.example',
    'http://localhost:3000.evil.example',
    'http://evil.example/http://localhost:3000',
    'http://user@localhost:3000',
    'ftp://localhost:3000',
    'http://LOCALHOST:3000',
    'http://localhost:3000/',
    'file://',
  ])('refuses %s', (origin) => {
    expect(isOwnOrigin(origin, 'localhost:3000')).toBe(false);
  });

  it('refuses everything when there is no host', () => {
    expect(isOwnOrigin('http://undefined', undefined)).toBe(false);
  });
});
