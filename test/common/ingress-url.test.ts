import { expect, test } from 'vitest';
import { ingressUrl, parseIngressHost } from '../../common/ingress-url.ts';

const NAME = '0123456789abcdef0123';
const PAGE = { hostname: '127.0.0.1', port: '3000' };

test('an address in a cluster is a name of its own below localhost, and reads back', () => {
  const url = new URL(ingressUrl(PAGE, NAME, 'cluster://Shop.example.com/cart?x=1') ?? '');

  expect(url.href).toBe(`http://shop.example.com.${NAME}.localhost:3000/cart?x=1`);
  expect(parseIngressHost(url.host)).toEqual({ host: 'shop.example.com', name: NAME, port: '3000' });
});

test('an address without a host is the ingress gateway itself', () => {
  expect(ingressUrl(PAGE, NAME, 'cluster:///cart')).toBe(`http://${NAME}.localhost:3000/cart`);
  expect(ingressUrl({ hostname: 'localhost', port: '' }, NAME, 'cluster://shop.org')).toBe(
    `http://shop.org.${NAME}.localhost/`,
  );
  expect(parseIngressHost(`${NAME}.localhost`)).toEqual({ host: '', name: NAME, port: '' });
});

test('a page from another machine has no way in', () => {
  expect(ingressUrl({ hostname: 'taller.example.com', port: '' }, NAME, 'cluster:///')).toBeNull();
});

test.each([
  'http://shop.org/',
  'cluster:shop.org',
  'cluster://shop.org:80/',
  'cluster://a b/',
  'cluster://x/"y',
  'cluster://-x/',
])('%s is no address in a cluster', (address) => expect(ingressUrl(PAGE, NAME, address)).toBeNull());

test.each(['localhost:3000', '127.0.0.1', `${NAME}.example.com`, `shop.${NAME}x.localhost`, undefined])(
  '%s is the host of no cluster',
  (host) => expect(parseIngressHost(host)).toBeNull(),
);
