import { describe, expect, test } from 'vitest';
import { ISTIO_VERSIONS, type IstioVersion } from '../../../cluster/index.ts';
import { eraOf } from '../../../cluster/mesh/era.ts';
import { injectSidecar } from '../../../cluster/mesh/injection.ts';
import type { KubernetesObject } from '../../../cluster/objects/object.ts';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

interface Container {
  name: string;
  image: string;
  args?: string[];
  readinessProbe?: { httpGet?: { path: string; port: number } };
  volumeMounts?: { name: string; mountPath: string }[];
  env?: { name: string; value?: string }[];
}

interface Pod extends KubernetesObject {
  spec: {
    serviceAccountName?: string;
    containers: Container[];
    initContainers?: Container[];
    volumes?: { name: string; secret?: { secretName: string; optional?: boolean } }[];
  };
}

const INJECT = 'sidecar.istio.io/inject';

function pod(labels: Record<string, string> = {}, annotations: Record<string, string> = {}): Pod {
  const probe = { httpGet: { path: '/ready', port: 8080 } };
  const web = { name: 'web', image: 'nginx', ports: [{ containerPort: 8080 }], readinessProbe: probe };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web', ...labels }, annotations },
    spec: { serviceAccountName: 'shopper', containers: [web] },
  };
}

function inject(istio: IstioVersion, given: Pod, labels: Record<string, string>): Pod {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } };
  return injectSidecar(given, namespace, eraOf(istio)) as Pod;
}

const ENABLED = { 'istio-injection': 'enabled' };

/** Whether a pod gets a sidecar, in the order of the releases: 1.0, 1.1, 1.4, 1.6, current. */
test.each<[string, Pod, Record<string, string>, readonly [boolean, boolean, boolean, boolean, boolean]]>([
  ['an enabled namespace', pod(), ENABLED, [true, false, true, true, true]],
  ['an annotation alone', pod({}, { [INJECT]: 'true' }), {}, [false, true, false, false, false]],
  ['an annotation in an enabled namespace', pod({}, { [INJECT]: 'true' }), ENABLED, [true, true, true, true, true]],
  ['an unwilling annotation', pod({}, { [INJECT]: 'false' }), ENABLED, [false, false, false, false, false]],
  ['a label alone', pod({ [INJECT]: 'true' }), {}, [false, false, false, false, true]],
  ['an unwilling label', pod({ [INJECT]: 'false' }), ENABLED, [true, false, true, true, false]],
  ['a revision', pod(), { 'istio.io/rev': 'default' }, [false, false, false, true, true]],
])('%s', (_title, given, labels, expected) => {
  expect(ISTIO_VERSIONS.map((istio) => inject(istio, given, labels) !== given)).toEqual(expected);
});

test('a pod of 1.6 has neither the sockets nor the annotations that came later', () => {
  const { metadata, spec } = inject('1.6', pod(), ENABLED);

  expect(spec.volumes?.map(({ name }) => name)).toEqual([
    'istio-envoy',
    'istio-podinfo',
    'istio-token',
    'istiod-ca-cert',
  ]);
  expect(Object.keys(metadata.annotations ?? {})).toEqual(['sidecar.istio.io/status']);
  expect(metadata.labels?.['istio.io/rev']).toBe('default');
  expect(spec.containers.at(-1)?.args?.join(' ')).toBe(
    'proxy sidecar --domain $(POD_NAMESPACE).svc.cluster.local --serviceCluster web.$(POD_NAMESPACE) --proxyLogLevel=warning --proxyComponentLogLevel=misc:error --trust-domain=cluster.local --concurrency 2',
  );
});

describe.each(['1.0', '1.1', '1.4'] as const)('a pod of Istio %s', (istio) => {
  const injected = inject(istio, pod({}, { [INJECT]: 'true' }), ENABLED);
  const proxy = injected.spec.containers.at(-1);

  test('has the account’s certificates at /etc/certs, as soon as they are there', () => {
    expect(proxy?.volumeMounts).toContainEqual({ name: 'istio-certs', mountPath: '/etc/certs/', readOnly: true });
    expect(injected.spec.volumes?.find(({ name }) => name === 'istio-certs')?.secret).toEqual({
      optional: true,
      secretName: 'istio.shopper',
    });
  });

  test('is no pod of the default container, and its probes are its own', () => {
    expect(injected.metadata.annotations).not.toHaveProperty('kubectl.kubernetes.io/default-container');
    expect(injected.spec.containers[0]?.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 8080 });
  });
});

test.each<[IstioVersion, string, string, number | undefined, string | undefined]>([
  ['1.0', 'docker.io/istio/proxyv2:1.0.5', 'docker.io/istio/proxy_init:1.0.5', undefined, undefined],
  ['1.1', 'docker.io/maistra/proxyv2-centos7:0.10.0', 'docker.io/maistra/proxy-init-centos7:0.10.0', 15_020, undefined],
  ['1.4', 'docker.io/istio/proxyv2:1.4.10', 'docker.io/istio/proxy_init:1.4.10', 15_020, 'istio'],
  ['1.6', 'docker.io/istio/proxyv2:1.6.5', 'docker.io/istio/proxyv2:1.6.5', 15_021, 'istio'],
  ['current', 'docker.io/istio/proxyv2:1.27.0', 'docker.io/istio/proxyv2:1.27.0', 15_021, 'istio'],
])('images, readiness and mark of Istio %s', (istio, proxyImage, initImage, healthPort, mark) => {
  const { metadata, spec } = inject(istio, pod({}, { [INJECT]: 'true' }), ENABLED);
  const proxy = spec.containers.at(-1);

  expect(proxy?.image).toBe(proxyImage);
  expect(spec.initContainers?.at(-1)?.image).toBe(initImage);
  expect(proxy?.readinessProbe?.httpGet?.port).toBe(healthPort);
  expect(metadata.labels?.['security.istio.io/tlsMode']).toBe(mark);
});

test.each(['1.6', 'current'] as const)('probes lead to the agent in Istio %s, which knows where they go', (istio) => {
  const [web, proxy] = inject(istio, pod(), ENABLED).spec.containers;

  expect(web?.readinessProbe?.httpGet).toEqual({ path: '/app-health/web/readyz', port: 15_020, scheme: 'HTTP' });
  expect(proxy?.env).toContainEqual({
    name: 'ISTIO_KUBE_APP_PROBERS',
    value: '{"/app-health/web/readyz":{"httpGet":{"path":"/ready","port":8080}}}',
  });
});

test.each<[IstioVersion, string, string]>([
  ['1.4', 'true', '/app-health/web/readyz'],
  ['1.6', 'false', '/ready'],
])('a pod of Istio %s may ask for the other: %s', (istio, wish, path) => {
  const annotations = { 'sidecar.istio.io/rewriteAppHTTPProbers': wish };

  const [web] = inject(istio, pod({}, annotations), ENABLED).spec.containers;

  expect(web?.readinessProbe?.httpGet?.path).toBe(path);
});

const manifest = (annotations: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, annotations: { ${annotations} } }
spec:
  containers:
  - name: web
    image: nginx
    ports: [{ containerPort: 80 }]
    readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
`;
const STRICT: Partial<Record<IstioVersion, string>> = {
  '1.4': `apiVersion: authentication.istio.io/v1alpha1
kind: MeshPolicy
metadata: { name: default }
spec: { peers: [{ mtls: {} }] }
`,
  '1.6': `apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: { name: default, namespace: istio-system }
spec: { mtls: { mode: STRICT } }
`,
};

test.skipIf(!hasKubectl()).each<[IstioVersion, string, boolean]>([
  ['1.4', '', false],
  ['1.4', 'sidecar.istio.io/rewriteAppHTTPProbers: "true"', true],
  ['1.6', '', true],
])('in Istio %s with "%s" a probed pod of a STRICT mesh is ready: %s', async (istio, annotations, ready) => {
  const { url } = await serveCluster({ istio });
  const run = createKubectl(url);
  const kubectl = (args: string, input?: string): ReturnType<typeof run> => run(args.split(' '), input);
  await kubectl('label namespace default istio-injection=enabled');
  // The refusal of the proxy is for ports of services.
  const labelled = manifest(annotations).replace(
    '{ name: web, annotations',
    '{ name: web, labels: { app: web }, annotations',
  );
  // Before the pod, or its first probe could be the earlier one.
  expect((await kubectl('apply -f -', STRICT[istio])).exit).toBe(0);
  expect((await kubectl('apply -f -', labelled)).exit).toBe(0);

  if (ready) {
    expect((await kubectl('wait --for=condition=Ready pod/web --timeout=60s')).exit).toBe(0);
  } else {
    const told = async (): Promise<string> =>
      (await kubectl('get events --field-selector reason=Unhealthy -o jsonpath={.items[*].message}')).stdout;
    await expect.poll(told).toContain('read: connection reset by peer');
    const web = await kubectl('get pod web -o jsonpath={.status.containerStatuses[?(@.name=="web")].ready}');
    expect(web.stdout).toBe('false');
  }
});
