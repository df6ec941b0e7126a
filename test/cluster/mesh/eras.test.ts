import { describe, expect, test } from 'vitest';
import { ISTIO_VERSIONS, type IstioVersion } from '../../../cluster/index.ts';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

type Kubectl = (args: string, input?: string) => Promise<{ stdout: string; stderr: string; exit: number }>;

async function open(istio: IstioVersion): Promise<Kubectl> {
  const { url } = await serveCluster({ istio });
  const kubectl = createKubectl(url);
  return (args, input) => kubectl(args.split(' '), input);
}

const policy = (apiVersion: string, kind: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: default }\nspec: ${spec}\n`;
const POLICY = policy('authentication.istio.io/v1alpha1', 'Policy', '{ peers: [{ mtls: {} }] }');
const PEER_BETA = policy('security.istio.io/v1beta1', 'PeerAuthentication', '{ mtls: { mode: STRICT } }');
const PEER = policy('security.istio.io/v1', 'PeerAuthentication', '{ mtls: { mode: STRICT } }');
const SIDECAR = policy('networking.istio.io/v1alpha3', 'Sidecar', "{ egress: [{ hosts: ['*/*'] }] }");
const AUTHORIZATION = policy('security.istio.io/v1beta1', 'AuthorizationPolicy', '{}');

const HELM = [
  'istio-citadel',
  'istio-egressgateway',
  'istio-galley',
  'istio-ingressgateway',
  'istio-pilot',
  'istio-policy',
].concat('istio-sidecar-injector', 'istio-telemetry');
const ISTIOD = ['istio-egressgateway', 'istio-ingressgateway', 'istiod'];

interface Era {
  programs: string[];
  image: string;
  meshPolicy: string | null;
  has: string[];
  lacks: string[];
}

const ERAS: Record<IstioVersion, Era> = {
  '1.0': {
    programs: HELM,
    image: 'docker.io/istio/proxyv2:1.0.5',
    meshPolicy: '[{"mtls":{"mode":"PERMISSIVE"}}]',
    has: [POLICY],
    lacks: [PEER_BETA, PEER, SIDECAR, AUTHORIZATION],
  },
  '1.1': {
    programs: HELM,
    image: 'docker.io/maistra/proxyv2-centos7:0.10.0',
    meshPolicy: '[{"mtls":{}}]',
    has: [POLICY, SIDECAR],
    lacks: [PEER_BETA, PEER, AUTHORIZATION],
  },
  '1.4': {
    programs: HELM,
    image: 'docker.io/istio/proxyv2:1.4.10',
    meshPolicy: '[{"mtls":{"mode":"PERMISSIVE"}}]',
    has: [POLICY, SIDECAR, AUTHORIZATION],
    lacks: [PEER_BETA, PEER],
  },
  '1.6': {
    programs: ISTIOD,
    image: 'docker.io/istio/proxyv2:1.6.5',
    meshPolicy: null,
    has: [PEER_BETA, SIDECAR, AUTHORIZATION],
    lacks: [POLICY, PEER],
  },
  current: {
    programs: ISTIOD,
    image: 'docker.io/istio/proxyv2:1.27.0',
    meshPolicy: null,
    has: [PEER, SIDECAR, AUTHORIZATION],
    lacks: [POLICY],
  },
};

describe.skipIf(!hasKubectl()).each([...ISTIO_VERSIONS])('Istio %s', (istio) => {
  const era = ERAS[istio];

  test('has its programs, and all are ready', async () => {
    const kubectl = await open(istio);

    const waited = await kubectl('wait -n istio-system --for=condition=Available deploy --all --timeout=60s');
    const deployments = await kubectl('get deploy -n istio-system -o name');
    const gateway = await kubectl(
      'get deploy -n istio-system istio-ingressgateway -o jsonpath={.spec.template.spec.containers[*].image}',
    );

    expect(waited.exit).toBe(0);
    expect(deployments.stdout).toBe(era.programs.map((name) => `deployment.apps/${name}\n`).join(''));
    expect(gateway.stdout).toBe(era.image);
  });

  test('has the kinds of its time, and no other', async () => {
    const kubectl = await open(istio);

    const applied = await kubectl('apply -f -', era.has.join('---\n'));
    const refused = await kubectl('apply -f -', era.lacks.join('---\n'));

    expect(applied).toMatchObject({ stderr: '', exit: 0 });
    const lines = era.lacks.map((manifest) => {
      const [, apiVersion = '', kind = ''] = /apiVersion: (\S+)\nkind: (\S+)/.exec(manifest) ?? [];
      return `resource mapping not found for name: "default" namespace: "" from "STDIN": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`;
    });
    const text = `${lines.length === 1 ? 'error: ' : ''}${lines.join('\n')}\n`;
    expect(refused).toEqual({ stdout: '', stderr: text, exit: 1 });
  });

  test('begins with the policy of its installation', async () => {
    const kubectl = await open(istio);

    const found = await kubectl('get meshpolicies.authentication.istio.io default -o jsonpath={.spec.peers}');

    if (era.meshPolicy !== null) expect(found).toMatchObject({ stdout: era.meshPolicy, exit: 0 });
    else expect(found.stderr).toBe('error: the server doesn\'t have a resource type "meshpolicies"\n');
  });
});

test.skipIf(!hasKubectl())('a MeshPolicy belongs to no namespace, and has no columns but its age', async () => {
  const kubectl = await open('1.0');

  const listed = await kubectl('get meshpolicy');
  const definition = await kubectl('get crd meshpolicies.authentication.istio.io -o jsonpath={.spec.scope}');
  const applied = await kubectl('apply -f -', POLICY.replace('Policy', 'MeshPolicy'));

  expect(listed.stdout).toMatch(/^NAME +AGE\ndefault +\d+s\n$/);
  expect(definition.stdout).toBe('Cluster');
  expect(applied).toEqual({
    stdout: 'meshpolicy.authentication.istio.io/default configured\n',
    stderr: '',
    exit: 0,
  });
});

test.skipIf(!hasKubectl())('virtual services have short names and columns from 1.1 on', async () => {
  const older = await open('1.0');
  const newer = await open('1.1');

  expect((await older('get vs')).stderr).toBe('error: the server doesn\'t have a resource type "vs"\n');
  expect((await newer('get vs')).stderr).toBe('No resources found in default namespace.\n');
});

test.skipIf(!hasKubectl())('an authorization policy of 1.4 only allows, and one of 1.6 does not tell', async () => {
  const older = await open('1.4');
  const newer = await open('1.6');
  const deny = policy('security.istio.io/v1beta1', 'AuthorizationPolicy', '{ action: DENY, rules: [{}] }');
  const audit = deny.replace('DENY', 'AUDIT');

  expect((await older('apply -f -', deny)).stderr).toContain('unknown field "spec.action"');
  expect((await newer('apply -f -', deny)).exit).toBe(0);
  expect((await newer('apply -f -', audit)).stderr).toContain(
    'spec.action: Unsupported value: "AUDIT": supported values: "ALLOW", "DENY"',
  );
  // Both clusters are of one process, and documents are shared where they are the same.
  const explain = 'explain authorizationpolicy.spec.rules.from.source';
  expect((await newer(explain)).stdout).toContain('notPrincipals');
  expect((await older(explain)).stdout).not.toContain('notPrincipals');
});
