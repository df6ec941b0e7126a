import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../../server/commands/istioctl/program.ts';
import { cells, createBench, mask, type Bench } from './bench.ts';

const SHOP = readFileSync(new URL('shop.yaml', import.meta.url), 'utf8');

const ROUTES = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web
  trafficPolicy: { tls: { mode: ISTIO_MUTUAL }, connectionPool: { tcp: { maxConnections: 7 } } }
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gate, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web, web.example.com]
  gateways: [gate, mesh]
  http:
  - match: [{ uri: { prefix: /get } }]
    route:
    - { destination: { host: web, subset: v1, port: { number: 8000 } }, weight: 90 }
    - { destination: { host: web, subset: v2, port: { number: 8000 } }, weight: 10 }
  - route: [{ destination: { host: web, port: { number: 8000 } } }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: readers, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  rules:
  - from: [{ source: { principals: [cluster.local/ns/shop/sa/default] } }]
  - to: [{ operation: { methods: [GET], paths: [/ip] } }]
`;

const BAD = `# Nothing of it is right.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: bad }
spec:
  hosts: [nowhere]
  gateways: [missing]
  http: [{ route: [{ destination: { host: web, subset: v9 } }] }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bad }
spec: { hosts: [x] }
`;

const DEPLOYMENT = `
apiVersion: v1
kind: ConfigMap
metadata: { name: extra, namespace: default } # passes as it is
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: extra, namespace: default }
spec:
  selector: { matchLabels: { app: extra } }
  template:
    metadata: { labels: { app: extra } }
    spec: { containers: [{ name: extra, image: nginx }] }
`;

describe('istioctl 1.27', () => {
  let bench: Bench;
  let web: string;

  beforeAll(async () => {
    bench = await createBench();
    await bench.apply(SHOP);
    await bench.apply(ROUTES);
    web = bench.pod('shop', 'app=web');
    await writeFile(join(bench.folder, 'bad.yaml'), BAD);
    await writeFile(join(bench.folder, 'deployment.yaml'), DEPLOYMENT);
  });

  afterAll(() => bench.dispose());

  const run = async (line: string): Promise<string> => {
    const { exit, stdout, stderr } = await bench.istioctl(line.split(' '));
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    return stdout;
  };

  it('prints the versions of all three', async () => {
    expect(await run('version')).toBe(
      'client version: 1.27.0\ncontrol plane version: 1.27.0\ndata plane version: 1.27.0 (3 proxies)\n',
    );
    expect(await run('version --remote=false')).toBe('client version: 1.27.0\n');
    expect(JSON.parse(await run('version -o json'))).toMatchObject({
      clientVersion: { version: '1.27.0' },
      meshVersion: [{ Component: 'pilot', Info: { version: '1.27.0' } }],
      dataPlaneVersion: [{ IstioVersion: '1.27.0' }, { IstioVersion: '1.27.0' }, { ID: `${web}.shop` }],
    });
  });

  it('lists proxies with the types that they subscribe to, and compares one with what it should have', async () => {
    expect(mask(await run('proxy-status'))).toMatch(
      new RegExp(
        '^NAME {44,}CLUSTER {8}ISTIOD {7,}VERSION {5}SUBSCRIBED TYPES\n' +
          'istio-egressgateway-RS-ID\\.istio-system +Kubernetes +istiod-RS-ID +1\\.27\\.0 +3 \\(CDS,LDS,EDS\\)\n' +
          'istio-ingressgateway-RS-ID\\.istio-system +Kubernetes +istiod-RS-ID +1\\.27\\.0 +4 \\(CDS,LDS,EDS,RDS\\)\n' +
          'web-RS-ID\\.shop +Kubernetes +istiod-RS-ID +1\\.27\\.0 +4 \\(CDS,LDS,EDS,RDS\\)\n$',
      ),
    );
    expect(await run(`ps ${web}.shop`)).toMatch(
      /^Clusters Match\nListeners Match\nRoutes Match \(RDS last loaded at \w+, \d+ \w+ \d+ [\d:]+ UTC\)\n$/,
    );
  });

  it('shows the clusters of a proxy with the rule behind each', async () => {
    const table = cells(await run(`pc cluster ${web}.shop`));

    expect(table[0]).toEqual(['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE']);
    expect(table[1]).toEqual(['', '80', '-', 'inbound', 'ORIGINAL_DST']);
    expect(table).toContainEqual(['web.shop.svc.cluster.local', '8000', 'v2', 'outbound', 'EDS', 'web.shop']);
    expect(table).toContainEqual(['PassthroughCluster', '-', '-', '-', 'ORIGINAL_DST']);
    expect(cells(await run(`pc c ${web} -n shop --fqdn web.shop.svc.cluster.local --subset v1`))).toEqual([
      table[0],
      ['web.shop.svc.cluster.local', '8000', 'v1', 'outbound', 'EDS', 'web.shop'],
    ]);
  });

  it('shows in JSON what a client does about TLS: what a rule says, or what endpoints tell', async () => {
    const read = async (host: string): Promise<Record<string, unknown>> => {
      const line = `pc cluster ${web}.shop --fqdn ${host} --direction outbound --port 15014 -o json`;
      return (JSON.parse(await run(line)) as Record<string, unknown>[])[0] ?? {};
    };
    const [ruled] = JSON.parse(
      await run(`pc cluster ${web}.shop --fqdn web.shop.svc.cluster.local --subset v1 -o json`),
    ) as Record<string, unknown>[];

    expect(ruled).toMatchObject({
      name: 'outbound|8000|v1|web.shop.svc.cluster.local',
      circuitBreakers: { thresholds: [{ maxConnections: 7 }] },
      transportSocket: { typedConfig: { sni: 'outbound_.8000_.v1_.web.shop.svc.cluster.local' } },
    });
    expect(await read('istiod')).toMatchObject({
      transportSocketMatches: [{ name: 'tlsMode-istio' }, { name: 'tlsMode-disabled' }],
    });
  });

  it('shows that a STRICT server takes nothing but TLS', async () => {
    expect(mask(await run(`pc listener ${web}.shop --port 15006`))).toBe(
      [
        'ADDRESSES PORT  MATCH                                                   DESTINATION',
        '0.0.0.0   15006 Addr: *:15006                                           Non-HTTP/Non-TCP',
        '0.0.0.0   15006 Trans: tls; App: istio-http/1.0,istio-http/1.1,istio-h2 InboundPassthroughCluster',
        '0.0.0.0   15006 Trans: tls                                              InboundPassthroughCluster',
        '0.0.0.0   15006 Trans: tls; Addr: *:80                                  Cluster: inbound|80||',
        '',
      ].join('\n'),
    );
    expect(mask(await run(`pc listener ${web}.shop --port 8000`))).toBe(
      [
        'ADDRESSES PORT MATCH                                DESTINATION',
        '0.0.0.0   8000 Trans: raw_buffer; App: http/1.1,h2c Route: 8000',
        '0.0.0.0   8000 ALL                                  PassthroughCluster',
        '',
      ].join('\n'),
    );
  });

  it('shows routes with the VirtualService that they come from', async () => {
    expect(cells(await run(`pc route ${web}.shop --name 8000`))).toEqual([
      ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'],
      ['8000', 'web.shop.svc.cluster.local:8000', 'web.shop.svc.cluster.local., web + 2 more...', '/get*', 'web.shop'],
      ['8000', 'web.shop.svc.cluster.local:8000', 'web.shop.svc.cluster.local., web + 2 more...', '/*', 'web.shop'],
    ]);
    const gateway = await run('pc route deploy/istio-ingressgateway.istio-system --name http.8080');
    expect(cells(gateway)).toContainEqual(['http.8080', 'web.example.com:80', 'web.example.com', '/get*', 'web.shop']);
  });

  it('shows endpoints, without those that a subset leaves out', async () => {
    const shown = mask(await run(`pc endpoint ${web}.shop`));

    expect(shown).toMatch(/^ENDPOINT +STATUS +OUTLIER CHECK +CLUSTER\n/);
    expect(shown).toMatch(/POD_IP:80 +HEALTHY +OK +outbound\|8000\|v1\|web\.shop\.svc\.cluster\.local\n/);
    expect(shown).not.toContain('outbound|8000|v2|');
    expect(shown).toMatch(/unix:\/\/\.\/etc\/istio\/proxy\/XDS +HEALTHY +OK +xds-grpc\n/);
  });

  it('shows certificates that last a day and ten years', async () => {
    const [header, own, root] = cells(await run(`pc secret deploy/web.shop`));

    expect(header).toEqual([
      'RESOURCE NAME',
      'TYPE',
      'STATUS',
      'VALID CERT',
      'SERIAL NUMBER',
      'NOT AFTER',
      'NOT BEFORE',
    ]);
    expect(own?.slice(0, 4)).toEqual(['default', 'Cert Chain', 'ACTIVE', 'true']);
    expect(own?.[4]).toMatch(/^[0-9a-f]+$/);
    const hours = (row: string[] | undefined): number =>
      (Date.parse(row?.[5] ?? '') - Date.parse(row?.[6] ?? '')) / 3_600_000;
    expect(Math.round(hours(own))).toBe(24);
    expect(root?.slice(0, 4)).toEqual(['ROOTCA', 'CA', 'ACTIVE', 'true']);
    expect(hours(root)).toBe(87_600);
  });

  it('shows hosts of ServiceEntries, and gateways that pass TLS on', async () => {
    await bench.apply(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside, namespace: shop }
spec:
  hosts: [api.example.com]
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints: [{ address: 192.0.2.7 }]
  ports: [{ number: 8000, name: http, protocol: HTTP }, { number: 443, name: tls, protocol: TLS }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: secure, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 443, name: tls, protocol: TLS }, tls: { mode: PASSTHROUGH }, hosts: [api.example.com] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: secure, namespace: shop }
spec:
  hosts: [api.example.com]
  gateways: [secure]
  tls: [{ match: [{ sniHosts: [api.example.com] }], route: [{ destination: { host: api.example.com, port: { number: 443 } } }] }]
`);

    expect(cells(await run(`pc cluster ${web}.shop --fqdn api.example.com`)).slice(1)).toEqual([
      ['api.example.com', '443', '-', 'outbound', 'EDS'],
      ['api.example.com', '8000', '-', 'outbound', 'EDS'],
    ]);
    expect(cells(await run(`pc endpoint ${web}.shop --address 192.0.2.7`)).slice(1)).toEqual([
      ['192.0.2.7:443', 'HEALTHY', 'OK', 'outbound|443||api.example.com'],
      ['192.0.2.7:8000', 'HEALTHY', 'OK', 'outbound|8000||api.example.com'],
    ]);
    const routes = cells(await run(`pc route ${web}.shop --name 8000`));
    expect(routes[1]).toEqual(
      ['8000', 'api.example.com:8000', 'api.example.com, 240.240.1.1', '/*'].map((cell) =>
        cell.includes('240') ? expect.stringMatching(/^api\.example\.com, 240\.240\.\d+\.\d+$/) : cell,
      ),
    );
    expect(await run(`pc listener deploy/istio-ingressgateway.istio-system --port 8443`)).toBe(
      'ADDRESSES PORT MATCH                DESTINATION\n' +
        '0.0.0.0   8443 SNI: api.example.com Cluster: outbound|443||api.example.com\n',
    );
    const { exit, stdout } = await bench.istioctl(['analyze', '-n', 'shop', '-S', 'IST0173=*', '-S', 'IST0140=*']);
    expect(exit).toBe(0);
    // Not a word of the hosts; of ports that the service of the gateway's pods does not lead to, and of an annotation.
    expect([...stdout.matchAll(/\[(\w+)\] \((\w+ [a-z/]+)/g)].map(([, code, object]) => `${code} ${object}`)).toEqual([
      'IST0162 Gateway shop/gate',
      'IST0162 Gateway shop/secure',
      'IST0135 Pod shop/web',
    ]);
  });

  it('reads a saved answer in place of a pod', async () => {
    const dump = JSON.stringify({
      configs: [{ '@type': 'x', static_clusters: [{ cluster: { name: 'only', type: 'STATIC' } }] }],
    });

    const { stdout } = await bench.istioctl(['pc', 'cluster', '-f', '-'], { stdin: dump });

    expect(cells(stdout)[1]).toEqual(['only', '-', '-', '-', 'STATIC']);
  });

  it('changes levels of loggers and puts them back', async () => {
    expect(await run(`pc log ${web}.shop --level rbac:debug,jwt:trace`)).toMatch(
      new RegExp(`^${web}\\.shop:\nactive loggers:\n[\\s\\S]*  jwt: trace\n[\\s\\S]*  rbac: debug\n`),
    );
    expect(await run(`pc log ${web}.shop -r`)).toContain('  rbac: warning\n');
    expect(await bench.istioctl(['pc', 'log', `${web}.shop`, '--level', 'loud'])).toMatchObject({
      exit: 1,
      stderr: 'Error: unrecognized logging level: loud\n',
    });
  });

  it('describes a pod with all that affects it', async () => {
    expect(mask(await run(`x describe pod ${web} -n shop`)).replace(/http:\/\/[\d.]+/, 'http://IP')).toBe(
      `Pod: web-RS-ID
   Pod Revision: default
   Pod Ports: 80 (web), 15090 (istio-proxy)
--------------------
Service: web
   Port: http 8000/HTTP targets pod port 80
DestinationRule: web for "web"
   Matching subsets: v1
      (Non-matching subsets v2)
   Traffic Policy TLS Mode: ISTIO_MUTUAL
   Policies: connection pool
VirtualService: web
   Route to host "web" subset "v1" with weight 90%
   Match: /get*
RBAC policies: ns[shop]-policy[readers]-rule[0], ns[shop]-policy[readers]-rule[1]
--------------------
Effective PeerAuthentication:
   Workload mTLS mode: STRICT
Applied PeerAuthentication:
   default.shop
--------------------
Exposed on Ingress Gateway http://IP
VirtualService: web
   Route to host "web" subset "v1" with weight 90%
   Match: /get*
`,
    );
  });

  it('describes a service by its first pod, and says when it has none in the mesh', async () => {
    expect(await run('experimental describe svc web.shop')).toMatch(
      /^Service: web\.shop\n {3}Port: http 8000\/HTTP targets pod port 80\nDestinationRule: web\.shop for "web"\n/,
    );
    expect(await run('x describe service kubernetes')).toBe('Service "kubernetes" has no pods.\n');
  });

  it('says of a pod without sidecar that it has none', async () => {
    const { exit, stdout, stderr } = await bench.istioctl(['x', 'describe', 'pod', 'plain']);

    expect(exit).toBe(1);
    expect(stdout).toContain('WARNING: plain is not part of mesh; no Istio sidecar\n');
    expect(stderr).toMatch(/^Error: failed to execute command on sidecar: .*container istio-proxy is not valid/);
    expect(await bench.istioctl(['pc', 'cluster', 'nosuch'])).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'Error: unable to retrieve Pod: pods "nosuch" not found\n',
    });
  });

  it('lists the policies that a proxy enforces', async () => {
    expect(await run(`x authz check ${web}.shop`)).toBe(
      'ACTION   AuthorizationPolicy   RULES\nALLOW    readers.shop          2\n',
    );
  });

  it('tells which webhook injects, and where', async () => {
    const [GREEN, RED, RESET] = ['\u001b[32m✔', '\u001b[31m✘', '\u001b[0m             '];
    const REV = 'istio-revision-tag-default  default   ';
    const OFF = `istio-sidecar-injector      default   ${RED}${RESET}The injection webhook is deactivated, and will never match labels.\n`;

    expect(await run(`x check-inject ${web}.shop`)).toBe(
      `WEBHOOK                     REVISION  INJECTED      REASON\n${REV}${GREEN}${RESET}Namespace label istio-injection=enabled matches\n${OFF}`,
    );
    expect(await run('x check-inject plain')).toContain(
      `${REV}${RED}${RESET}No matching namespace labels (istio.io/rev=default, istio-injection=enabled) or pod labels (istio.io/rev=default, sidecar.istio.io/inject=true)\n`,
    );
    expect(await run('x injector list')).toMatch(/^shop +default +default: 1$/m);
    expect(await run('tag list')).toBe('TAG     REVISION NAMESPACES\ndefault default  \n');
  });

  it('prints policies as the proxy enforces them, by their names in JSON', async () => {
    const listeners = await run(`pc listener ${web}.shop --port 15006 -o json`);

    expect(listeners).toContain('"ns[shop]-policy[readers]-rule[1]"');
    expect(listeners).toContain('"urlPath"');
    expect(listeners).not.toMatch(/"(url_path|and_rules|or_rules|principal_name|string_match)"/);
  });

  it('prints all of a proxy, one table after another', async () => {
    const tables = (await run(`pc all ${web}.shop`)).split('\n\n').map((table) => table.split('\n')[0]?.split(/ +/));

    expect(tables.map((header) => header?.slice(0, 2).join(' '))).toEqual([
      'Istio Version:',
      'NAME SERVICE',
      'NAME ADDRESSES',
      'NAME VHOST',
      'RESOURCE NAME',
      'NAME STATUS',
    ]);
    expect(await run(`pc bootstrap ${web}.shop -o short`)).toBe('Istio Version: 1.27.0\n');
  });

  it('lists the proxies of one namespace', async () => {
    expect(cells(mask(await run('ps -n shop'))).map(([name]) => name)).toEqual(['NAME', 'web-RS-ID.shop']);
  });

  it('finds nothing where nothing is wrong, and says so beside the output', async () => {
    expect(await bench.istioctl(['analyze', '-n', 'istio-system'])).toEqual({
      exit: 0,
      stdout: '\n',
      stderr: '✔ No validation issues found when analyzing namespace: istio-system.\n',
    });
    expect(await bench.istioctl(['analyze', '-n', 'nosuch'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: 'namespace "nosuch" not found\n',
    });
  });

  it('analyzes the cluster: information alone is no failure, errors end with 79', async () => {
    expect(await run('analyze')).toBe(
      `Info [IST0102] (Namespace default) The namespace is not enabled for Istio injection. Run 'kubectl label namespace default istio-injection=enabled' to enable it, or 'kubectl label namespace default istio-injection=disabled' to explicitly mark it as not needing injection.\n`,
    );
    const finding =
      'Error [IST0173] (DestinationRule shop/web) The Subset v2 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).\n';
    const others = ['IST0135=*', 'IST0140=*', 'IST0162=*'].flatMap((code) => ['-S', code]);
    expect(await bench.istioctl(['analyze', '-n', 'shop', ...others])).toEqual({
      exit: 79,
      stdout: finding,
      stderr:
        'Error: Analyzers found issues when analyzing namespace: shop.\n' +
        'See https://istio.io/v1.27/docs/reference/config/analysis for more information about causes and resolutions.\n',
    });
    expect((await bench.istioctl(['analyze', '-A', ...others, '-S', 'IST0118=*'])).stdout).toMatch(
      /^Error \[IST0173\] .*\nInfo \[IST0102\] \(Namespace default\) .*\n$/,
    );
    const suppressed = ['-S', 'IST0173=DestinationRule *.shop', ...others];
    expect(await bench.istioctl(['analyze', '-n', 'shop', ...suppressed])).toMatchObject({
      exit: 0,
      stdout: '\n',
    });
  });

  it('analyzes files as if they were applied', async () => {
    const others = ['IST0135=*', 'IST0140=*', 'IST0162=*', 'IST0173=*'].flatMap((code) => ['-S', code]);
    const { exit, stdout } = await bench.istioctl(['analyze', '-n', 'shop', 'bad.yaml', ...others]);

    expect(exit).toBe(79);
    expect(stdout.split('\n').map((line) => line.replace(/Schema validation error: .*/, 'SCHEMA'))).toEqual([
      'Error [IST0101] (VirtualService shop/bad bad.yaml:2) Referenced gateway not found: "missing"',
      'Error [IST0101] (VirtualService shop/bad bad.yaml:2) Referenced host+subset in destinationrule not found: "web+v9"',
      'Error [IST0106] (DestinationRule shop/bad bad.yaml:10) SCHEMA',
      'Warning [IST0132] (VirtualService shop/bad bad.yaml:2) one or more host [nowhere] defined in VirtualService shop/bad not found in Gateway shop/missing.',
      'Warning [IST0174] (DestinationRule shop/bad bad.yaml:10) The host  defined in the DestinationRule does not match any services in the mesh.',
      '',
    ]);
  });

  it('validates files by the rules of the cluster', async () => {
    const { exit, stdout, stderr } = await bench.istioctl(['validate', '-f', 'bad.yaml']);

    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: 1 error occurred:\n\t\* DestinationRule\/\/bad: .*spec\.hosts.*\n\n\n$/);
    expect(await bench.istioctl(['validate', '-f', 'deployment.yaml'])).toMatchObject({
      exit: 0,
      stdout: '"deployment.yaml" is valid\n',
    });
    expect(bench.cluster.list('virtualservices.networking.istio.io', 'default')).toEqual([]);
  });

  it('injects manifests as the injector of the cluster does', async () => {
    const injected = await run('kube-inject -f deployment.yaml');

    expect(injected).toContain('metadata: { name: extra, namespace: default } # passes as it is\n---\n');
    expect(injected.endsWith('---\n')).toBe(true);
    await bench.apply(injected);
    const pod = bench.cluster.list('pods', 'default').find(({ metadata }) => metadata.labels?.['app'] === 'extra');
    const spec = pod?.['spec'] as { containers: { name: string }[] };
    expect(spec.containers.map(({ name }) => name)).toEqual(['extra', 'istio-proxy']);
    expect(await run(`pc listener ${pod?.metadata.name ?? ''} --port 15021`)).toContain(
      'Inline Route: /healthz/ready*',
    );
  });

  it('says that Istio is installed already', async () => {
    expect(await bench.istioctl(['install', '--set', 'profile=demo', '-y'])).toEqual({
      exit: 0,
      stdout:
        '✔ Istio core installed ⛵️\n✔ Istiod installed 🧠\n✔ Egress gateways installed 🛫\n✔ Ingress gateways installed 🛬\n✔ Installation complete\n',
      stderr: 'Istio 1.27.0 is installed already in istio-system of this cluster; nothing was changed.\n',
    });
    const verified = await run('verify-install');
    expect(verified).toContain('✔ Deployment: istiod.istio-system checked successfully\n');
    expect(verified).toMatch(/Checked 3 Istio Deployments\n✔ Istio is installed and verified successfully\n$/);
  });

  it('leads to the view of the mesh', async () => {
    const env = { TALLER_MESH_VIEW_URL: 'http://127.0.0.1:3000/mesh' };

    expect(await bench.istioctl(['dashboard', 'kiali'], { env })).toMatchObject({
      exit: 0,
      stdout: 'http://127.0.0.1:3000/mesh\n',
    });
    expect((await bench.istioctl(['dashboard', 'kiali'])).stderr).toMatch(/^Error: there is no Kiali in this cluster/);
  });

  it('fails as cobra does', async () => {
    const failure = async (line: string) => {
      const { exit, stderr } = await bench.istioctl(line.split(' '));
      return { exit, stderr };
    };

    expect(await failure('nosuch')).toEqual({
      exit: 64,
      stderr: `Error: unknown command "nosuch" for "istioctl"\nRun 'istioctl --help' for usage.\n`,
    });
    expect(await failure('analyse')).toEqual({
      exit: 64,
      stderr: `Error: unknown command "analyse" for "istioctl"\n\nDid you mean this?\n\tanalyze\n\nRun 'istioctl --help' for usage.\n`,
    });
    expect(await failure('authn tls-check')).toMatchObject({ exit: 64 });
    expect(await failure('pc cluster x --nosuch')).toEqual({ exit: 64, stderr: 'Error: unknown flag: --nosuch\n' });
    expect((await failure('pc cluster')).stderr).toMatch(
      /^Usage:\n[\s\S]*\n\nError: cluster requires pod name or --file parameter\n$/,
    );
    expect(await failure('upgrade')).toMatchObject({ exit: 1 });

    const plain: [line: string, told: string][] = [
      ['authz check x', '(authz is experimental. Use `istioctl experimental authz`)'],
      ['x authz check', 'expecting pod name or config dump, found: 0'],
      ['x authz check plain', 'failed to get config dump from pod plain in default'],
      ['x describe nosuch', 'unknown resource type "nosuch"'],
      [`pc listener ${web}.shop -o xml`, 'output format "xml" not supported'],
    ];
    for (const [line, told] of plain) expect(await failure(line)).toEqual({ exit: 1, stderr: `Error: ${told}\n` });
  });

  it('has help for each command that it lists', async () => {
    const help = async (line: string): Promise<string> => {
      const output = new PassThrough();
      const io = { stdin: new PassThrough(), stdout: output, stderr: output, env: {}, cwd: '/', now: () => 0 };
      expect(await runProgram([...line.split(' ').filter(Boolean), '--help'], io)).toBe(0);
      return String(output.read());
    };
    for (const group of ['', 'experimental ', 'proxy-config ', 'dashboard ', 'manifest ']) {
      const [, commands = ''] = (await help(group)).split('Available Commands:\n');
      const [listed = ''] = commands.split('\n\n');
      const names = [...listed.matchAll(/^ {2}([a-z-]+) (?!.*not simulated)/gm)].map(([, name = '']) => name);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(await help(group + name)).toContain('\nUsage:\n  istioctl ');
    }
  });

  it('completes commands, flags and pods', async () => {
    const complete = async (...words: string[]) => (await bench.istioctl(['__complete', ...words])).stdout;

    expect(await complete('proxy-')).toBe('proxy-config\nproxy-status\n:4\n');
    expect(await complete('pc', 'cl')).toBe('cluster\n:4\n');
    expect(await complete('pc', 'cluster', '-n', 'shop', 'w')).toBe(`${web}\n:4\n`);
    expect(await complete('pc', 'cluster', '--fq')).toBe('--fqdn\n:4\n');
    expect(await complete('analyze', '-n', 'sh')).toBe('shop\n:4\n');
    expect(await run('completion bash')).toContain('complete -F __taller_complete_istioctl istioctl\n');
  });
});
