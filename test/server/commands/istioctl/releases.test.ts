import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cells, createBench, mask, type Bench } from './bench.ts';

const SHOP = readFileSync(new URL('shop.yaml', import.meta.url), 'utf8');
const HOST = 'web.shop.svc.cluster.local';
const HEADER = ['HOST:PORT', 'STATUS', 'SERVER', 'CLIENT', 'AUTHN POLICY', 'DESTINATION RULE'];

const STRICT = `
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: { name: default, namespace: shop }
spec: { peers: [{ mtls: {} }] }
`;
const OFF = `
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: { name: off, namespace: shop }
spec: { targets: [{ name: web }], peers: [] }
`;
const MUTUAL = `
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web
  trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }
  subsets: [{ name: v1, labels: { version: v1 } }]
`;
const PLAIN = MUTUAL.replace('ISTIO_MUTUAL', 'DISABLE');

/** A bench of one release for the tests of a block. */
function useBench(...options: Parameters<typeof createBench>): { current: Bench } {
  const holder = {} as { current: Bench };
  beforeAll(async () => {
    holder.current = await createBench(...options);
    await holder.current.apply(SHOP);
  });
  afterAll(() => holder.current.dispose());
  return holder;
}

async function run(bench: Bench, line: string): Promise<string> {
  const { exit, stdout, stderr } = await bench.istioctl(line.split(' '));
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return stdout;
}

describe('istioctl 1.0', () => {
  const bench = useBench('1.0', true);

  it('prints its version in lines, and those of the cluster not at all', async () => {
    expect(await run(bench.current, 'version')).toMatch(/^Version: 1\.0\.5\nGitRevision: unknown\nUser: unknown\n/);
    expect(await run(bench.current, 'version --short')).toBe('1.0.5\n');
  });

  it('compares servers with clients for a service alone', async () => {
    const check = () => run(bench.current, `authn tls-check ${HOST}`);
    const line = (status: string, client: string, rule: string) =>
      cells(`${HOST}:8000  ${status}  mTLS  ${client}  default/  ${rule}`)[0];

    // A PERMISSIVE server takes what it gets; the table does not know that.
    expect(cells(await check())).toEqual([HEADER, line('CONFLICT', 'HTTP', '-')]);
    await bench.current.apply(MUTUAL);
    expect(await check()).toBe(
      'HOST:PORT                           STATUS     SERVER     CLIENT     AUTHN POLICY     DESTINATION RULE\n' +
        'web.shop.svc.cluster.local:8000     OK         mTLS       mTLS       default/         web/shop\n',
    );
    await bench.current.apply(OFF);
    expect(cells(await check())[1]).toEqual([`${HOST}:8000`, 'CONFLICT', 'HTTP', 'mTLS', 'off/shop', 'web/shop']);
    await bench.current.apply(PLAIN);
    expect(cells(await check())[1]).toEqual([`${HOST}:8000`, 'OK', 'HTTP', 'HTTP', 'off/shop', 'web/shop']);
  });

  it('prints the header alone for a service that is not there, and all services by name', async () => {
    expect(cells(await run(bench.current, 'authn tls-check nowhere'))).toEqual([HEADER]);
    const hosts = cells(await run(bench.current, 'authn tls-check'))
      .slice(1)
      .map(([host = '']) => host.split(':')[0] ?? '');
    expect(hosts).toContain('kubernetes.default.svc.cluster.local');
    expect(hosts).toEqual([...hosts].sort());
  });

  it('lists proxies with Pilot and how much they know of endpoints', async () => {
    expect(mask(await run(bench.current, 'proxy-status'))).toMatch(
      /^NAME +CDS +LDS +EDS +RDS +PILOT +VERSION\n(.*\n)*web-RS-ID\.shop +SYNCED +SYNCED +SYNCED \(100%\) +SYNCED +istio-pilot-RS-ID +1\.0\.5\n$/,
    );
  });

  it('shows a listener of its own for each port of the pod', async () => {
    const pod = bench.current.pod('shop', 'app=web');
    const table = cells(mask(await run(bench.current, `proxy-config listeners ${pod}.shop`)));

    expect(table[0]).toEqual(['ADDRESS', 'PORT', 'TYPE']);
    expect(table).toContainEqual(['POD_IP', '80', 'HTTP']);
    expect(table.some(([, port]) => port === '15006')).toBe(false);
    expect(await run(bench.current, `pc routes ${pod}.shop`)).toMatch(
      /^NOTE: This output only contains routes loaded via RDS\.\nNAME +VIRTUAL HOSTS\n/,
    );
    expect(cells(await run(bench.current, `pc clusters ${pod}.shop`))).toContainEqual([
      HOST,
      '8000',
      'http',
      'inbound',
      'STATIC',
    ]);
  });

  it('knows no commands of later releases and fails with 255', async () => {
    expect(await bench.current.istioctl(['analyze'])).toEqual({
      exit: 255,
      stdout: '',
      stderr: `Error: unknown command "analyze" for "istioctl"\nRun 'istioctl --help' for usage.\n`,
    });
    expect(await bench.current.istioctl(['authn', 'tls-check', 'a', 'b'])).toMatchObject({
      exit: 255,
      stderr: 'Error: accepts at most 1 arg(s), received 2\n',
    });
  });

  it('makes, lists and removes objects, which kubectl does in later releases', async () => {
    const told = async (line: string, stdin = '') => {
      const outcome = await bench.current.istioctl(line.split(' '), { stdin });
      const [notice = '', ...rest] = outcome.stderr.split('\n');
      const verb = /^Command "(\w+)" is deprecated, Use `kubectl \1` instead /.exec(notice)?.[1];
      return { verb, exit: outcome.exit, stdout: outcome.stdout, stderr: rest.join('\n').replace(/revision \d+/, 'N') };
    };
    const route = (host: string) => `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: way, namespace: shop }
spec: { hosts: [${host}], http: [{ route: [{ destination: { host: web } }] }] }
`;
    const table =
      'VIRTUAL-SERVICE NAME   GATEWAYS   HOSTS     #HTTP     #TCP      NAMESPACE   AGE\n' +
      'way                               web           1        0      shop        Ns\n';

    expect(await told('create -f -', route('web'))).toEqual({
      verb: 'create',
      exit: 0,
      stdout: '',
      stderr: 'Created config virtual-service/shop/way at N\n',
    });
    expect(await told('create -f -', route('web'))).toMatchObject({
      exit: 255,
      stderr: 'Error: virtualservices.networking.istio.io "way" already exists\n',
    });
    expect((await told('get virtualservices -n shop')).stdout.replace(/\d+s\n$/, 'Ns\n')).toBe(table);
    expect((await told('get virtualservice way -n shop -o yaml')).stdout).toContain('  hosts:\n  - web\n');
    expect(await told('delete virtualservice way -n shop')).toMatchObject({
      verb: 'delete',
      exit: 0,
      stderr: 'Deleted config: virtualservice way\n',
    });
    expect(await told('get virtualservices -n shop')).toEqual({
      verb: 'get',
      exit: 0,
      stdout: '',
      stderr: 'No resources found.\n',
    });
    expect(await told('create -f -', 'kind: Pod\napiVersion: v1\nmetadata: { name: a }\n')).toMatchObject({
      exit: 255,
      stderr: expect.stringContaining('* kind Pod is not known\n'),
    });
  });

  it.each([
    ['create', 'create takes no arguments'],
    ['replace', 'replace takes no arguments'],
    ['delete', 'delete takes no arguments when the file option is used'],
  ])('%s of a file takes nothing besides', async (verb, problem) => {
    expect(await bench.current.istioctl([verb, 'way', '-f', '-'])).toMatchObject({
      exit: 255,
      stderr: expect.stringMatching(`^Command .* is deprecated, [^]*Usage:\\n[^]*Error: ${problem}\\n$`),
    });
  });

  it('injects what needs no label of a namespace', async () => {
    const manifest =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: extra, namespace: default }\nspec: { containers: [{ name: extra, image: nginx }] }\n';
    const { exit, stdout } = await bench.current.istioctl(['kube-inject', '-f', '-'], { stdin: manifest });

    expect(exit).toBe(0);
    expect(stdout).toContain('image: docker.io/istio/proxyv2:1.0.5\n');
    await bench.current.apply(stdout);
    const table = cells(await run(bench.current, 'proxy-status'));
    expect(table.map(([name]) => name)).toContain('extra.default');
  });
});

describe('istioctl of Maistra 0.10', () => {
  const bench = useBench('1.1', true);

  it('asks for a pod, and tells of servers that take both', async () => {
    const pod = bench.current.pod('shop', 'app=web');
    const check = async () => cells(await run(bench.current, `authn tls-check ${pod}.shop ${HOST}`))[1];

    expect(await bench.current.istioctl(['authn', 'tls-check'])).toMatchObject({
      exit: 255,
      stderr: 'Error: tls-check requires pod name\n',
    });
    // Maistra is installed with mutual TLS for the whole mesh.
    expect(await check()).toEqual([`${HOST}:8000`, 'OK', 'mTLS', 'mTLS', 'default/', 'default/istio-system']);
    await bench.current.apply(STRICT.replace('mtls: {}', 'mtls: { mode: PERMISSIVE }'));
    await bench.current.apply(PLAIN);
    expect(await check()).toEqual([`${HOST}:8000`, 'OK', 'HTTP/mTLS', 'HTTP', 'default/shop', 'web/shop']);
    await bench.current.apply(STRICT);
    expect(await check()).toEqual([`${HOST}:8000`, 'CONFLICT', 'mTLS', 'HTTP', 'default/shop', 'web/shop']);
  });

  it('injects a manifest without the annotation that pods need there', async () => {
    const manifest =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: extra }\nspec: { containers: [{ name: extra, image: nginx }] }\n';
    const { stdout } = await bench.current.istioctl(['kube-inject', '-f', '-'], { stdin: manifest });

    expect(stdout).toContain('    name: istio-proxy\n');
  });

  it('prints its version as Go does', async () => {
    expect(await run(bench.current, 'version')).toMatch(/^version\.BuildInfo\{Version:"1\.1\.0", /);
  });
});

describe('istioctl 1.4', () => {
  const bench = useBench('1.4');

  it('prints the versions of all three', async () => {
    expect(await run(bench.current, 'version')).toBe(
      'client version: 1.4.10\ncontrol plane version: 1.4.10\ndata plane version: 1.4.10 (3 proxies)\n',
    );
  });

  it('compares modes, subset by subset, and describes what that means for a pod', async () => {
    const pod = bench.current.pod('shop', 'app=web');
    const check = async () => cells(await run(bench.current, `authn tls-check ${pod}.shop ${HOST}`)).slice(1);
    const described = async () =>
      (await run(bench.current, `x describe pod ${pod} -n shop`))
        .split('\n')
        .filter((line) => /Pod is|TLS C|Check/.test(line));

    expect(await check()).toEqual([[`${HOST}:8000`, 'OK', 'PERMISSIVE', '-', '/default', '-']]);
    expect(await described()).toEqual(['Pod is PERMISSIVE, client protocol unspecified']);

    await bench.current.apply(STRICT);
    await bench.current.apply(MUTUAL);
    expect(await check()).toEqual([
      [`${HOST}:8000`, 'OK', 'STRICT', 'ISTIO_MUTUAL', 'shop/default', 'shop/web'],
      [`${HOST}|v1:8000`, 'OK', 'STRICT', 'ISTIO_MUTUAL', 'shop/default', 'shop/web'],
    ]);
    expect(await described()).toEqual(['Pod is STRICT and clients are ISTIO_MUTUAL']);

    await bench.current.apply(PLAIN);
    expect(await check()).toContainEqual([`${HOST}:8000`, 'CONFLICT', 'STRICT', 'DISABLE', 'shop/default', 'shop/web']);
    expect(await described()).toEqual([
      `WARNING TLS Conflict on ${pod} port 8000 (pod enforces mTLS, clients speak HTTP)`,
      '  Check DestinationRule shop/web and AuthenticationPolicy shop/default',
    ]);
  });

  it('tells of each filter chain what it asks of clients', async () => {
    const [checked, header, ...rows] = (
      await run(bench.current, `x authz check ${bench.current.pod('shop', 'app=web')}.shop`)
    ).split('\n');

    expect(mask(checked ?? '')).toMatch(/^Checked \d+\/\d+ listeners with node IP POD_IP\.$/);
    expect(header?.split(/ {2,}/)).toEqual([
      'LISTENER[FilterChain]',
      'CERTIFICATE',
      'mTLS (MODE)',
      'JWT (ISSUERS)',
      'AuthZ (RULES)',
    ]);
    const inbound = rows
      .map((row) => row.split(/ {2,}/))
      .filter(([listener]) => listener?.startsWith('virtualInbound'));
    expect(inbound.map((row) => row.slice(1).join(', '))).toContain(
      '/etc/certs/cert-chain.pem, yes (STRICT), no (none), no (none)',
    );
  });

  it('puts the sidecar into what is behind a service, and takes it out again', async () => {
    await bench.current.apply(`
apiVersion: v1
kind: Service
metadata: { name: late, namespace: default }
spec: { selector: { app: late }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: late, namespace: default }
spec:
  selector: { matchLabels: { app: late } }
  template: { metadata: { labels: { app: late } }, spec: { containers: [{ name: late, image: nginx }] } }
`);
    const template = () => {
      const [late] = bench.current.cluster.list('deployments.apps', 'default') as unknown as [
        { spec: { template: { spec: { containers: { name: string }[] } } } },
      ];
      return late.spec.template;
    };
    const before = template();

    expect(await run(bench.current, 'x add-to-mesh service late')).toBe(
      'deployment late.default updated successfully with Istio sidecar injected.\n' +
        "Next Step: Add related labels to the deployment to align with Istio's requirement: https://istio.io/docs/setup/kubernetes/additional-setup/requirements/\n",
    );
    expect(template().spec.containers.map(({ name }) => name)).toEqual(['late', 'istio-proxy']);
    expect(await run(bench.current, 'x remove-from-mesh service late')).toBe(
      'deployment "late.default" updated successfully with Istio sidecar un-injected.\n',
    );
    expect(template()).toEqual(before);
    expect(await run(bench.current, 'x remove-from-mesh deployment late')).toBe(
      'deployment "late.default" has no Istio sidecar injected. Skip\n',
    );
  });

  it('analyzes files, and the cluster when it is told to', async () => {
    expect(await bench.current.istioctl(['x', 'analyze', '-k', '-n', 'shop'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: '✔ No validation issues found.\n',
    });
    const { stdout } = await bench.current.istioctl(['experimental', 'analyze', '-k']);
    expect(stdout).toMatch(/^Warn \[IST0102\]\(Namespace default\) The namespace is not enabled/);
    const gateway =
      'apiVersion: networking.istio.io/v1alpha3\nkind: Gateway\nmetadata: { name: gate }\nspec: { selector: { app: gone } }\n';
    expect(await bench.current.istioctl(['x', 'analyze', '-'], { stdin: gateway })).toEqual({
      exit: 255,
      stdout: 'Error [IST0101](Gateway gate.default -:1) Referenced selector not found: "app=gone"\n',
      stderr:
        'Error: Analyzers found issues.\nSee https://istio.io/docs/reference/config/analysis for more information about causes and resolutions.\n',
    });
  });
});

describe('istioctl 1.6', () => {
  const bench = useBench('1.6');

  it('has no tls-check any more', async () => {
    expect(await bench.current.istioctl(['authn', 'tls-check'])).toEqual({
      exit: 64,
      stdout: '',
      stderr: `Error: unknown command "authn" for "istioctl"\nRun 'istioctl --help' for usage.\n`,
    });
  });

  it('describes a pod without a word of mutual TLS', async () => {
    await bench.current.apply(MUTUAL);
    const pod = bench.current.pod('shop', 'app=web');

    expect(mask(await run(bench.current, `x describe pod ${pod} -n shop`))).toBe(
      `Pod: web-RS-ID
   Pod Ports: 80 (web), 15090 (istio-proxy)
--------------------
Service: web
   Port: http 8000/HTTP targets pod port 80
DestinationRule: web for "web"
   Matching subsets: v1
   Traffic Policy TLS Mode: ISTIO_MUTUAL
`,
    );
  });

  it('prints serial numbers of certificates in decimal', async () => {
    const pod = bench.current.pod('shop', 'app=web');
    const [, own] = cells(await run(bench.current, `pc secret ${pod}.shop`));

    expect(own?.[4]).toMatch(/^\d+$/);
  });

  it('names warnings shorter, and the namespace that was analyzed', async () => {
    expect(await bench.current.istioctl(['analyze', '-n', 'shop'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: '✔ No validation issues found when analyzing namespace: shop.\n',
    });
  });

  it('installs without pictures', async () => {
    expect(await bench.current.istioctl(['manifest', 'apply', '--set', 'profile=demo'])).toMatchObject({
      exit: 0,
      stdout:
        '✔ Istio core installed\n✔ Istiod installed\n✔ Egress gateways installed\n✔ Ingress gateways installed\n✔ Installation complete\n',
    });
  });
});
