import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  findAuthenticationPolicy,
  indexAuthenticationPolicies,
  modeOfPolicy,
  namespacePolicyIn,
  type AuthenticationPolicy,
} from '../../../cluster/mesh/authentication-policy.ts';
import { isTriggered } from '../../../cluster/mesh/origin-authentication.ts';
import type { ServiceObject } from '../../../cluster/network/services.ts';
import { TestCluster, type TestPod } from '../containers/test-cluster.ts';

type Spec = NonNullable<AuthenticationPolicy['spec']>;

const STRICT: Spec['peers'] = [{ mtls: {} }];
const PERMISSIVE: Spec['peers'] = [{ mtls: { mode: 'PERMISSIVE' } }];

function policy(path: string, spec: Spec): AuthenticationPolicy {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'authentication.istio.io/v1alpha1',
    kind: 'Policy',
    metadata: { name, namespace },
    spec,
  };
}

function meshPolicy(spec: Spec, name = 'default'): AuthenticationPolicy {
  return { apiVersion: 'authentication.istio.io/v1alpha1', kind: 'MeshPolicy', metadata: { name }, spec };
}

const PORT = { name: 'http', port: 8000, targetPort: 80 };
const SERVICE: ServiceObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ports: [PORT] },
};

function judge(policies: AuthenticationPolicy[], mesh: AuthenticationPolicy[] = []): string {
  const { mode, policy: by } = modeOfPolicy(findAuthenticationPolicy(policies, mesh, SERVICE, PORT));
  return `${mode} by ${by === null ? 'default' : `${by.kind} ${by.namespace}/${by.name}`}`;
}

describe('the mode of a service’s port', () => {
  test.each<[string, AuthenticationPolicy[], AuthenticationPolicy[], string]>([
    ['is plaintext only without any policy', [], [], 'DISABLE by default'],
    ['follows the mesh', [], [meshPolicy({ peers: STRICT })], 'STRICT by MeshPolicy /default'],
    [
      'is STRICT where mutual TLS is null',
      [],
      [meshPolicy({ peers: [{ mtls: null }] })],
      'STRICT by MeshPolicy /default',
    ],
    [
      'is not changed by a MeshPolicy of another name',
      [],
      [meshPolicy({ peers: STRICT }, 'strict')],
      'DISABLE by default',
    ],
    [
      'follows the namespace over the mesh',
      [policy('shop/default', { peers: PERMISSIVE })],
      [meshPolicy({ peers: STRICT })],
      'PERMISSIVE by Policy shop/default',
    ],
    [
      'follows the service over the namespace',
      [
        policy('shop/default', { peers: STRICT }),
        policy('shop/web', { targets: [{ name: 'web' }], peers: PERMISSIVE }),
      ],
      [],
      'PERMISSIVE by Policy shop/web',
    ],
    [
      'is off for a service whose policy has no peers, whatever the mesh says',
      [policy('shop/web', { targets: [{ name: 'web' }] })],
      [meshPolicy({ peers: STRICT })],
      'DISABLE by Policy shop/web',
    ],
    [
      'is off where the namespace’s peers are empty: nothing is inherited',
      [policy('shop/default', { peers: [] })],
      [meshPolicy({ peers: STRICT })],
      'DISABLE by Policy shop/default',
    ],
    [
      'is not changed by a policy of a service of the same name elsewhere',
      [policy('other/web', { targets: [{ name: 'web' }], peers: STRICT })],
      [],
      'DISABLE by default',
    ],
    [
      'is not changed by a target’s policy for other ports',
      [policy('shop/web', { targets: [{ name: 'web', ports: [{ number: 9000 }] }], peers: STRICT })],
      [],
      'DISABLE by default',
    ],
    [
      'is that of a target with its port, which is the service’s and not the container’s',
      [policy('shop/web', { targets: [{ name: 'web', ports: [{ number: 8000 }] }], peers: STRICT })],
      [],
      'STRICT by Policy shop/web',
    ],
    [
      'is that of a target with its port by name',
      [policy('shop/web', { targets: [{ name: 'web', ports: [{ name: 'http' }] }], peers: STRICT })],
      [],
      'STRICT by Policy shop/web',
    ],
    [
      'is that of the first of two policies for the service',
      [
        policy('shop/a', { targets: [{ name: 'web' }], peers: STRICT }),
        policy('shop/b', { targets: [{ name: 'web' }], peers: PERMISSIVE }),
      ],
      [],
      'STRICT by Policy shop/a',
    ],
  ])('%s', (_title, policies, mesh, expected) => {
    expect(judge(policies, mesh)).toBe(expected);
  });
});

test('a namespace’s own mode passes over policies of services', () => {
  const policies = [policy('shop/web', { targets: [{ name: 'web' }], peers: PERMISSIVE })];

  const found = namespacePolicyIn(indexAuthenticationPolicies(policies), [meshPolicy({ peers: STRICT })], 'shop');
  expect(modeOfPolicy(found).mode).toBe('STRICT');
});

/** The rules again, slowly: each policy has a rank of its own, and the first of the highest says all. */
function slowMode(policies: AuthenticationPolicy[]): string {
  const rank = ({ kind, metadata, spec = {} }: AuthenticationPolicy): number => {
    if (kind === 'MeshPolicy') return metadata.name === 'default' ? 1 : 0;
    if (metadata.namespace !== 'shop') return 0;
    const targets = spec.targets ?? [];
    if (targets.length === 0) return 2;
    for (const { name, ports = [] } of targets) {
      if (name !== 'web') continue;
      if (ports.length === 0) return 3;
      for (const { number, name: portName } of ports) if (number === 8000 || portName === 'http') return 3;
    }
    return 0;
  };
  let winner: AuthenticationPolicy | undefined;
  for (const each of policies) if (rank(each) > (winner === undefined ? 0 : rank(winner))) winner = each;
  const [method] = winner?.spec?.peers ?? [];
  if (method === undefined) return 'DISABLE';
  return method.mtls?.mode ?? 'STRICT';
}

test('agrees with a slow reading of the rules for random sets of policies', () => {
  let seed = 5;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % sides;
  };
  const pick = <T>(...values: T[]): T => values[dice(values.length)] as T;
  const seen = new Set<string>();
  for (let round = 0; round < 3000; round += 1) {
    const peers = (): Pick<Spec, 'peers'> =>
      pick<Pick<Spec, 'peers'>>(
        {},
        { peers: [] },
        { peers: STRICT },
        { peers: PERMISSIVE },
        { peers: [{ mtls: null }] },
      );
    const policies = Array.from({ length: dice(6) }, (_, index) =>
      policy(`${pick('shop', 'shop', 'other')}/p${index}`, {
        ...peers(),
        ...pick<Pick<Spec, 'targets'>>(
          {},
          { targets: [{ name: 'web' }] },
          { targets: [{ name: 'db' }] },
          { targets: [{ name: 'db' }, { name: 'web', ports: [{ number: pick(8000, 80) }] }] },
          { targets: [{ name: 'web', ports: [{ name: pick('http', 'grpc') }] }] },
        ),
      }),
    );
    const mesh = Array.from({ length: dice(3) }, () => meshPolicy(peers(), pick('default', 'other')));
    const expected = slowMode([...policies, ...mesh]);
    seen.add(expected);

    const { mode } = modeOfPolicy(findAuthenticationPolicy(policies, mesh, SERVICE, PORT));
    expect(mode, JSON.stringify([policies, mesh])).toBe(expected);
  }
  expect(seen).toEqual(new Set(['DISABLE', 'PERMISSIVE', 'STRICT']));
});

describe('on connections', () => {
  let cluster: TestCluster;
  afterEach(() => cluster.dispose());

  function open(istio: '1.0' | '1.4'): { outside: TestPod; inside: TestPod } {
    cluster = new TestCluster(undefined, [], istio);
    const curl = { image: 'curlimages/curl', command: ['/bin/sleep', 'infinity'] };
    const outside = cluster.pod({ namespace: 'legacy', name: 'sleep', ...curl });
    const inside = cluster.pod({ namespace: 'shop', name: 'sleep', ...curl, sidecar: true });
    const web = cluster.pod({
      namespace: 'shop',
      name: 'web-1',
      image: 'kennethreitz/httpbin',
      labels: { app: 'web' },
      sidecar: true,
    });
    cluster.service('web', {
      namespace: 'shop',
      ports: [
        { name: 'http', port: 8000, targetPort: 80 },
        { name: 'http-again', port: 8001, targetPort: 80 },
      ],
      pods: [web],
    });
    return { outside, inside };
  }

  function put(object: AuthenticationPolicy): void {
    const plural = object.kind === 'Policy' ? 'policies' : 'meshpolicies';
    cluster.objects.put(`${plural}.authentication.istio.io`, object);
  }

  async function code(pod: TestPod, ...options: string[]): Promise<string> {
    const url = options.find((option) => option.startsWith('http')) ?? 'http://web.shop:8000/headers';
    const rest = options.filter((option) => option !== url);
    const { stdout, status } = await pod.exec(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', ...rest, url]);
    return status === 0 ? stdout : `${stdout} ${status}`;
  }

  test('a change of the mesh’s policy counts from the next connection on, and so does its end', async () => {
    const { outside } = open('1.0');

    expect(await code(outside)).toBe('200');
    put(meshPolicy({ peers: STRICT }));
    expect(await code(outside)).toBe('000 56');
    cluster.objects.remove('meshpolicies.authentication.istio.io', undefined, 'default');
    expect(await code(outside)).toBe('200');
  });

  test('a refusal names the kind of its time', async () => {
    const { outside } = open('1.0');
    const last = (): unknown => cluster.runtime.mesh.verdicts.entries().at(-1);

    put(meshPolicy({ peers: STRICT }));
    await code(outside);
    expect(last()).toMatchObject({ code: 'plaintext-refused', mode: 'STRICT', kind: 'MeshPolicy', policy: 'default' });

    put(policy('shop/default', { peers: STRICT }));
    await code(outside);
    expect(last()).toMatchObject({ kind: 'Policy', policy: 'shop/default' });
  });

  test('rules of 1.0 are one set: a rule of any namespace counts for all clients', async () => {
    const { inside } = open('1.0');
    put(meshPolicy({ peers: STRICT }));

    expect(await code(inside)).toBe('503');
    cluster.objects.put('destinationrules.networking.istio.io', {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'DestinationRule',
      metadata: { name: 'web', namespace: 'elsewhere' },
      spec: { host: 'web.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
    });

    expect(await code(inside)).toBe('200');
  });

  test('a port that no service names passes by, whatever the mesh says', async () => {
    const { outside } = open('1.4');
    put(meshPolicy({ peers: STRICT }));
    const hidden = cluster.pod({
      namespace: 'shop',
      name: 'hidden',
      image: 'kennethreitz/httpbin',
      sidecar: true,
    });

    // The program may still be on its way to its port.
    await expect.poll(() => code(outside, `http://${hidden.ip}/headers`)).toBe('200');
    expect(await code(outside)).toBe('000 56');
  });

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] });
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = (issuer: string): string => {
    const signed = `${part({ alg: 'RS256', kid: 'k' })}.${part({ iss: issuer, sub: 'me' })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  };
  const bearer = (token: string): string[] => ['-H', `Authorization: Bearer ${token}`];

  test('origins want a token with each request, and say no more than that', async () => {
    const { outside } = open('1.4');
    put(policy('shop/web', { targets: [{ name: 'web' }], origins: [{ jwt: { issuer: 'us', jwks } }] }));

    const { stdout } = await outside.exec(['curl', '-si', 'http://web.shop:8000/headers']);
    expect(stdout).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\ncontent-length: 29\r\ncontent-type: text\/plain\r\n/);
    expect(stdout).toMatch(/\r\nserver: istio-envoy\r\n\r\nOrigin authentication failed\.$/);
    expect(stdout).not.toContain('www-authenticate');
    expect(await code(outside, ...bearer(tokenOf('us')))).toBe('200');
    expect(await code(outside, ...bearer(tokenOf('them')))).toBe('401');
    expect(cluster.runtime.mesh.verdicts.entries().at(-1)).toMatchObject({
      code: 'token-rejected',
      kind: 'Policy',
      policy: 'shop/web',
      detail: 'Jwt issuer is not configured',
    });
    const seen = await outside.exec(['curl', '-s', ...bearer(tokenOf('us')), 'http://web.shop:8000/headers']);
    expect(seen.stdout).toContain('"Sec-Istio-Auth-Userinfo"');
  });

  test('origins that are optional want none, and paths may be left out', async () => {
    const { outside } = open('1.4');
    const origins: Spec['origins'] = [{ jwt: { issuer: 'us', jwks } }];
    put(policy('shop/web', { targets: [{ name: 'web' }], origins, originIsOptional: true }));
    expect(await code(outside)).toBe('200');

    const triggerRules = [{ excludedPaths: [{ prefix: '/status' }] }];
    put(policy('shop/web', { targets: [{ name: 'web' }], origins: [{ jwt: { issuer: 'us', jwks, triggerRules } }] }));
    expect(await code(outside)).toBe('401');
    expect(await code(outside, 'http://web.shop:8000/status/200')).toBe('200');
  });
});

test.each<[string, boolean]>([
  ['/health', false],
  ['/health/deep?x=1', true],
  ['/api/items', true],
  ['/other', false],
  ['/a.png', true],
])('a token is wanted for %s: %s', (path, expected) => {
  const rules = [
    { includedPaths: [{ prefix: '/api' }, { suffix: '.png' }] },
    { excludedPaths: [{ exact: '/health' }], includedPaths: [{ regex: '/health/?.*' }] },
  ];

  expect(isTriggered(rules, path)).toBe(expected);
});
