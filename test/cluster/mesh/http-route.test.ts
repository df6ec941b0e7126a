import { describe, expect, test } from 'vitest';
import { faultOf } from '../../../cluster/mesh/fault.ts';
import {
  findHttpRoute,
  pickDestination,
  redirection,
  rewritePath,
  type RoutedRequest,
} from '../../../cluster/mesh/http-route.ts';
import {
  findForGateway,
  findForMesh,
  type HttpMatch,
  type VirtualService,
} from '../../../cluster/mesh/virtual-service.ts';

const HEADERS: Record<string, string> = { 'end-user': 'jason', 'x-n': '42' };
const REQUEST: RoutedRequest = {
  method: 'GET',
  path: '/Reviews/7?debug=true&q=a',
  authority: 'reviews:9080',
  scheme: 'http',
  port: 9080,
  header: (name) => HEADERS[name],
};
const SOURCE = { namespace: 'shop', labels: { app: 'web', version: 'v2' }, gateway: 'mesh' };

describe('a match', () => {
  test.each<[string, HttpMatch, boolean]>([
    ['of nothing is of everything', {}, true],
    ['of the exact path leaves the query out', { uri: { exact: '/Reviews/7' } }, true],
    ['of a path minds its case', { uri: { exact: '/reviews/7' } }, false],
    ['of a path may leave the case out', { uri: { exact: '/reviews/7' }, ignoreUriCase: true }, true],
    ['of a prefix may leave the case out', { uri: { prefix: '/REV' }, ignoreUriCase: true }, true],
    ['of a prefix', { uri: { prefix: '/Rev' } }, true],
    ['of an expression is of the whole path', { uri: { regex: '/Rev' } }, false],
    ['of an expression', { uri: { regex: '/Rev.*/\\d+' } }, true],
    ['of what is no expression is of nothing', { uri: { regex: '(' } }, false],
    ['of a method', { method: { exact: 'POST' } }, false],
    ['of a scheme', { scheme: { exact: 'http' } }, true],
    ['of an authority', { authority: { prefix: 'reviews' } }, true],
    ['of a header', { headers: { 'End-User': { exact: 'jason' } } }, true],
    ['of another value of a header', { headers: { 'end-user': { exact: 'x' } } }, false],
    ['of a header that is there', { headers: { 'x-n': {} } }, true],
    ['of a header that is not there', { headers: { none: {} } }, false],
    ['of all headers', { headers: { 'x-n': { regex: '\\d+' }, 'end-user': { exact: 'x' } } }, false],
    ['without a header', { withoutHeaders: { 'end-user': {} } }, false],
    ['without a header that is not there', { withoutHeaders: { none: {} } }, true],
    ['of a parameter', { queryParams: { debug: { exact: 'true' } } }, true],
    ['of a parameter that is not there', { queryParams: { none: { exact: '' } } }, false],
    ['of a port', { port: 9081 }, false],
    ['of the client’s labels', { sourceLabels: { app: 'web' } }, true],
    ['of other labels', { sourceLabels: { app: 'web', version: 'v1' } }, false],
    ['of the client’s namespace', { sourceNamespace: 'other' }, false],
    ['of a gateway', { gateways: ['gw'] }, false],
    ['of the mesh', { gateways: ['gw', 'mesh'] }, true],
  ])('%s', (_title, match, expected) => {
    expect(findHttpRoute([{ match: [match] }], REQUEST, SOURCE, 'shop') !== undefined).toBe(expected);
  });

  test('is the first of the routes that has one', () => {
    const routes = [
      { name: 'a', match: [{ method: { exact: 'POST' } }] },
      { name: 'b', match: [{ uri: { prefix: '/x' } }, { uri: { prefix: '/R' } }] },
      { name: 'c' },
    ];

    expect(findHttpRoute(routes, REQUEST, SOURCE, 'shop')?.route.name).toBe('b');
    expect(findHttpRoute(routes, { ...REQUEST, path: '/' }, SOURCE, 'shop')?.route.name).toBe('c');
  });
});

describe('weights', () => {
  const to = (host: string, weight?: number) => ({
    destination: { host },
    ...(weight === undefined ? {} : { weight }),
  });

  test('share the requests', () => {
    const counts: Record<string, number> = {};
    for (let index = 0; index < 1000; index += 1) {
      const host = pickDestination([to('a', 75), to('b', 25), to('c', 0)], index / 1000)?.destination.host ?? '';
      counts[host] = (counts[host] ?? 0) + 1;
    }

    expect(counts).toEqual({ a: 750, b: 250 });
  });

  test('of a single destination do not matter', () => {
    expect(pickDestination([to('a', 0)], 0.9)?.destination.host).toBe('a');
  });
});

test.each<[string, Parameters<typeof rewritePath>[1], HttpMatch | undefined, string]>([
  ['replaces a prefix', { rewrite: { uri: '/v1' } }, { uri: { prefix: '/Reviews' } }, '/v1/7?debug=true&q=a'],
  ['replaces an exact path', { rewrite: { uri: '/v1' } }, { uri: { exact: '/Reviews/7' } }, '/v1?debug=true&q=a'],
  ['stands before the path of a catch-all', { rewrite: { uri: '/v1/' } }, undefined, '/v1/Reviews/7?debug=true&q=a'],
  ['of the authority leaves the path', { rewrite: { authority: 'x' } }, undefined, '/Reviews/7?debug=true&q=a'],
  [
    'replaces by an expression',
    { rewrite: { uriRegexRewrite: { match: '^/(\\w+)/(\\d+)', rewrite: '/\\2/\\1' } } },
    undefined,
    '/7/Reviews?debug=true&q=a',
  ],
])('a rewrite %s', (_title, route, match, expected) => {
  expect(rewritePath(REQUEST.path, route, match)).toBe(expected);
});

test.each<[Parameters<typeof redirection>[0], number, string]>([
  [{ uri: '/new' }, 301, 'http://reviews:9080/new?debug=true&q=a'],
  [{ authority: 'other' }, 301, 'http://other/Reviews/7?debug=true&q=a'],
  [{ scheme: 'https', redirectCode: 308 }, 308, 'https://reviews/Reviews/7?debug=true&q=a'],
  [{ port: 8080 }, 301, 'http://reviews:8080/Reviews/7?debug=true&q=a'],
  [{ port: 80 }, 301, 'http://reviews/Reviews/7?debug=true&q=a'],
])('a redirect %j goes with %i to %s', (redirect, status, location) => {
  expect(redirection(redirect, REQUEST, undefined)).toEqual({ status, location });
});

test('faults strike as often as they say', () => {
  const route = {
    fault: {
      delay: { fixedDelay: '1.5s', percentage: { value: 50 } },
      abort: { httpStatus: 418, percentage: { value: 10 } },
    },
  };
  const dice =
    (...values: number[]) =>
    () =>
      values.shift() ?? 0;

  expect(faultOf(route, dice(0.49, 0.09))).toEqual({ delayMs: 1500, abortStatus: 418 });
  expect(faultOf(route, dice(0.51, 0.11))).toEqual({ delayMs: 0, abortStatus: null });
  expect(faultOf({ fault: { abort: { httpStatus: 500 } } }, dice(0))).toEqual({ delayMs: 0, abortStatus: null });
});

describe('the VirtualService of a host', () => {
  const service = (path: string, hosts: string[], rest: VirtualService['spec'] = {}): VirtualService => {
    const [namespace = '', name = ''] = path.split('/');
    return {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace },
      spec: { hosts, ...rest },
    };
  };
  const HOST = 'reviews.shop.svc.cluster.local';
  test.each<[string, VirtualService[], string]>([
    ['is that of a short name in its own namespace', [service('shop/a', ['reviews'])], 'a'],
    ['is not that of a short name elsewhere', [service('other/a', ['reviews'])], 'none'],
    ['is from any namespace by the full name', [service('other/a', [HOST])], 'a'],
    ['is the most specific', [service('shop/a', ['*.svc.cluster.local']), service('shop/b', ['reviews'])], 'b'],
    ['is the oldest', [service('shop/a', ['reviews']), service('shop/b', ['reviews'])], 'a'],
    ['is not one of a gateway', [service('shop/a', ['reviews'], { gateways: ['gw'] })], 'none'],
    ['is one of a gateway and the mesh', [service('shop/a', ['reviews'], { gateways: ['gw', 'mesh'] })], 'a'],
    ['is not one that is not exported', [service('other/a', [HOST], { exportTo: ['.'] })], 'none'],
  ])('%s', (_title, services, expected) => {
    expect(findForMesh(services, 'client', HOST)?.metadata.name ?? 'none').toBe(expected);
  });

  test.each<[string, VirtualService[], string[], string, string[]]>([
    ['for its host', [service('shop/a', ['a.com'], { gateways: ['gw'] })], ['*'], 'a.com', ['a']],
    ['not for another', [service('shop/a', ['a.com'], { gateways: ['gw'] })], ['*'], 'b.com', []],
    [
      'not where the gateway lacks the host',
      [service('shop/a', ['a.com'], { gateways: ['gw'] })],
      ['b.com'],
      'a.com',
      [],
    ],
    ['of a wildcard', [service('shop/a', ['*'], { gateways: ['gw'] })], ['*.a.com'], 'x.a.com', ['a']],
    [
      'of several objects, one after the other',
      [service('shop/a', ['a.com'], { gateways: ['gw'] }), service('x/b', ['a.com'], { gateways: ['shop/gw'] })],
      ['*'],
      'a.com',
      ['a', 'b'],
    ],
    ['of its own namespace only', [service('x/b', ['a.com'], { gateways: ['shop/gw'] })], ['./*'], 'a.com', []],
    ['of a namespace by name', [service('x/b', ['a.com'], { gateways: ['shop/gw'] })], ['x/a.com'], 'a.com', ['b']],
    ['not of the mesh alone', [service('shop/a', ['a.com'])], ['*'], 'a.com', []],
  ])('at a gateway, %s', (_title, services, hosts, host, expected) => {
    expect(findForGateway(services, 'shop/gw', hosts, host).map(({ metadata }) => metadata.name)).toEqual(expected);
  });
});
