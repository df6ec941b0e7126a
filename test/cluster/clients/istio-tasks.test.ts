import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasKubectl } from '../serve-cluster.ts';
import { createClientMachine, type ClientMachine } from './client-machine.ts';

/**
 * What people do in Istio's public tasks about security and traffic, with a real kubectl and today's Istio, and what
 * comes of it. The namespaces `foo` and `bar` have sidecars, `legacy` has none; `shop` is a bookstore.
 */

let machine: ClientMachine;
const applied: string[] = [];

async function run(command: string): Promise<string> {
  const { stdout, stderr, exit } = await machine.run(command);
  expect({ stderr, exit }, command).toEqual({ stderr: '', exit: 0 });
  return stdout;
}

/** `kubectl apply`, undone after the test. */
async function apply(...manifests: string[]): Promise<void> {
  const all = manifests.join('\n---\n');
  applied.push(all);
  const { stderr, exit } = await machine.run(`kubectl apply -f - <<'EOF'\n${all}\nEOF`);
  // Istio has warnings about some of the policies of its own tasks.
  const problems = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: configured Auth'));
  expect({ problems, exit }, all).toEqual({ problems: [], exit: 0 });
}

/** What a script prints in the pod `curl` of a namespace. */
async function inside(namespace: string, script: string): Promise<string> {
  return run(`kubectl exec -i -n ${namespace} deploy/curl -c curl -- sh <<'EOF'\n${script}\nEOF`);
}

/** Status codes by `curl`, each with its exit status if that is not 0, in one exec. */
async function codes(namespace: string, ...requests: string[]): Promise<string[]> {
  const line = (request: string): string =>
    `curl -s -m 10 -o /dev/null -w '%{http_code}' ${request} </dev/null; echo " $?"`;
  const printed = await inside(namespace, requests.map(line).join('\n'));
  return printed
    .trim()
    .split('\n')
    .map((text) => text.replace(/ 0$/, ''));
}

const get = (namespace: string, ...options: string[]): Promise<string> =>
  inside(namespace, `curl -s -m 10 ${options.join(' ')} </dev/null`);

const object =
  (kind: string, group: string) =>
  (path: string, spec: string): string => {
    const [namespace = '', name = ''] = path.split('/');
    return `apiVersion: ${group}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}`;
  };
const peers = object('PeerAuthentication', 'security.istio.io/v1');
const tokens = object('RequestAuthentication', 'security.istio.io/v1');
const authorization = object('AuthorizationPolicy', 'security.istio.io/v1');
const virtualService = object('VirtualService', 'networking.istio.io/v1');
const destinationRule = object('DestinationRule', 'networking.istio.io/v1');
const gateway = object('Gateway', 'networking.istio.io/v1');
const serviceEntry = object('ServiceEntry', 'networking.istio.io/v1');

const APP = (name: string): string => `selector: { matchLabels: { app: ${name} } }`;
const HTTPBIN = 'http://httpbin.foo:8000';

interface Workload {
  app: string;
  image: string;
  version?: string;
  port?: number;
  account?: string;
  rest?: string;
}

function deployment(namespace: string, { app, image, version = 'v1', account = app, rest = '' }: Workload): string {
  const name = version === 'v1' ? app : `${app}-${version}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${app}, version: ${version} } }
  template:
    metadata: { labels: { app: ${app}, version: ${version} } }
    spec:
      serviceAccountName: ${account}
      containers: [{ name: ${app}, image: '${image}'${rest} }]`;
}

function service(namespace: string, app: string, ports: string): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${app}, namespace: ${namespace} }
spec: { selector: { app: ${app} }, ports: [${ports}] }`;
}

const account = (namespace: string, name: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: ${namespace} }`;

const curlPod = (namespace: string): string[] => [
  account(namespace, 'curl'),
  deployment(namespace, { app: 'curl', image: 'curlimages/curl', rest: ", command: [/bin/sleep, '86400']" }),
];

const httpbin = (namespace: string): string[] => [
  account(namespace, 'httpbin'),
  service(namespace, 'httpbin', '{ name: http, port: 8000, targetPort: 80 }'),
  deployment(namespace, { app: 'httpbin', image: 'docker.io/kennethreitz/httpbin' }),
];

function bookstore(): string[] {
  const versions: Record<string, string[]> = {
    productpage: ['v1'],
    details: ['v1'],
    ratings: ['v1'],
    reviews: ['v1', 'v2', 'v3'],
  };
  return Object.entries(versions).flatMap(([app, all]) => [
    account('shop', `bookinfo-${app}`),
    service('shop', app, '{ name: http, port: 9080 }'),
    ...all.map((version) =>
      deployment('shop', {
        app,
        version,
        image: `docker.io/istio/examples-bookinfo-${app}-${version}:1.20.3`,
        account: `bookinfo-${app}`,
      }),
    ),
  ]);
}

const echo = (version: string, word: string): string =>
  deployment('foo', {
    app: 'tcp-echo',
    version,
    image: 'docker.io/istio/tcp-echo-server:1.3',
    account: 'default',
    rest: `, args: ['9000,9001,9002', ${word}]`,
  });

const REVIEWS = destinationRule(
  'shop/reviews',
  '{ host: reviews, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }, { name: v3, labels: { version: v3 } }] }',
);
const reviewsTo = (subset: string): string => `route: [{ destination: { host: reviews, subset: ${subset} } }]`;

test.runIf(!hasKubectl())('no kubectl to run Istio’s public tasks with: install one', (context) => {
  context.skip();
});

describe.skipIf(!hasKubectl())('Istio’s public tasks', () => {
  beforeAll(async () => {
    machine = await createClientMachine('/usr/bin/kubectl', { mesh: true });
    const namespaces = ['foo', 'bar', 'legacy', 'shop'].map(
      (name) =>
        `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}${name === 'legacy' ? '' : ', labels: { istio-injection: enabled }'} }`,
    );
    const all = [
      ...namespaces,
      ...['foo', 'bar', 'legacy'].flatMap((namespace) => [...curlPod(namespace), ...httpbin(namespace)]),
      service('foo', 'tcp-echo', '{ name: tcp, port: 9000 }, { name: tcp-other, port: 9001 }'),
      echo('v1', 'one'),
      echo('v2', 'two'),
      deployment('bar', { app: 'httpbin', version: 'v2', image: 'docker.io/kennethreitz/httpbin' }),
      deployment('foo', { app: 'fortio', image: 'fortio/fortio:latest_release', account: 'default' }),
      ...bookstore(),
      ...curlPod('shop'),
    ];
    await run(`kubectl apply -f - <<'EOF'\n${all.join('\n---\n')}\nEOF`);
    for (const namespace of ['foo', 'bar', 'legacy', 'shop', 'istio-system']) {
      await run(`kubectl wait -n ${namespace} --for=condition=Available deployment --all --timeout=60s`);
    }
  }, 90_000);
  afterAll(() => machine?.dispose());
  afterEach(async () => {
    const all = applied.splice(0).join('\n---\n');
    if (all !== '') await run(`kubectl delete --wait=false --ignore-not-found -f - <<'EOF'\n${all}\nEOF`);
  });

  describe('authentication between workloads', () => {
    /** Who of foo, bar and legacy reaches the httpbins of foo, bar and legacy, in this order. */
    async function grid(): Promise<string[]> {
      const all = ['foo', 'bar', 'legacy'];
      const rows = all.map((from) => codes(from, ...all.map((to) => `http://httpbin.${to}:8000/ip`)));
      return (await Promise.all(rows)).map((row) => row.join(', '));
    }
    const OPEN = '200, 200, 200';

    test('is mutual TLS where both sides have a sidecar, and nobody has to ask for it', async () => {
      expect(await grid()).toEqual([OPEN, OPEN, OPEN]);
      expect(await get('foo', `${HTTPBIN}/headers`)).toContain('spiffe://cluster.local/ns/foo/sa/curl');
      expect(await get('foo', 'http://httpbin.legacy:8000/headers')).not.toContain('X-Forwarded-Client-Cert');
      expect(await get('legacy', `${HTTPBIN}/headers`)).not.toContain('X-Forwarded-Client-Cert');
    });

    test('is demanded of one namespace, then of the whole mesh', async () => {
      await apply(peers('foo/default', '{ mtls: { mode: STRICT } }'));
      expect(await grid()).toEqual([OPEN, OPEN, '000 56, 200, 200']);
      await apply(peers('istio-system/default', '{ mtls: { mode: STRICT } }'));
      expect(await grid()).toEqual([OPEN, OPEN, '000 56, 000 56, 200']);
    });

    test('is demanded of one workload, but not of one of its ports', async () => {
      await apply(peers('bar/httpbin', `{ ${APP('httpbin')}, mtls: { mode: STRICT } }`));
      expect(await grid()).toEqual([OPEN, OPEN, '200, 000 56, 200']);
      await apply(
        peers('bar/httpbin', `{ ${APP('httpbin')}, mtls: { mode: STRICT }, portLevelMtls: { 80: { mode: DISABLE } } }`),
      );
      expect(await grid()).toEqual([OPEN, OPEN, OPEN]);
    });

    test('follows the policy of the workload before that of its namespace', async () => {
      await apply(
        peers('foo/default', '{ mtls: { mode: STRICT } }'),
        peers('foo/overwrite', `{ ${APP('httpbin')}, mtls: { mode: DISABLE } }`),
      );
      expect(await grid()).toEqual([OPEN, OPEN, OPEN]);
      // A client that insists on mutual TLS has nobody to talk it with.
      await apply(
        destinationRule(
          'foo/overwrite',
          '{ host: httpbin.foo.svc.cluster.local, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }',
        ),
      );
      expect(await codes('foo', `${HTTPBIN}/ip`)).toEqual(['503']);
    });
  });

  describe('requests with a token', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    function token(claims: Record<string, unknown>): string {
      const text = `${base64({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${base64({ iss: 'tester', sub: 'tester', exp: 4_685_989_700, ...claims })}`;
      return `${text}.${sign('sha256', Buffer.from(text), pair.privateKey).toString('base64url')}`;
    }
    const jwks = JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' }] });
    const bearer = (text: string): string => `-H 'Authorization: Bearer ${text}'`;
    const requestAuthentication = (path: string, selector: string): string =>
      tokens(path, `{ ${selector}, jwtRules: [{ issuer: tester, jwks: '${jwks}' }] }`);

    test('are judged at the ingress gateway: bad tokens first, then those that have none', async () => {
      const selector = 'selector: { matchLabels: { istio: ingressgateway } }';
      const ingress = 'http://istio-ingressgateway.istio-system';
      await apply(
        gateway(
          'foo/gateway',
          "{ selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }",
        ),
        virtualService(
          'foo/httpbin',
          "{ hosts: ['*'], gateways: [gateway], http: [{ route: [{ destination: { host: httpbin, port: { number: 8000 } } }] }] }",
        ),
        requestAuthentication('istio-system/jwt', selector),
      );
      const good = bearer(token({}));
      const three = [`${ingress}/headers`, `${bearer('deadbeef')} ${ingress}/headers`, `${good} ${ingress}/headers`];
      expect(await codes('legacy', ...three)).toEqual(['200', '401', '200']);
      expect(await get('legacy', bearer('deadbeef'), `${ingress}/headers`)).toBe(
        'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
      );
      expect(await codes('legacy', `${bearer(token({ exp: 1 }))} ${ingress}/headers`)).toEqual(['401']);

      const from = "from: [{ source: { notRequestPrincipals: ['*'] } }]";
      await apply(authorization('istio-system/jwt', `{ ${selector}, action: DENY, rules: [{ ${from} }] }`));
      expect(await codes('legacy', ...three)).toEqual(['403', '401', '200']);

      const to = 'to: [{ operation: { paths: [/headers] } }]';
      await apply(authorization('istio-system/jwt', `{ ${selector}, action: DENY, rules: [{ ${from}, ${to} }] }`));
      expect(await codes('legacy', ...three, `${ingress}/ip`)).toEqual(['403', '401', '200', '200']);
    });

    test('are let in by who signed them, and by what they claim', async () => {
      await apply(requestAuthentication('foo/jwt', APP('httpbin')));
      const plain = bearer(token({}));
      const grouped = bearer(token({ groups: ['group1', 'group2'] }));
      const three = [`${HTTPBIN}/headers`, `${plain} ${HTTPBIN}/headers`, `${grouped} ${HTTPBIN}/headers`];
      expect(await codes('foo', `${bearer('invalidToken')} ${HTTPBIN}/headers`, ...three)).toEqual([
        '401',
        '200',
        '200',
        '200',
      ]);

      const principals = 'from: [{ source: { requestPrincipals: [tester/tester] } }]';
      await apply(authorization('foo/require-jwt', `{ ${APP('httpbin')}, action: ALLOW, rules: [{ ${principals} }] }`));
      expect(await codes('foo', ...three)).toEqual(['403', '200', '200']);

      const when = "when: [{ key: 'request.auth.claims[groups]', values: [group1] }]";
      await apply(
        authorization('foo/require-jwt', `{ ${APP('httpbin')}, action: ALLOW, rules: [{ ${principals}, ${when} }] }`),
      );
      expect(await codes('foo', ...three)).toEqual(['403', '403', '200']);
    });
  });

  describe('authorization', () => {
    test('opens the bookstore from nothing, one caller at a time', async () => {
      const page = 'http://productpage:9080/productpage';
      const viewer = (app: string, from: string): string =>
        authorization(
          `shop/${app}-viewer`,
          `{ ${APP(app)}, action: ALLOW, rules: [{ ${from}to: [{ operation: { methods: [GET] } }] }] }`,
        );
      const by = (caller: string): string =>
        `from: [{ source: { principals: [cluster.local/ns/shop/sa/bookinfo-${caller}] } }], `;
      const missing = async (): Promise<string[]> =>
        (await get('shop', page)).match(/Error fetching product \w+|Ratings service is currently unavailable/g) ?? [];
      await apply(REVIEWS, virtualService('shop/reviews', `{ hosts: [reviews], http: [{ ${reviewsTo('v3')} }] }`));
      expect(await missing()).toEqual([]);

      await apply(authorization('shop/allow-nothing', '{}'));
      expect(await get('shop', page)).toBe('RBAC: access denied');
      await apply(viewer('productpage', ''));
      expect(await codes('shop', page, `-X POST ${page}`)).toEqual(['200', '403']);
      expect(await missing()).toEqual(['Error fetching product details', 'Error fetching product reviews']);
      await apply(viewer('details', by('productpage')), viewer('reviews', by('productpage')));
      expect(new Set(await missing())).toEqual(new Set(['Ratings service is currently unavailable']));
      await apply(viewer('ratings', by('reviews')));
      expect(await missing()).toEqual([]);
      expect(await codes('shop', 'http://ratings:9080/ratings/0', 'http://reviews:9080/reviews/0')).toEqual([
        '403',
        '403',
      ]);
    });

    test('denies before it allows', async () => {
      const as = (who: string): string => `-H 'x-token: ${who}'`;
      const rule =
        "to: [{ operation: { methods: [GET] } }], when: [{ key: 'request.headers[x-token]', notValues: [admin] }]";
      await apply(authorization('foo/deny', `{ ${APP('httpbin')}, action: DENY, rules: [{ ${rule} }] }`));
      const four = [
        `${as('admin')} ${HTTPBIN}/get`,
        `${as('guest')} ${HTTPBIN}/get`,
        `${as('guest')} ${HTTPBIN}/ip`,
        `${as('admin')} ${HTTPBIN}/ip`,
      ];
      expect(await codes('foo', ...four, `-X POST ${HTTPBIN}/post`)).toEqual(['200', '403', '403', '200', '200']);

      const path = 'to: [{ operation: { paths: [/ip] } }]';
      await apply(authorization('foo/allow-path-ip', `{ ${APP('httpbin')}, action: ALLOW, rules: [{ ${path} }] }`));
      expect(await codes('foo', ...four)).toEqual(['403', '403', '403', '200']);
    });

    test('of bytes knows ports, and takes no word about methods', async () => {
      const ports = async (): Promise<string[]> =>
        (
          await inside(
            'foo',
            'for p in 9000 9001; do echo "port $p" | nc tcp-echo $p | grep "port $p" || echo rejected; done',
          )
        )
          .trim()
          .split('\n')
          .map((line) => line.replace(/^(one|two)/, 'hello'));
      const policy = (action: string, ...operations: string[]): Promise<void> =>
        apply(
          authorization(
            'foo/tcp-policy',
            `{ ${APP('tcp-echo')}, action: ${action}, rules: [${operations.map((one) => `{ to: [{ operation: { ${one} } }] }`).join(', ')}] }`,
          ),
        );
      const both = ['hello port 9000', 'hello port 9001'];
      expect(await ports()).toEqual(both);
      await policy('ALLOW', "ports: ['9000', '9001']");
      expect(await ports()).toEqual(both);
      await policy('ALLOW', "ports: ['9001']");
      expect(await ports()).toEqual(['rejected', 'hello port 9001']);
      // A rule that asks for a method can match no connection, so nothing is allowed.
      await policy('ALLOW', "methods: [GET], ports: ['9000']");
      expect(await ports()).toEqual(['rejected', 'rejected']);
      // In a DENY the method is not asked for, so the port alone decides.
      await policy('DENY', "methods: [GET], ports: ['9000']");
      expect(await ports()).toEqual(['rejected', 'hello port 9001']);
    });

    test('at the ingress gateway goes by the address of the client', async () => {
      const selector = 'selector: { matchLabels: { app: istio-ingressgateway } }';
      const url = 'http://istio-ingressgateway.istio-system/ip';
      const ip = await run("kubectl get pod -n legacy -l app=curl -o jsonpath='{.items[0].status.podIP}'");
      await apply(
        gateway(
          'foo/gateway',
          "{ selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }] }",
        ),
        virtualService(
          'foo/httpbin',
          "{ hosts: ['*'], gateways: [gateway], http: [{ route: [{ destination: { host: httpbin, port: { number: 8000 } } }] }] }",
        ),
      );
      const policy = (action: string, blocks: string): Promise<void> =>
        apply(
          authorization(
            'istio-system/ingress-policy',
            `{ ${selector}, action: ${action}, rules: [{ from: [{ source: { ipBlocks: [${blocks}] } }] }] }`,
          ),
        );
      await policy('ALLOW', '1.2.3.4, 5.6.7.0/24');
      expect(await codes('legacy', url)).toEqual(['403']);
      await policy('ALLOW', `1.2.3.4, 5.6.7.0/24, ${ip}`);
      expect(await codes('legacy', url)).toEqual(['200']);
      await policy('DENY', `${ip}/32`);
      expect(await codes('legacy', url)).toEqual(['403']);
    });
  });

  describe('requests are routed', () => {
    /** How many of a number of requests each version of reviews answers, by the color of its stars. */
    async function share(count: number, options = ''): Promise<Record<string, number>> {
      const line = `curl -s ${options} http://reviews:9080/reviews/0 </dev/null; echo`;
      const printed = await inside('shop', `for i in $(seq ${count}); do ${line}; done`);
      const shares: Record<string, number> = { v1: 0, v2: 0, v3: 0 };
      for (const answer of printed.trim().split('\n')) {
        const version = answer.includes('"red"') ? 'v3' : answer.includes('"black"') ? 'v2' : 'v1';
        shares[version] = (shares[version] ?? 0) + 1;
      }
      return shares;
    }

    test('to one version, and by user to another', async () => {
      await apply(REVIEWS, virtualService('shop/reviews', `{ hosts: [reviews], http: [{ ${reviewsTo('v1')} }] }`));
      expect(await share(8)).toEqual({ v1: 8, v2: 0, v3: 0 });

      const jason = `{ match: [{ headers: { end-user: { exact: jason } } }], ${reviewsTo('v2')} }`;
      await apply(virtualService('shop/reviews', `{ hosts: [reviews], http: [${jason}, { ${reviewsTo('v1')} }] }`));
      expect(await share(4, '-H end-user:jason')).toEqual({ v1: 0, v2: 4, v3: 0 });
      expect(await share(4, '-H end-user:ann')).toEqual({ v1: 4, v2: 0, v3: 0 });
      const answer = await get('shop', "-i -d 'username=jason&passwd=x'", 'http://productpage:9080/login');
      const cookie = /^set-cookie: ([^;]+)/im.exec(answer)?.[1] ?? '';
      const page = await get('shop', `-b '${cookie}'`, 'http://productpage:9080/productpage');
      expect(page).toContain('glyphicon-star');
      expect(await get('shop', 'http://productpage:9080/productpage')).not.toContain('glyphicon-star');
    });

    test('by weight', async () => {
      const weighted = '{ destination: { host: reviews, subset: v1 }, weight: 50 }';
      const other = '{ destination: { host: reviews, subset: v3 }, weight: 50 }';
      await apply(
        REVIEWS,
        virtualService('shop/reviews', `{ hosts: [reviews], http: [{ route: [${weighted}, ${other}] }] }`),
      );

      const { v1 = 0, v2, v3 = 0 } = await share(200);

      // Five standard deviations.
      expect({ total: v1 + v3, v2 }).toEqual({ total: 200, v2: 0 });
      expect(v3).toBeGreaterThan(64);
      expect(v3).toBeLessThan(136);
    });

    test('with a delay or an error for one user', async () => {
      const url = 'http://ratings:9080/ratings/0';
      const fault = (text: string): Promise<void> =>
        apply(
          virtualService(
            'shop/ratings',
            `{ hosts: [ratings], http: [{ fault: { ${text} }, match: [{ headers: { end-user: { exact: jason } } }], route: [{ destination: { host: ratings } }] }, { route: [{ destination: { host: ratings } }] }] }`,
          ),
        );
      await fault('delay: { percentage: { value: 100 }, fixedDelay: 1s }');
      const time = `curl -s -o /dev/null -w '%{http_code} %{time_total}\\n'`;
      const printed = await inside('shop', `${time} -H end-user:jason ${url} </dev/null\n${time} ${url} </dev/null`);
      const [jason = [], others = []] = printed
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
      expect([jason[0], others[0]]).toEqual([200, 200]);
      expect(jason[1]).toBeGreaterThanOrEqual(1);
      expect(others[1]).toBeLessThan(jason[1] ?? 0);

      await fault('abort: { percentage: { value: 100 }, httpStatus: 500 }');
      expect(await codes('shop', `-H end-user:jason ${url}`, url)).toEqual(['500', '200']);
      expect(await get('shop', '-H end-user:jason', url)).toBe('fault filter abort');
      await apply(REVIEWS, virtualService('shop/reviews', `{ hosts: [reviews], http: [{ ${reviewsTo('v2')} }] }`));
      const reviews = 'http://reviews:9080/reviews/0';
      expect(await get('shop', '-H end-user:jason', reviews)).toContain('Ratings service is currently unavailable');
      expect(await get('shop', reviews)).toContain('"stars": 5');
    });

    test('within a time', async () => {
      await apply(
        REVIEWS,
        virtualService('shop/reviews', `{ hosts: [reviews], http: [{ ${reviewsTo('v2')}, timeout: 0.3s }] }`),
        virtualService(
          'shop/ratings',
          '{ hosts: [ratings], http: [{ fault: { delay: { percent: 100, fixedDelay: 1s } }, route: [{ destination: { host: ratings } }] }] }',
        ),
      );

      expect(await get('shop', '-w "  %{http_code}"', 'http://reviews:9080/reviews/0')).toBe(
        'upstream request timeout  504',
      );
      expect(await get('shop', 'http://productpage:9080/productpage')).toContain(
        'Sorry, product reviews are currently unavailable for this book.',
      );
    });

    test('with a copy for a version under test, whose answers nobody sees', async () => {
      const url = 'http://httpbin.bar:8000/status/418';
      await apply(
        destinationRule(
          'bar/httpbin',
          '{ host: httpbin, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }',
        ),
        virtualService(
          'bar/httpbin',
          '{ hosts: [httpbin], http: [{ route: [{ destination: { host: httpbin, subset: v1 } }], mirror: { host: httpbin, subset: v2 }, mirrorPercentage: { value: 100 } }] }',
        ),
      );
      const count = async (name: string, host: string): Promise<number> =>
        (await run(`kubectl logs -n bar deploy/${name} -c istio-proxy`))
          .split('\n')
          .filter((line) => line.includes('"GET /status/418 HTTP/1.1" 418') && line.includes(`"${host}"`)).length;
      expect(await codes('bar', url, url, url)).toEqual(['418', '418', '418']);

      await expect.poll(() => count('httpbin-v2', 'httpbin.bar-shadow:8000')).toBe(3);
      expect(await count('httpbin', 'httpbin.bar:8000')).toBe(3);
    });

    test('as bytes, by weight', async () => {
      await apply(
        destinationRule(
          'foo/tcp-echo',
          '{ host: tcp-echo, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }',
        ),
      );
      const routes = (text: string): Promise<void> =>
        apply(
          virtualService('foo/tcp-echo', `{ hosts: [tcp-echo], tcp: [{ match: [{ port: 9000 }], route: [${text}] }] }`),
        );
      const to = (subset: string): string =>
        `destination: { host: tcp-echo, port: { number: 9000 }, subset: ${subset} }`;
      const words = async (count: number): Promise<{ one: number; two: number }> => {
        const printed = await inside('foo', `for i in $(seq ${count}); do echo hi | nc tcp-echo 9000; done`);
        return { one: printed.split('one hi').length - 1, two: printed.split('two hi').length - 1 };
      };
      await routes(`{ ${to('v1')} }`);
      expect(await words(10)).toEqual({ one: 10, two: 0 });
      await routes(`{ ${to('v1')}, weight: 80 }, { ${to('v2')}, weight: 20 }`);

      const { one, two } = await words(60);

      expect(one + two).toBe(60);
      // Twelve are expected; none, or half, would come about once in a million times.
      expect(two).toBeGreaterThan(0);
      expect(two).toBeLessThan(30);
    });
  });

  test('a circuit breaker refuses what goes beyond one connection', async () => {
    await apply(
      destinationRule(
        'foo/httpbin',
        '{ host: httpbin, trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 1 } } } }',
      ),
    );
    const load = async (connections: number, path = '/delay/0.02'): Promise<Map<string, number>> => {
      const { stdout } = await machine.run(
        `kubectl exec -n foo deploy/fortio -c fortio -- /usr/bin/fortio load -c ${connections} -qps 0 -n 40 -loglevel Warning http://httpbin:8000${path}`,
      );
      return new Map(
        [...stdout.matchAll(/^Code (\d+) : (\d+)/gm)].map(([, code = '', count]) => [code, Number(count)]),
      );
    };
    const total = (found: Map<string, number>): number => (found.get('200') ?? 0) + (found.get('503') ?? 0);

    expect(await load(1)).toEqual(new Map([['200', 40]]));
    // The task's words of two callers: almost all requests get through.
    const two = await load(2, '/get');
    expect(two.get('200')).toBeGreaterThan(20);
    const three = await load(4);
    expect(total(three)).toBe(40);
    expect(three.get('200')).toBeGreaterThan(0);
    expect(three.get('503')).toBeGreaterThan(0);
    const log = (): Promise<string> => run('kubectl logs -n foo deploy/fortio -c istio-proxy');
    await expect
      .poll(async () => (await log()).split(' 503 UO ').length - 1)
      .toBe((two.get('503') ?? 0) + (three.get('503') ?? 0));
  });

  test('an ingress gateway serves the hosts and paths it was told, and no others', async () => {
    await apply(
      gateway(
        'foo/gateway',
        '{ selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [httpbin.example.com] }] }',
      ),
      virtualService(
        'foo/httpbin',
        '{ hosts: [httpbin.example.com], gateways: [gateway], http: [{ match: [{ uri: { prefix: /status } }, { uri: { prefix: /delay } }], route: [{ destination: { port: { number: 8000 }, host: httpbin } }] }] }',
      ),
    );
    const url = 'http://istio-ingressgateway.istio-system';
    const as = (host: string, path: string): string => `-H 'Host: ${host}' ${url}${path}`;

    expect(
      await codes(
        'legacy',
        as('httpbin.example.com', '/status/200'),
        as('httpbin.example.com', '/delay/0'),
        as('httpbin.example.com', '/headers'),
        as('other.example.com', '/status/200'),
      ),
    ).toEqual(['200', '200', '404', '404']);
    expect(await inside('legacy', `curl -sI ${as('httpbin.example.com', '/status/200')} </dev/null`)).toMatch(
      /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*server: istio-envoy\r\n/i,
    );
  });

  describe('traffic to the outside by the egress gateway', () => {
    const EGRESS = 'istio-egressgateway.istio-system.svc.cluster.local';
    const logged = async (): Promise<string> =>
      run('kubectl logs -l istio=egressgateway -c istio-proxy -n istio-system --tail=1');
    const outside = (): string =>
      serviceEntry(
        'foo/cnn',
        `{ hosts: [edition.cnn.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{ number: 80, name: http-port, protocol: HTTP }, { number: 443, name: https, protocol: HTTPS }], endpoints: [{ address: httpbin.legacy.svc.cluster.local, ports: { http-port: 8000 } }] }`,
      );
    const routes = (port: number): string =>
      virtualService(
        'foo/direct-cnn-through-egress-gateway',
        `{ hosts: [edition.cnn.com], gateways: [istio-egressgateway, mesh], http: [
            { match: [{ gateways: [mesh], port: 80 }], route: [{ destination: { host: ${EGRESS}, subset: cnn, port: { number: ${port} } }, weight: 100 }] },
            { match: [{ gateways: [istio-egressgateway], port: ${port} }], route: [{ destination: { host: edition.cnn.com, port: { number: 80 } }, weight: 100 }] }] }`,
      );
    const toCnn = 'http://edition.cnn.com/status/204';

    test('goes directly until routes lead there', async () => {
      await apply(outside());
      expect(await codes('foo', toCnn)).toEqual(['204']);
      await apply(
        gateway(
          'foo/istio-egressgateway',
          '{ selector: { istio: egressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [edition.cnn.com] }] }',
        ),
        destinationRule('foo/egressgateway-for-cnn', `{ host: ${EGRESS}, subsets: [{ name: cnn }] }`),
        routes(80),
      );
      expect(await codes('foo', toCnn)).toEqual(['204']);
      await expect
        .poll(logged)
        .toMatch(/"GET \/status\/204 HTTP\/1\.1" 204 .* "edition\.cnn\.com" .* outbound\|80\|\|edition\.cnn\.com /);
    });

    test('may be secured on its way to the gateway, which knows who calls', async () => {
      await apply(
        outside(),
        gateway(
          'foo/istio-egressgateway',
          '{ selector: { istio: egressgateway }, servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: [edition.cnn.com], tls: { mode: ISTIO_MUTUAL } }] }',
        ),
        destinationRule(
          'foo/egressgateway-for-cnn',
          `{ host: ${EGRESS}, subsets: [{ name: cnn, trafficPolicy: { portLevelSettings: [{ port: { number: 443 }, tls: { mode: ISTIO_MUTUAL, sni: edition.cnn.com } }] } }] }`,
        ),
        routes(443),
      );
      expect(await codes('foo', toCnn)).toEqual(['204']);
      await apply(
        authorization(
          'istio-system/egress',
          '{ selector: { matchLabels: { istio: egressgateway } }, rules: [{ from: [{ source: { principals: [cluster.local/ns/foo/sa/curl] } }] }] }',
        ),
      );
      expect(await codes('foo', toCnn)).toEqual(['204']);
      await apply(
        authorization(
          'istio-system/egress',
          '{ selector: { matchLabels: { istio: egressgateway } }, rules: [{ from: [{ source: { namespaces: [bar] } }] }] }',
        ),
      );
      expect(await codes('foo', toCnn)).toEqual(['403']);
    });
  });

  test('a mesh that knows its registry only calls outside by a ServiceEntry', async () => {
    const ip = await run("kubectl get pod -n legacy -l app=httpbin -o jsonpath='{.items[0].status.podIP}'");
    const outside = [`-H 'Host: api.example.com' http://${ip}/ip`, 'http://api.example.com/ip'];
    expect(await codes('foo', ...outside)).toEqual(['200', '000 6']);
    const settings = 'kubectl get configmap istio -n istio-system -o yaml';
    const policy = '    outboundTrafficPolicy:\\n      mode: REGISTRY_ONLY\\n';
    await run(`${settings} | sed 's/^    trustDomain:/${policy}&/' | kubectl replace -n istio-system -f -`);
    expect(await codes('foo', ...outside)).toEqual(['502', '000 6']);
    await apply(
      serviceEntry(
        'foo/api',
        `{ hosts: [api.example.com], location: MESH_EXTERNAL, resolution: STATIC, ports: [{ number: 80, name: http, protocol: HTTP }], endpoints: [{ address: ${ip} }] }`,
      ),
    );
    expect(await codes('foo', ...outside)).toEqual(['200', '200']);
    await run(`${settings} | sed '/outboundTrafficPolicy:/,+1d' | kubectl replace -n istio-system -f -`);
  });
});
