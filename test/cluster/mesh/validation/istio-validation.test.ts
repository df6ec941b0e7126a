import { describe, expect, test } from 'vitest';
import type { IstioVersion } from '../../../../cluster/index.ts';
import { createKubectl, hasKubectl, serveCluster } from '../../serve-cluster.ts';
import { startTestPlane } from '../../test-plane.ts';

const VERSIONS: Record<string, string> = {
  Policy: 'authentication.istio.io/v1alpha1',
  MeshPolicy: 'authentication.istio.io/v1alpha1',
  PeerAuthentication: 'security.istio.io/v1beta1',
  RequestAuthentication: 'security.istio.io/v1beta1',
  AuthorizationPolicy: 'security.istio.io/v1beta1',
  VirtualService: 'networking.istio.io/v1alpha3',
  DestinationRule: 'networking.istio.io/v1alpha3',
  Gateway: 'networking.istio.io/v1alpha3',
};

/** @returns what the API refuses the object with; null when it takes it */
async function refusal(istio: IstioVersion, kind: string, name: string, spec: unknown): Promise<string | null> {
  const plane = await startTestPlane({ istio });
  try {
    plane.apply({ apiVersion: VERSIONS[kind], kind, metadata: { name, namespace: 'default' }, spec });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const today = (problem: string): string =>
  `admission webhook "validation.istio.io" denied the request: configuration is invalid: ${problem}`;
const galley = (problem: string): string =>
  `admission webhook "pilot.validation.istio.io" denied the request: configuration is invalid: ${problem}`;
const route = (...weights: number[]): unknown[] =>
  weights.map((weight) => ({ destination: { host: 'reviews' }, weight }));
const HTTPS = { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: ['shop.example.com'] };

describe('is refused', () => {
  test.each<[string, IstioVersion, string, string, unknown, string]>([
    [
      'a policy of a namespace with a name of its own',
      '1.0',
      'Policy',
      'strict',
      { peers: [{ mtls: {} }] },
      galley('authentication policy with no target rules  must be named "default", found "strict"'),
    ],
    [
      'a policy of a service with the name of the namespace’s',
      '1.4',
      'Policy',
      'default',
      { targets: [{ name: 'ratings' }] },
      galley('authentication policy with name "default" must not have any target rules'),
    ],
    [
      'a target that is no short name',
      '1.1',
      'Policy',
      'ratings',
      { targets: [{ name: 'ratings.default' }] },
      galley('target name "ratings.default" must be a valid label'),
    ],
    [
      'a policy of the mesh with another name',
      '1.0',
      'MeshPolicy',
      'strict',
      {},
      galley('cluster-scoped authentication policy name must be "default", found "strict"'),
    ],
    [
      'a mode that is none, which cannot even be read',
      '1.4',
      'Policy',
      'default',
      { peers: [{ mtls: { mode: 'DISABLE' } }] },
      'admission webhook "pilot.validation.istio.io" denied the request: error decoding configuration: unknown value "DISABLE" for enum istio.authentication.v1alpha1.MutualTls_Mode',
    ],
    [
      'modes of ports without a selector',
      '1.6',
      'PeerAuthentication',
      'default',
      { portLevelMtls: { 8080: { mode: 'DISABLE' } } },
      today('mesh/namespace peer authentication cannot have port level mTLS'),
    ],
    [
      'a port that is none',
      'current',
      'PeerAuthentication',
      'web',
      { selector: { matchLabels: { app: 'web' } }, portLevelMtls: { 0: { mode: 'DISABLE' } } },
      today('port must be in range 1..65535'),
    ],
    [
      'a wildcard in a selector',
      'current',
      'PeerAuthentication',
      'web',
      { selector: { matchLabels: { app: '*' } } },
      today('wildcard is not supported in selector: "app=*"'),
    ],
    [
      'a DENY without rules',
      'current',
      'AuthorizationPolicy',
      'none',
      { action: 'DENY' },
      today(
        'invalid policy none.default: DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
      ),
    ],
    [
      'a DENY without rules, in the words of 1.6',
      '1.6',
      'AuthorizationPolicy',
      'none',
      { action: 'DENY' },
      today('a deny policy without `rules` is meaningless and has no effect, found in none.default'),
    ],
    [
      'an empty source, and a block that is none',
      'current',
      'AuthorizationPolicy',
      'odd',
      { rules: [{ from: [{ source: {} }, { source: { ipBlocks: ['10.0.0.0/33', '10.0.0'] } }] }] },
      today(
        '3 errors occurred:\n\t* invalid policy odd.default: `from.source` must not be empty, found at rule 0\n\t* invalid policy odd.default: bad CIDR range (10.0.0.0/33): netip.ParsePrefix("10.0.0.0/33"): prefix length out of range\n\t* invalid policy odd.default: bad IP address (10.0.0)\n\n',
      ),
    ],
    [
      'an empty operation of 1.4',
      '1.4',
      'AuthorizationPolicy',
      'odd',
      { rules: [{ to: [{ operation: {} }] }] },
      galley('`to.operation` must not be empty, found at rule 0 in odd.default'),
    ],
    [
      'a condition of a key that nobody knows',
      'current',
      'AuthorizationPolicy',
      'odd',
      { rules: [{ when: [{ key: 'request.method', values: ['GET'] }] }] },
      today(
        '2 errors occurred:\n\t* invalid policy odd.default: invalid `value` for `key` request.method: unknown attribute: request.method\n\t* invalid policy odd.default: invalid `notValue` for `key` request.method: unknown attribute: request.method\n\n',
      ),
    ],
    [
      'a condition without values',
      'current',
      'AuthorizationPolicy',
      'odd',
      { rules: [{ when: [{ key: 'source.ip' }] }] },
      today('invalid policy odd.default: at least one of `values` or `notValues` must be set for key source.ip'),
    ],
    [
      'key sets at an address of another kind',
      'current',
      'RequestAuthentication',
      'jwt',
      { jwtRules: [{ issuer: 'me', jwksUri: 'ftp://keys' }] },
      today('URI scheme "ftp" is not supported'),
    ],
    [
      'weights that do not add up, through 1.6',
      '1.6',
      'VirtualService',
      'reviews',
      { hosts: ['reviews'], http: [{ route: route(50, 40) }] },
      today('total destination weight 90 != 100'),
    ],
    [
      'weights that add up to nothing',
      'current',
      'VirtualService',
      'reviews',
      { hosts: ['reviews'], http: [{ route: route(0, 0) }] },
      today('total destination weight = 0'),
    ],
    [
      'a route that leads nowhere',
      'current',
      'VirtualService',
      'reviews',
      { hosts: ['reviews'], http: [{ fault: { abort: { httpStatus: 500 } } }] },
      today('HTTP route, redirect or direct_response is required'),
    ],
    [
      'a virtual service without any route',
      '1.0',
      'VirtualService',
      'reviews',
      { hosts: ['reviews'] },
      galley('http, tcp or tls must be provided in virtual service'),
    ],
    [
      'every host, within the mesh',
      'current',
      'VirtualService',
      'all',
      { hosts: ['*'], http: [{ route: route(100) }] },
      today('wildcard host * is not allowed for virtual services bound to the mesh gateway'),
    ],
    [
      'a traffic policy that says nothing',
      'current',
      'DestinationRule',
      'reviews',
      { host: 'reviews', trafficPolicy: {} },
      today('traffic policy must have at least one field'),
    ],
    [
      'mutual TLS without a certificate',
      '1.1',
      'DestinationRule',
      'reviews',
      { host: 'reviews', trafficPolicy: { tls: { mode: 'MUTUAL' } } },
      galley(
        '2 errors occurred:\n\t* client certificate required for mutual tls\n\t* private key required for mutual tls\n\n',
      ),
    ],
    [
      'a gateway without servers',
      '1.4',
      'Gateway',
      'gw',
      { selector: {} },
      galley('gateway must have at least one server'),
    ],
    [
      'a server of HTTPS without TLS',
      'current',
      'Gateway',
      'gw',
      { servers: [HTTPS] },
      today('server must have TLS settings for HTTPS/TLS protocols'),
    ],
    [
      'two servers whose ports share a name',
      'current',
      'Gateway',
      'gw',
      {
        servers: [
          { ...HTTPS, tls: { mode: 'PASSTHROUGH' } },
          { ...HTTPS, tls: { mode: 'PASSTHROUGH' } },
        ],
      },
      today('port names in servers must be unique: duplicate name https'),
    ],
  ])('%s', async (_title, istio, kind, name, spec, expected) => {
    expect(await refusal(istio, kind, name, spec)).toBe(expected);
  });
});

describe('is taken', () => {
  test.each<[string, IstioVersion, string, string, unknown]>([
    ['mutual TLS for a namespace', '1.0', 'Policy', 'default', { peers: [{ mtls: null }] }],
    [
      'a policy that switches mutual TLS off',
      '1.4',
      'Policy',
      'ratings',
      { targets: [{ name: 'ratings' }], peers: [] },
    ],
    ['an allow-nothing policy', 'current', 'AuthorizationPolicy', 'none', {}],
    ['a DENY of everything', 'current', 'AuthorizationPolicy', 'all', { action: 'DENY', rules: [{}] }],
    ['a delegate, which has no hosts', 'current', 'VirtualService', 'part', { http: [{ route: route(100) }] }],
    [
      'a single destination without a weight',
      '1.0',
      'VirtualService',
      'v',
      { hosts: ['v'], http: [{ route: route(0) }] },
    ],
    [
      'a redirection to https',
      'current',
      'Gateway',
      'gw',
      {
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'], tls: { httpsRedirect: true } }],
      },
    ],
  ])('%s', async (_title, istio, kind, name, spec) => {
    expect(await refusal(istio, kind, name, spec)).toBe(null);
  });
});

test.skipIf(!hasKubectl())('kubectl shows it without a reason, as of any webhook', async () => {
  const { url } = await serveCluster({ istio: '1.4' });
  const kubectl = createKubectl(url);
  const manifest =
    'apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: { name: gw }\nspec: { servers: [] }\n';

  const { stderr, exit } = await kubectl(['apply', '-f', '-'], manifest);

  expect({ stderr, exit }).toEqual({
    stderr: `Error from server: error when creating "STDIN": ${galley('gateway must have at least one server')}\n`,
    exit: 1,
  });
});

test.skipIf(!hasKubectl())(
  'a DENY of HTTP alone is told that it reaches TCP as well, and one with a port is not',
  async () => {
    const { url } = await serveCluster();
    const kubectl = createKubectl(url);
    const deny = (name: string, operation: string): string =>
      `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: ${name} }\nspec: { action: DENY, rules: [{ to: [{ operation: ${operation} }] }] }\n`;

    const wide = await kubectl(['apply', '-f', '-'], deny('wide', '{ paths: [/admin] }'));
    const narrow = await kubectl(['apply', '-f', '-'], deny('narrow', "{ paths: [/admin], ports: ['8080'] }"));

    expect(wide).toEqual({
      stdout: 'authorizationpolicy.security.istio.io/wide created\n',
      stderr:
        'Warning: configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port\n',
      exit: 0,
    });
    expect(narrow).toMatchObject({ stderr: '', exit: 0 });
  },
);
