import { expect, test } from 'vitest';
import { eraOf } from '../../../../cluster/mesh/era.ts';
import { istioValidation } from '../../../../cluster/mesh/validation/istio-validation.ts';
import { createKindRegistry } from '../../../../cluster/objects/kinds/registry.ts';
import { startTestPlane, type TestPlane } from '../../test-plane.ts';

/** What today's webhook says of manifests that make no sense: one word wrong in one that does. */

const GROUPS: Record<string, string> = { AuthorizationPolicy: 'security', Telemetry: 'telemetry' };

function refusal(plane: TestPlane, kind: string, spec: unknown, metadata: object = {}): string | null {
  const apiVersion = `${GROUPS[kind] ?? 'networking'}.istio.io/v1`;
  try {
    plane.apply({ apiVersion, kind, metadata: { name: 'odd', namespace: 'default', ...metadata }, spec });
    return null;
  } catch (error) {
    return (error as Error).message.replace(
      'admission webhook "validation.istio.io" denied the request: configuration is invalid: ',
      '',
    );
  }
}

const several = (...problems: string[]): string =>
  `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${problems.map((text) => `\t* ${text}\n`).join('')}\n`;

const to = (destination: object): object => ({ route: [{ destination }] });
const REVIEWS = to({ host: 'reviews' });
const route = (http: object, rest: object = {}): object => ({ hosts: ['reviews'], http: [http], ...rest });

const VIRTUAL_SERVICES: [what: string, spec: object, problem: string][] = [
  ['a host', { hosts: ['a_b'], http: [REVIEWS] }, 'domain name "a_b" invalid (label "a_b" invalid)'],
  [
    'a host that is a number',
    { hosts: ['a.b.80'], http: [REVIEWS] },
    'domain name "b.80" invalid (top level domain "80" cannot be all-numeric)',
  ],
  [
    'hosts that cover each other',
    { hosts: ['*.foo', 'a.foo'], http: [REVIEWS] },
    'duplicate hosts in virtual service: *.foo & a.foo',
  ],
  ['a gateway', { ...route(REVIEWS), gateways: ['NS_1/gw'] }, 'invalid value for namespace: "NS_1"'],
  ['a destination', route(to({ host: '*' })), 'invalid destination host *'],
  [
    'a destination’s name',
    route(to({ host: 'rev iews' })),
    'domain name "rev iews" invalid (label "rev iews" invalid)',
  ],
  ['a subset', route(to({ host: 'reviews', subset: 'v_1' })), 'subset name is invalid: v_1'],
  ['a port', route(to({ host: 'reviews', port: { number: 0 } })), 'port number 0 must be in the range 1..65535'],
  [
    'a port to match',
    route({ ...REVIEWS, match: [{ port: 70_000 }] }),
    'port number 70000 must be in the range 1..65535',
  ],
  [
    'a prefix that is empty',
    route({ ...REVIEWS, match: [{ uri: { prefix: '' } }] }),
    '"uri": prefix string match should not be empty',
  ],
  [
    'a pattern',
    route({ ...REVIEWS, match: [{ headers: { cookie: { regex: '^(.*?;)?(user=jason' } } }] }),
    '"headers": error parsing regexp: missing closing ): `^(.*?;)?(user=jason`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
  ],
  [
    'a pattern that only Perl knows',
    route({ ...REVIEWS, match: [{ uri: { regex: '/(?!admin).*' } }] }),
    '"uri": error parsing regexp: invalid or unsupported Perl syntax: `(?!`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
  ],
  [
    'a header',
    route({ ...REVIEWS, match: [{ headers: { 'end user': { exact: 'jason' } } }] }),
    'header name end user is not a valid header name',
  ],
  ['labels', route({ ...REVIEWS, match: [{ sourceLabels: { app: 'a b' } }] }), several('invalid tag value: "a b"')],
  [
    'a header of Envoy’s own',
    route({ ...REVIEWS, headers: { request: { set: { ':path': '/' } } } }),
    'invalid header ":path": header cannot have ":" prefix',
  ],
  [
    'a host in an answer',
    route({ ...REVIEWS, headers: { response: { remove: ['Host'] } } }),
    'invalid header "Host": cannot set Host header',
  ],
  [
    'a share',
    route({ ...REVIEWS, fault: { abort: { httpStatus: 500, percentage: { value: 101 } } } }),
    'percentage 101 is neither 0.0, nor in range [0.0001, 100.0]',
  ],
  ['a status', route({ ...REVIEWS, fault: { abort: { httpStatus: 99 } } }), 'HTTP status 99 is not in range 200-599'],
  [
    'a fault of nothing',
    route({ ...REVIEWS, fault: {} }),
    several('HTTP fault injection must have an abort and/or a delay'),
  ],
  [
    'a mirror',
    route({ ...REVIEWS, mirror: { host: 'v2' }, mirrorPercentage: { value: 150 } }),
    'mirror_percentage must have a max value of 100 (it has 150.000000)',
  ],
  [
    'a redirection',
    route({ redirect: { redirectCode: 302 } }),
    'redirect must specify URI, authority, scheme, or port',
  ],
  [
    'a code of it',
    route({ redirect: { uri: '/', redirectCode: 200 } }),
    '200 is not a valid redirect code, must be 3xx',
  ],
  ['a status of its own', route({ directResponse: { status: 1000 } }), 'HTTP status 1000 is not in range 200-599'],
  [
    'when to try again',
    route({ ...REVIEWS, retries: { attempts: 3, retryOn: '5xx,timeout' } }),
    '"timeout" is not a valid retryOn policy',
  ],
  [
    'how often',
    route({ ...REVIEWS, retries: { attempts: 0, perTryTimeout: '2s' } }),
    'http retry policy configured when attempts are set to 0 (disabled)',
  ],
  [
    'a rewriting',
    route({ ...REVIEWS, rewrite: {} }),
    'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified',
  ],
  ['a method', route({ ...REVIEWS, corsPolicy: { allowMethods: ['get'] } }), '"get" is not a supported HTTP method'],
  [
    'whom it is for',
    { ...route(REVIEWS), exportTo: ['.', '*'] },
    'cannot have both public (*) and non-public exportTo values for a resource',
  ],
  ['shares', route({ route: [{ destination: { host: 'a' }, weight: -1 }] }), 'weight -1 < 0'],
  [
    'a name in TLS',
    {
      hosts: ['a.com'],
      tls: [{ match: [{ port: 443, sniHosts: ['b.com'] }], route: [{ destination: { host: 'b' } }] }],
    },
    'SNI host "b.com" is not a compatible subset of any of the virtual service hosts: [a.com]',
  ],
  [
    'a block',
    {
      hosts: ['a.com'],
      tcp: [{ match: [{ destinationSubnets: ['10.0.0.0/33'] }], route: [{ destination: { host: 'b' } }] }],
    },
    '10.0.0.0/33 is not a valid CIDR block',
  ],
  ['bytes without a way', { hosts: ['a.com'], tcp: [{ match: [{ port: 1 }] }] }, 'TCP route is required'],
];

const rule = (trafficPolicy: object): object => ({ host: 'reviews', trafficPolicy });
const simple = (...rest: object[]): object => ({ tls: Object.assign({ mode: 'SIMPLE' }, ...rest) as object });
const SERVER = { hosts: ['a.com'], port: { number: 80, name: 'http', protocol: 'HTTP' } };
const server = (rest: object): object => ({ selector: { istio: 'ingressgateway' }, servers: [{ ...SERVER, ...rest }] });
const PORT = { number: 80, name: 'http', protocol: 'HTTP' };
const entry = (rest: object): object => ({ hosts: ['a.com'], ports: [PORT], resolution: 'DNS', ...rest });
const egress = (...hosts: string[]): object => ({ egress: [{ hosts }] });

const OTHERS: [what: string, kind: string, spec: object, problem: string][] = [
  [
    'a rule’s host',
    'DestinationRule',
    { host: 'rev iews' },
    'domain name "rev iews" invalid (label "rev iews" invalid)',
  ],
  [
    'a subset twice',
    'DestinationRule',
    { host: 'a', subsets: [{ name: 'v1' }, { name: 'v1' }] },
    'duplicate subset names: v1',
  ],
  [
    'labels of a subset',
    'DestinationRule',
    { host: 'a', subsets: [{ name: 'v1', labels: { version: 'v 1' } }] },
    several('invalid tag value: "v 1"'),
  ],
  [
    'a percentage',
    'DestinationRule',
    rule({ outlierDetection: { maxEjectionPercent: 110 } }),
    'percentage 110 is not in range 0..100',
  ],
  ['an empty pool', 'DestinationRule', rule({ connectionPool: {} }), 'connection pool must have at least one field'],
  [
    'a pool',
    'DestinationRule',
    rule({ connectionPool: { tcp: { maxConnections: -1 } } }),
    'max connections must be non-negative',
  ],
  [
    'a CA that nobody asks',
    'DestinationRule',
    rule(simple({ insecureSkipVerify: true, caCertificates: '/etc/ca.pem' })),
    'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
  ],
  [
    'a rule of one workload for all',
    'DestinationRule',
    { host: 'a', workloadSelector: { matchLabels: { app: 'b' } }, exportTo: ['*'] },
    'destination rule with workload selector cannot have exportTo beyond current namespace',
  ],
  ['a gateway’s host', 'Gateway', server({ hosts: ['httpbin'] }), 'short names (non FQDN) are not allowed'],
  ['a part of a gateway’s host', 'Gateway', server({ hosts: ['*a.com'] }), 'partial wildcard "*a.com" not allowed'],
  [
    'a protocol',
    'Gateway',
    server({ port: { ...PORT, protocol: 'HTTPX' } }),
    'invalid protocol "HTTPX", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP',
  ],
  [
    'a certificate',
    'Gateway',
    server({ port: { ...PORT, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE' } }),
    several('SIMPLE TLS requires a server certificate', 'SIMPLE TLS requires a private key'),
  ],
  [
    'a certificate of the mesh',
    'Gateway',
    server({ port: { ...PORT, protocol: 'HTTPS' }, tls: { mode: 'ISTIO_MUTUAL', credentialName: 'a' } }),
    'ISTIO_MUTUAL TLS cannot have associated credentialName',
  ],
  ['an entry’s host', 'ServiceEntry', entry({ hosts: ['*'], resolution: 'NONE' }), 'invalid host *'],
  [
    'a pattern that must be looked up',
    'ServiceEntry',
    entry({ hosts: ['*.a.com'] }),
    'hosts must be FQDN if no endpoints are provided for resolution mode DNS',
  ],
  ['an address', 'ServiceEntry', entry({ addresses: ['10.0.0.300'] }), '10.0.0.300 is not a valid IP'],
  [
    'a block that is looked up',
    'ServiceEntry',
    entry({ addresses: ['10.0.0.0/8'] }),
    'CIDR addresses are allowed only for NONE/STATIC resolution types',
  ],
  [
    'a name where an address is meant',
    'ServiceEntry',
    entry({ resolution: 'STATIC', endpoints: [{ address: 'b.com' }] }),
    'endpoint address "b.com" is not a valid IP address',
  ],
  [
    'endpoints of nowhere',
    'ServiceEntry',
    entry({ resolution: 'NONE', endpoints: [{ address: '10.0.0.1' }] }),
    'no endpoints should be provided for resolution type none',
  ],
  [
    'an endpoint’s port',
    'ServiceEntry',
    entry({ endpoints: [{ address: 'b.com', ports: { https: 443 } }] }),
    'endpoint port 443 is not defined by the service entry',
  ],
  [
    'a protocol of an entry',
    'ServiceEntry',
    entry({ ports: [{ ...PORT, protocol: 'SMTP' }] }),
    'unsupported protocol: SMTP',
  ],
  [
    'hosts that bytes do not tell',
    'ServiceEntry',
    entry({ hosts: ['a.com', 'b.com'], ports: [{ ...PORT, protocol: 'TCP' }] }),
    'multiple hosts provided with non-HTTP, non-TLS ports',
  ],
  [
    'a Sidecar of nothing',
    'Sidecar',
    { workloadSelector: { labels: { app: 'a' } } },
    'sidecar: empty configuration provided',
  ],
  ['a host without its namespace', 'Sidecar', egress('reviews'), 'host must be of form namespace/dnsName'],
  ['a short name in a Sidecar', 'Sidecar', egress('./reviews'), 'short names (non FQDN) are not allowed'],
  ['a namespace', 'Sidecar', egress('a.b/*'), 'invalid namespace value "a.b" in sidecar'],
  [
    'the order of a Sidecar’s ways out',
    'Sidecar',
    { egress: [{ hosts: ['*/*'] }, { port: PORT, hosts: ['*/*'] }] },
    'sidecar: the egress listener with empty port should be the last listener in the list',
  ],
  [
    'a selector',
    'Sidecar',
    { ...egress('*/*'), workloadSelector: { labels: { app: '*' } } },
    'wildcard is not supported in selector: "app=*"',
  ],
  ['an entry of nobody', 'WorkloadEntry', {}, 'address is required'],
];

test('is refused for one thing that is wrong', async () => {
  const plane = await startTestPlane();
  const all = [...VIRTUAL_SERVICES.map(([what, ...rest]) => [what, 'VirtualService', ...rest] as const), ...OTHERS];

  expect(all.map(([what, kind, spec]) => `${what}: ${refusal(plane, kind, spec)}`)).toEqual(
    all.map(([what, , , problem]) => `${what}: ${problem}`),
  );
});

test('is refused for a name that is none of a gateway, and for a trial of what cannot be tried', async () => {
  const plane = await startTestPlane();

  expect(refusal(plane, 'Gateway', server({}), { name: 'a.b' })).toBe('invalid gateway name: "a.b"');
  expect(refusal(plane, 'Gateway', server({}), { annotations: { 'istio.io/dry-run': 'true' } })).toBe(
    'default/odd has unsupported annotation istio.io/dry-run, please remove the annotation',
  );
});

test('is taken as Istio’s own tasks have it', async () => {
  const plane = await startTestPlane();
  const all: [string, object][] = [
    [
      'VirtualService',
      route(
        { match: [{ headers: { '@request.auth.claims.groups': { exact: 'a' } } }], ...REVIEWS },
        { gateways: ['gw'] },
      ),
    ],
    [
      'VirtualService',
      route({ name: 'x', delegate: { name: 'reviews', namespace: 'nsB' }, match: [{ uri: { prefix: '/' } }] }),
    ],
    ['VirtualService', { hosts: ['10.0.0.1'], gateways: ['a/b', 'mesh'], http: [REVIEWS] }],
    ['VirtualService', route({ ...REVIEWS, retries: { attempts: 3, retryOn: 'connect-failure,503' } })],
    ['DestinationRule', { host: '*.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } }],
    [
      'DestinationRule',
      { host: 'a.b.svc.cluster.local.', subsets: [{ name: 'v1', labels: { 'app.kubernetes.io/version': 'v1' } }] },
    ],
    ['Gateway', server({ hosts: ['*', './*.a.com', '10.1.2.3'] })],
    ['ServiceEntry', entry({ hosts: ['*.wikipedia.org'], resolution: 'NONE' })],
    ['ServiceEntry', entry({ endpoints: [{ address: '10.0.0.1' }, { address: 'a.b' }], addresses: ['2001:db8::1'] })],
    ['Sidecar', egress('./*', 'istio-system/*', '~/*', '*/a.b.com')],
    ['Sidecar', { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }],
  ];

  expect(all.map(([kind, spec]) => refusal(plane, kind, spec))).toEqual(all.map(() => null));
});

test('is taken with a warning, of Istio’s or of what this cluster leaves out', () => {
  const warnings = (kind: string, spec: object): string[] => {
    const texts: string[] = [];
    const known = createKindRegistry().byObject('networking.istio.io/v1', kind);
    if (known === undefined) throw new Error(`no kind ${kind}`);
    const object = {
      apiVersion: 'networking.istio.io/v1',
      kind,
      metadata: { name: 'warned', namespace: 'default' },
      spec,
    };
    istioValidation(eraOf())(known, object, (text) => texts.push(text));
    return texts;
  };

  expect(warnings('DestinationRule', rule({ outlierDetection: { consecutiveErrors: 1 } }))).toEqual([
    'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
  ]);
  expect(warnings('Sidecar', { ...egress('*/*', 'a/*'), ingress: [{ port: PORT }] })).toEqual([
    '`*/*` host select all resources, no other hosts can be added',
    'Sidecar: spec.ingress is stored but not simulated by this cluster: sidecars listen for every port of their pod',
  ]);
});
