import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../../server/commands/istioctl/program.ts';

const NAMESPACE = (name: string, labels = 'istio-injection: enabled') =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`;
const SERVICE = (name: string, ports: string, selector = 'app: web') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { ${selector} }, ports: [${ports}] }\n`;
const POD = (name: string, labels = 'app: web', containers = '{ name: web }, { name: istio-proxy }') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { ${labels} } }\nspec: { containers: [${containers}] }\n`;
const DEPLOYMENT = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { template: { metadata: { labels: { app: web } } } }\n`;
const VIRTUAL = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const RULE = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: web }\nspec: ${spec}\n`;
const GATEWAY = (name: string, hosts: string, tls = '') =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: ${name} }\nspec:\n  selector: { app: web }\n  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${hosts}]${tls} }]\n`;
const SIDECAR = (name: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const AUTHORIZATION = (spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: web }\nspec: ${spec}\n`;

const WEB = SERVICE('web', '{ name: http, port: 80 }');
const TO_WEB = '[{ route: [{ destination: { host: web } }] }]';

/** What is applied, and what is said of it: codes with the object, or whole lines. */
const CASES: readonly { name: string; files: string[]; lines: string[] }[] = [
  {
    name: 'a destination that is no service',
    files: [WEB, VIRTUAL('web', '{ hosts: [web], http: [{ route: [{ destination: { host: wob } }] }] }')],
    lines: ['Error [IST0101] (VirtualService default/web) Referenced host not found: "wob"'],
  },
  {
    name: 'a destination by each of its names',
    files: [
      WEB,
      ...['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local'].map((host, index) =>
        VIRTUAL(
          `v${index}`,
          `{ hosts: [h${index}.example.com], http: [{ route: [{ destination: { host: ${host} } }] }] }`,
        ),
      ),
    ],
    lines: [],
  },
  {
    name: 'a destination that a ServiceEntry brings in',
    files: [
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: out }\nspec: { hosts: [example.com] }\n',
      VIRTUAL('out', '{ hosts: [example.com], http: [{ route: [{ destination: { host: example.com } }] }] }'),
    ],
    lines: [],
  },
  {
    name: 'a subset that no rule defines',
    files: [
      WEB,
      RULE('{ host: web }'),
      VIRTUAL('web', '{ hosts: [web], http: [{ route: [{ destination: { host: web, subset: v1 } }] }] }'),
    ],
    lines: [
      'Error [IST0101] (VirtualService default/web) Referenced host+subset in destinationrule not found: "web+v1"',
    ],
  },
  {
    name: 'a service with several ports and a destination without one',
    files: [
      SERVICE('web', '{ name: http, port: 80 }, { name: http-b, port: 81 }'),
      VIRTUAL('web', `{ hosts: [web], http: ${TO_WEB} }`),
    ],
    lines: [
      'Error [IST0112] (VirtualService default/web) This VirtualService routes to a service "web" that exposes multiple ports [80 81]. Specifying a port in the destination is required to disambiguate.',
    ],
  },
  {
    name: 'two VirtualServices of the mesh for one host',
    files: [WEB, VIRTUAL('a', `{ hosts: [web], http: ${TO_WEB} }`), VIRTUAL('b', `{ hosts: [web], http: ${TO_WEB} }`)],
    lines: ['a', 'b'].map(
      (name) =>
        `Error [IST0109] (VirtualService default/${name}) The VirtualServices default/a,default/b associated with mesh gateway define the same host */web.default.svc.cluster.local which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
    ),
  },
  {
    name: 'a gateway that is not there, and a host that it does not serve',
    files: [
      WEB,
      POD('web'),
      GATEWAY('gate', 'other.example.com'),
      VIRTUAL('web', `{ hosts: [web.example.com], gateways: [gate, gone], http: ${TO_WEB} }`),
    ],
    lines: [
      'Error [IST0101] (VirtualService default/web) Referenced gateway not found: "gone"',
      ...['gate', 'gone'].map(
        (gate) =>
          `Warning [IST0132] (VirtualService default/web) one or more host [web.example.com] defined in VirtualService default/web not found in Gateway default/${gate}.`,
      ),
    ],
  },
  {
    name: 'rules that are never used',
    files: [
      WEB,
      VIRTUAL(
        'web',
        `
  hosts: [web]
  http:
  - { match: [{ uri: { prefix: /a } }], route: [{ destination: { host: web } }] }
  - { match: [{ uri: { prefix: /a } }], route: [{ destination: { host: web } }] }
  - { match: [{ uri: { prefix: /b } }, { uri: { prefix: /a } }], route: [{ destination: { host: web } }] }
  - { name: rest, route: [{ destination: { host: web } }] }
  - { route: [{ destination: { host: web } }] }`,
      ),
    ],
    lines: [
      'Warning [IST0130] (VirtualService default/web) VirtualService rule "rest" not used (only the last rule can have no matches).',
      'Warning [IST0130] (VirtualService default/web) VirtualService rule #1 not used (all matches used by prior rules).',
      'Info [IST0131] (VirtualService default/web) VirtualService rule #2 match #1 is not used (duplicate/overlapping match in rule #0).',
    ],
  },
  {
    name: "routing by a token's claims without a RequestAuthentication",
    files: [
      WEB,
      POD('gate-1'),
      GATEWAY('gate', '"*"'),
      VIRTUAL(
        'web',
        '{ hosts: [web], gateways: [gate], http: [{ match: [{ headers: { "@request.auth.claims.groups": { exact: a } } }], route: [{ destination: { host: web } }] }] }',
      ),
    ],
    lines: [
      'Error [IST0149] (VirtualService default/web) The virtual service uses the JWT claim based routing (key: @request.auth.claims.groups) but found no request authentication for the gateway (default/gate) pod (gate-1). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.',
    ],
  },
  {
    name: 'a Gateway that selects no pods',
    files: [GATEWAY('gate', 'a.example.com')],
    lines: ['Error [IST0101] (Gateway default/gate) Referenced selector not found: "app=web"'],
  },
  {
    name: 'a Gateway whose certificate is not where its pods are',
    files: [WEB, POD('web'), GATEWAY('gate', '"*"', ', tls: { mode: SIMPLE, credentialName: cert }')],
    lines: ['Error [IST0101] (Gateway default/gate) Referenced credentialName not found: "cert"'],
  },
  {
    name: 'two Gateways with one port and one host',
    files: [WEB, POD('web'), GATEWAY('a', '"*.example.com"'), GATEWAY('b', 'web.example.com')],
    lines: [
      'Error [IST0145] (Gateway default/a) Conflict with gateways default/b (workload selector app=web, port 80, hosts *.example.com).',
      'Error [IST0145] (Gateway default/b) Conflict with gateways default/a (workload selector app=web, port 80, hosts web.example.com).',
    ],
  },
  {
    name: 'a DestinationRule that verifies no server',
    files: [
      WEB,
      RULE(
        '{ host: web, trafficPolicy: { tls: { mode: SIMPLE }, portLevelSettings: [{ port: { number: 80 }, tls: { mode: MUTUAL } }] } }',
      ),
    ],
    lines: [
      'Warning [IST0128] (DestinationRule default/web) DestinationRule default/web in namespace default has TLS mode set to SIMPLE but no caCertificates are set to validate server identity for host: web',
      'Warning [IST0129] (DestinationRule default/web) DestinationRule default/web in namespace default has TLS mode set to MUTUAL but no caCertificates are set to validate server identity for host: web at port number:80',
    ],
  },
  {
    name: 'a DestinationRule for no host',
    files: [RULE('{ host: web, subsets: [{ name: v1, labels: { version: v1 } }] }')],
    lines: [
      'Warning [IST0174] (DestinationRule default/web) The host web defined in the DestinationRule does not match any services in the mesh.',
    ],
  },
  {
    name: "a subset of labels that only another service's pods have",
    files: [
      WEB,
      POD('other', 'app: other, version: v1'),
      RULE('{ host: web, subsets: [{ name: v1, labels: { version: v1 } }] }'),
    ],
    lines: [
      'Error [IST0173] (DestinationRule default/web) The Subset v1 defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
    ],
  },
  {
    name: 'an AuthorizationPolicy that selects nothing and names a namespace that is not there',
    files: [
      NAMESPACE('default'),
      POD('web'),
      AUTHORIZATION(
        '{ selector: { matchLabels: { app: wob, tier: a } }, rules: [{ from: [{ source: { namespaces: [default, gone, "def*", "team-*"] } }] }] }',
      ),
    ],
    lines: [
      'Error [IST0101] (AuthorizationPolicy default/web) Referenced namespace not found: "gone"',
      'Error [IST0101] (AuthorizationPolicy default/web) Referenced namespace not found: "team-*"',
      'Warning [IST0127] (AuthorizationPolicy default/web) No matching workloads for this resource with the following labels: app=wob,tier=a',
    ],
  },
  {
    name: 'a PeerAuthentication that selects nothing, of which upstream says nothing',
    files: [
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: web }\nspec: { selector: { matchLabels: { app: gone } }, mtls: { mode: STRICT } }\n',
    ],
    lines: [],
  },
  {
    name: 'a namespace with two labels',
    files: [NAMESPACE('default', 'istio-injection: enabled, istio.io/rev: default'), POD('web', '', '{ name: web }')],
    lines: [
      'Warning [IST0123] (Namespace default) The namespace has more than one type of injection labels [istio-injection istio.io/rev], which may lead to undefined behavior. Make sure only one injection label exists.',
    ],
  },
  {
    name: 'a pod without its proxy',
    files: [NAMESPACE('default'), POD('web', 'app: web', '{ name: web }')],
    lines: [
      'Warning [IST0103] (Pod default/web) The pod default/web is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.',
    ],
  },
  {
    name: 'a pod that wants no proxy',
    files: [NAMESPACE('default'), POD('web', 'app: web, sidecar.istio.io/inject: "false"', '{ name: web }')],
    lines: [],
  },
  {
    name: 'annotations in the wrong place, and one that nobody knows',
    files: [
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations: { sidecar.istio.io/inject: "true", sidecar.istio.io/injekt: "true", example.com/other: x }\nspec: { ports: [{ name: http, port: 80 }] }\n',
    ],
    lines: [
      'Warning [IST0107] (Service default/web) Misplaced annotation: sidecar.istio.io/inject can only be applied to Pod',
      'Warning [IST0108] (Service default/web) Unknown annotation: sidecar.istio.io/injekt',
      'Info [IST0135] (Service default/web) Annotation "sidecar.istio.io/inject" has been deprecated in favor of the "sidecar.istio.io/inject" label and may not work in future Istio versions.',
    ],
  },
  {
    name: 'destinations and copies at ports and hosts that are not there',
    files: [
      WEB,
      VIRTUAL(
        'web',
        `
  hosts: [web]
  http:
  - route: [{ destination: { host: web, port: { number: 9999 } } }]
    mirrors: [{ destination: { host: wob } }, { destination: { host: web, subset: v9 } }]`,
      ),
    ],
    lines: [
      'Error [IST0101] (VirtualService default/web) Referenced host:port not found: "web:9999"',
      'Error [IST0101] (VirtualService default/web) Referenced mirror host not found: "wob"',
      'Error [IST0101] (VirtualService default/web) Referenced mirror+subset in destinationrule not found: "web+v9"',
    ],
  },
  {
    name: "a gateway's route beside one that chooses a subset",
    files: [
      WEB,
      POD('web', 'app: web, version: v1'),
      GATEWAY('gate', '"*"'),
      RULE('{ host: web, subsets: [{ name: v1, labels: { version: v1 } }] }'),
      VIRTUAL('inside', '{ hosts: [web], http: [{ route: [{ destination: { host: web, subset: v1 } }] }] }'),
      VIRTUAL('outside', `{ hosts: ["*"], gateways: [gate], http: ${TO_WEB} }`),
    ],
    lines: [
      'Warning [IST0140] (VirtualService default/outside) Subset in virtual service default/inside has no effect on ingress gateway default/outside requests',
    ],
  },
  {
    name: 'a Gateway at a port that the service of its pods does not lead to',
    files: [SERVICE('web', '{ name: http, port: 80, targetPort: 8080 }'), POD('web'), GATEWAY('gate', '"*"')],
    lines: [
      'Warning [IST0162] (Gateway default/gate) The gateway is listening on a target port (port 80) that is not defined in the Service associated with its workload instances (Pod selector app=web). If you need to access the gateway port through the gateway Service, it will not be available.',
    ],
  },
  {
    name: 'a Gateway whose secret holds no certificate, and another with the same',
    files: [
      WEB,
      POD('web'),
      'apiVersion: v1\nkind: Secret\nmetadata: { name: cert }\ndata: { tls.crt: bm9uZQ==, tls.key: bm9uZQ== }\n',
      GATEWAY('gate', 'a.example.com', ', tls: { mode: SIMPLE, credentialName: cert }'),
      GATEWAY('other', 'b.example.com', ', tls: { mode: SIMPLE, credentialName: cert }'),
    ],
    lines: [
      ...['gate', 'other'].map(
        (name) =>
          `Error [IST0161] (Gateway default/${name}) The credential referenced by the Gateway ${name} in namespace default is invalid, which can cause the traffic not to work as expected.`,
      ),
      ...[
        ['gate', 'other'],
        ['other', 'gate'],
      ].map(
        ([own, other]) =>
          `Warning [IST0138] (Gateway default/${own}) Duplicate certificate in multiple gateways [default/${own} default/${other}] may cause 404s if clients re-use HTTP2 connections.`,
      ),
    ],
  },
  {
    name: 'Sidecars of nobody, of the same pod, and of all pods twice',
    files: [
      POD('web', 'app: web, tier: a'),
      SIDECAR('one', '{ workloadSelector: { labels: { app: web } } }'),
      SIDECAR('two', '{ workloadSelector: { labels: { tier: a } } }'),
      SIDECAR('idle', '{ workloadSelector: { labels: { app: gone } } }'),
      SIDECAR('all', '{}'),
      SIDECAR('more', '{}'),
    ],
    lines: [
      'Error [IST0101] (Sidecar default/idle) Referenced selector not found: "app=gone"',
      ...['one', 'two'].map(
        (name) =>
          `Error [IST0110] (Sidecar default/${name}) The Sidecars [one two] in namespace "default" select the same workload pod "web", which can lead to undefined behavior.`,
      ),
      ...['all', 'more'].map(
        (name) =>
          `Error [IST0111] (Sidecar default/${name}) The Sidecars [all more] in namespace "default" have no workload selector, which can lead to undefined behavior.`,
      ),
    ],
  },
  {
    name: "a program that runs as the proxy's user",
    files: [POD('web', 'app: web', '{ name: web, securityContext: { runAsUser: 1337 } }, { name: istio-proxy }')],
    lines: ['Warning [IST0144] (Pod default/web) User ID (UID) 1337 is reserved for the sidecar proxy.'],
  },
  {
    name: 'a port of a service that is somewhere else',
    files: [
      'apiVersion: v1\nkind: Service\nmetadata: { name: out }\nspec: { type: ExternalName, externalName: example.com, ports: [{ name: tcp, port: 80 }] }\n',
    ],
    lines: [
      'Warning [IST0150] (Service default/out) Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
    ],
  },
  {
    name: 'port names without a protocol, and services that disagree about a workload of the mesh',
    files: [
      NAMESPACE('default'),
      SERVICE('web', '{ name: web, port: 80, targetPort: 8080 }'),
      SERVICE(
        'old',
        '{ name: http, port: 81, targetPort: 8080 }, { name: udp-x, port: 80, targetPort: 1, protocol: UDP }',
      ),
      DEPLOYMENT('web'),
    ],
    lines: [
      'Warning [IST0116] (Deployment default/web) This deployment default/web is associated with multiple services using port 80 but different protocols: [default/old default/web]',
      'Warning [IST0137] (Deployment default/web) This deployment default/web is associated with multiple services [default/old default/web] using targetPort "8080" but different ports: [80 81].',
      `Info [IST0118] (Service default/web) Port name web (port: 80, targetPort: 8080) doesn't follow the naming convention of Istio port.`,
    ],
  },
];

describe('istioctl analyze', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taller-analyze-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const analyze = (...words: string[]) => analyzeWith('current', ...words);
  const analyzeWith = async (release: string, ...words: string[]) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const env = { TALLER_ISTIO: release };
    const io = { stdin: new PassThrough(), stdout, stderr, env, cwd: folder, now: () => 0 };
    const exit = await runProgram(['experimental', 'analyze', '--use-kube=false', ...words], io);
    const read = (stream: PassThrough) => String(stream.read() ?? '');
    return { exit, stdout: read(stdout), stderr: read(stderr) };
  };

  it.each(CASES)('looks at $name', async ({ files, lines }) => {
    await writeFile(join(folder, 'all.yaml'), files.join('---\n'));

    const { exit, stdout, stderr } = await analyze('all.yaml');

    expect(stderr).not.toContain('adding files');
    const found = stdout.split('\n').filter((line) => line !== '');
    expect(found.map((line) => line.replace(/ all\.yaml:\d+\)/, ')'))).toEqual(lines);
    expect(exit).toBe(lines.some((line) => line.startsWith('Error')) ? 79 : 0);
  });

  it('names the file and the line where an object begins', async () => {
    await writeFile(join(folder, 'all.yaml'), `# A service\n${WEB}---\n\n# and a rule\n${RULE('{ host: gone }')}`);

    const line = WEB.split('\n').length + 4;
    expect((await analyze('all.yaml')).stdout).toContain(`(DestinationRule default/web all.yaml:${line})`);
  });

  it('fails from another level on, and prints from another', async () => {
    await writeFile(join(folder, 'all.yaml'), RULE('{ host: gone }'));

    expect((await analyze('all.yaml')).exit).toBe(0);
    expect((await analyze('all.yaml', '--failure-threshold', 'Warning')).exit).toBe(79);
    expect(await analyze('all.yaml', '--output-threshold', 'Error')).toMatchObject({ exit: 0, stdout: '\n' });
    expect(await analyze('all.yaml', '--output-threshold', 'Loud')).toMatchObject({ exit: 64 });
  });

  it('prints JSON', async () => {
    await writeFile(join(folder, 'all.yaml'), RULE('{ host: gone }'));

    expect(JSON.parse((await analyze('all.yaml', '-o', 'json')).stdout)).toEqual([
      {
        code: 'IST0174',
        documentationUrl: 'https://istio.io/v1.27/docs/reference/config/analysis/ist0174/?ref=istioctl-analyze',
        level: 'Warning',
        message: 'The host gone defined in the DestinationRule does not match any services in the mesh.',
        origin: 'DestinationRule default/web',
        reference: 'all.yaml:1',
      },
    ]);
  });

  it('says which files it passes over, cannot find and cannot read', async () => {
    await writeFile(join(folder, 'notes.txt'), 'none');
    await writeFile(join(folder, 'broken.yaml'), 'a: [');

    expect((await analyze('notes.txt')).stderr).toContain(
      'Skipping file notes.txt, recognized file extensions are: [.json .yaml .yml]\n',
    );
    expect(await analyze('gone.yaml')).toMatchObject({
      exit: 1,
      stderr: 'Error: stat gone.yaml: no such file or directory\n',
    });
    const broken = await analyze('broken.yaml');
    expect(broken.exit).toBe(65);
    expect(broken.stderr).toMatch(
      /^Error\(s\) adding files: .*\nNo validation issues found when analyzing namespace: default \(but 1 file could not be parsed\)\.\nError: Some files couldn't be parsed\.\n$/,
    );
    expect((await analyze('broken.yaml', '--ignore-unknown')).exit).toBe(0);
  });

  it('tells less in older releases, in other words, and fails for less', async () => {
    const files = [
      NAMESPACE('default'),
      POD('web', 'app: web', '{ name: web }'),
      SERVICE('web', '{ name: http, port: 81 }'),
      GATEWAY('gate', '"*"'),
      DEPLOYMENT('alone').replace('app: web', 'app: alone'),
      RULE('{ host: gone }'),
    ];
    await writeFile(join(folder, 'all.yaml'), files.join('---\n'));
    const told = async (release: string) => {
      const { exit, stdout } = await analyzeWith(release, 'all.yaml');
      return { exit, lines: stdout.split('\n').map((line) => line.replace(/ all\.yaml:\d+\)/, ')')) };
    };
    const missing =
      'The pod is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.';
    const port = 'The gateway refers to a port that is not exposed on the workload (pod selector app=web; port 80)';

    expect(await told('1.4')).toEqual({
      exit: 255,
      lines: [`Warn [IST0103](Pod web.default) ${missing}`, `Warn [IST0104](Gateway gate.default) ${port}`, ''],
    });
    expect(await told('1.6')).toEqual({
      exit: 79,
      lines: [
        `Warn [IST0103] (Pod web.default) ${missing}`,
        `Warn [IST0104] (Gateway gate.default) ${port}`,
        'Warn [IST0117] (Deployment alone.default) No service associated with this deployment. Service mesh deployments must be associated with a service.',
        '',
      ],
    });
  });

  it('lists what it looks for', async () => {
    expect((await analyze('-L')).stdout).toMatch(/^\* annotations\.K8sAnalyzer:\n {4}\S.*\n\* /);
  });
});
