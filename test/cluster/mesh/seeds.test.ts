import { describe, expect, test } from 'vitest';
import type { IstioVersion } from '../../../cluster/index.ts';
import { createKubectl, hasKubectl, serveCluster, type KubectlResult } from '../serve-cluster.ts';

/**
 * The command sequences of five workshops of their time, with what they really came to: a STRICT server is `000` and
 * exit status 56 for whoever has no sidecar, and a 503 for a sidecar that sends plaintext.
 */

interface Workshop {
  kubectl(...args: string[]): Promise<KubectlResult>;
  apply(manifest: string): Promise<string>;
  /** curl in a pod. @returns what was printed, with curl's exit status behind a blank if it is not 0 */
  curl(where: string, url: string, ...options: string[]): Promise<string>;
}

async function open(istio: IstioVersion, options: { openshift?: boolean } = {}): Promise<Workshop> {
  const { url } = await serveCluster({ istio, ...options });
  const run = createKubectl(url);
  const kubectl: Workshop['kubectl'] = (...args) => run(args);
  return {
    kubectl,
    async apply(manifest) {
      const { stdout, stderr, exit } = await run(['apply', '-f', '-'], manifest);
      expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
      return stdout;
    },
    async curl(where, address, ...more) {
      const write = ['-s', '-o', '/dev/null', '-w', '%{http_code}'];
      const { stdout, exit } = await run(['exec', ...where.split(' '), '--', 'curl', ...write, ...more, address]);
      return exit === 0 ? stdout : `${stdout} ${exit}`;
    },
  };
}

async function ready({ kubectl }: Workshop, ...namespaces: string[]): Promise<void> {
  for (const namespace of namespaces) {
    const waited = await kubectl('wait', '-n', namespace, '--for=condition=Ready', 'pod', '--all', '--timeout=60s');
    expect(waited.stderr).toBe('');
  }
}

const workload = (
  name: string,
  image: string,
  port: number,
  { namespace = 'default', labels = '', annotations = '', portName = 'http', command = '', target = port } = {},
): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: ${namespace} }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ ${portName === '' ? '' : `name: ${portName}, `}port: ${port}, targetPort: ${target} }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${labels} }, annotations: { ${annotations} } }
    spec:
      serviceAccountName: ${name}
      containers: [{ name: ${name}, image: ${image}${command} }]
---
`;
const SLEEP = { command: ', command: [/bin/sleep, 3650d]' };

describe.skipIf(!hasKubectl())('the workshop', () => {
  test('of the todo application on OpenShift, Istio 1.0', async () => {
    const shop = await open('1.0', { openshift: true });
    await shop.kubectl('label', 'namespace', 'default', 'istio-injection=enabled');
    const labels = ', version: all-ok';
    await shop.apply(
      workload('todo-repo', 'atsistemas/todo-repo:0.3', 8081, { labels }) +
        workload('todo-client', 'atsistemas/todo-client:0.3', 8082, { labels }) +
        workload('sleep', 'pstauffer/curl', 80, SLEEP),
    );
    await ready(shop, 'default');
    const inside = '-c sleep deploy/sleep';
    const repo = 'http://todo-repo:8081/todo';

    expect(await shop.curl(inside, repo)).toBe('200');
    const strict = 'apiVersion: authentication.istio.io/v1alpha1\nkind: MeshPolicy\nmetadata: { name: default }\n';
    expect(await shop.apply(`${strict}spec: { peers: [{ mtls: {} }] }\n`)).toBe(
      'meshpolicy.authentication.istio.io/default configured\n',
    );
    // Clients stay plaintext until a DestinationRule says otherwise.
    expect(await shop.curl(inside, repo)).toBe('503');
    const rules = ['todo-client', 'todo-repo'].map(
      (name) => `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
  trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }
  subsets: [{ name: all-ok, labels: { version: all-ok } }]
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${name}], http: [{ route: [{ destination: { host: ${name}, subset: all-ok } }] }] }
`,
    );
    await shop.apply(rules.join('---\n'));
    expect(await shop.curl(inside, repo)).toBe('200');
    const files = await shop.kubectl('exec', 'deploy/todo-repo', '-c', 'istio-proxy', '--', 'ls', '/etc/certs');
    expect(files.stdout).toBe('cert-chain.pem\nkey.pem\nroot-cert.pem\n');
    expect(await shop.curl('-c istio-proxy deploy/todo-repo', repo)).toBe('000 56');
  });

  test('of the hipstershop, Istio 1.6', async () => {
    const shop = await open('1.6');
    await shop.kubectl('create', 'namespace', 'noistio');
    await shop.kubectl('create', 'namespace', 'hipstershopv1v2');
    await shop.kubectl('label', 'namespace', 'hipstershopv1v2', 'istio-injection=enabled');
    const namespace = 'hipstershopv1v2';
    await shop.apply(
      workload('sleep', 'governmentpaas/curl-ssl', 80, { namespace: 'noistio', ...SLEEP }) +
        workload('frontend', 'microservicesdemomesh/frontend:v0.1.9', 8080, { namespace, portName: 'http-frontend' }) +
        workload('adservice', 'microservicesdemomesh/adservice:v0.1.9', 9555, {
          namespace,
          portName: 'http-adservice',
        }),
    );
    await ready(shop, 'noistio', namespace);
    const sleep = '-n noistio deploy/sleep';
    const frontend = 'http://frontend.hipstershopv1v2:8080';
    const policy = (name: string, where: string, mode: string, selector: string): string => `
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: { name: ${name}, namespace: ${where} }
spec: { ${selector}mtls: { mode: ${mode} } }
`;

    expect(await shop.curl(sleep, frontend)).toBe('200');
    expect(await shop.apply(policy('default', 'istio-system', 'STRICT', ''))).toBe(
      'peerauthentication.security.istio.io/default created\n',
    );
    expect(await shop.curl(sleep, frontend)).toBe('000 56');
    // The original selects a label that no pod has, and changes nothing.
    const selector = (app: string): string => `selector: { matchLabels: { app: ${app} } }, `;
    await shop.apply(
      policy('frontend', namespace, 'PERMISSIVE', selector('frontend.hipstershopv1v2.svc.cluster.local')),
    );
    expect(await shop.curl(sleep, frontend)).toBe('000 56');
    await shop.apply(policy('frontend', namespace, 'PERMISSIVE', selector('frontend')));
    expect(await shop.curl(sleep, frontend)).toBe('200');
    expect(await shop.curl(sleep, 'http://adservice.hipstershopv1v2:9555')).toBe('000 56');
  });

  test('of bookinfo, Istio 1.4', async () => {
    const shop = await open('1.4');
    await shop.apply(workload('sleep', 'governmentpaas/curl-ssl', 80, SLEEP));
    await ready(shop, 'default');
    await shop.kubectl('label', 'namespace', 'default', 'istio-injection=enabled');
    await shop.apply(
      workload('ratings', 'istio/examples-bookinfo-ratings-v1:1.15.1', 9080) +
        workload('productpage', 'istio/examples-bookinfo-productpage-v1:1.15.1', 9080) +
        workload('client', 'governmentpaas/curl-ssl', 80, SLEEP),
    );
    await ready(shop, 'default');
    const ratings = 'http://ratings:9080/ratings/7';
    const sleep = '-c sleep deploy/sleep';
    const client = '-c client deploy/client';
    const policy = (name: string, spec: string): Promise<string> =>
      shop.apply(`apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: { name: ${name} }
spec: ${spec}
`);
    const rule = (name: string, mode: string): Promise<string> =>
      shop.apply(`apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: ${name} }
spec: { host: ${name}, trafficPolicy: { tls: { mode: ${mode} } } }
`);

    await policy('default', '{ peers: [] }');
    expect(await shop.curl(sleep, ratings)).toBe('200');
    expect(await policy('default', '{ peers: [{ mtls: {} }] }')).toBe(
      'policy.authentication.istio.io/default configured\n',
    );
    // A rule that only defines subsets leaves clients at plaintext: the trap of the time.
    expect(await shop.curl(client, ratings)).toBe('503');
    await rule('ratings', 'ISTIO_MUTUAL');
    await rule('productpage', 'ISTIO_MUTUAL');
    expect(await shop.curl(client, ratings)).toBe('200');
    expect(await shop.curl(sleep, ratings)).toBe('000 56');
    expect(await shop.curl(sleep, 'http://productpage:9080/')).toBe('000 56');
    await policy('disable-mtls-productpage', '{ targets: [{ name: productpage }], peers: [] }');
    await rule('productpage', 'DISABLE');
    expect(await shop.curl(sleep, 'http://productpage:9080/')).toBe('200');
    expect(await shop.curl(client, 'http://productpage:9080/')).toBe('200');
    expect(await shop.curl(sleep, ratings)).toBe('000 56');
  });

  test('of the boards on OpenShift, Maistra', async () => {
    const shop = await open('1.1', { openshift: true });
    await shop.kubectl('create', 'namespace', 'microservices-demo');
    const namespace = 'microservices-demo';
    // A label of the namespace injects nothing here: pods say so themselves.
    await shop.kubectl('label', 'namespace', namespace, 'istio-injection=enabled');
    const image = 'quay.io/jasonredhat/openshift-microservices-boards';
    const annotations = 'sidecar.istio.io/inject: "true"';
    await shop.apply(
      workload('boards', image, 8080, { namespace, annotations }) +
        workload('boards-mongodb', 'centos/mongodb-36-centos7', 27_017, { namespace, annotations, portName: 'mongo' }),
    );
    await ready(shop, namespace);
    const counted = await shop.kubectl('get', 'pods', '-n', namespace, '--no-headers');
    expect(counted.stdout.match(/ 2\/2 /g)).toHaveLength(2);
    const rogue = async (): Promise<KubectlResult> => {
      const run = `run curl-boards -n ${namespace} --image=appropriate/curl --attach --rm --restart=Never --`;
      const curl = '-sS -o /dev/null -w %{http_code} http://boards:8080/shareditems';
      return shop.kubectl(...`${run} ${curl}`.split(' '));
    };
    const policy = (peers: string): string => `apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: { name: default, namespace: ${namespace} }
spec: { peers: ${peers} }
`;

    // Maistra's `mtls: true` is a STRICT MeshPolicy.
    expect((await rogue()).exit).toBe(56);
    await shop.apply(policy('[{ mtls: { mode: PERMISSIVE } }]'));
    const allowed = await rogue();
    expect(allowed).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^200/) as string });
    await shop.apply(policy('[{ mtls: { mode: STRICT } }]'));
    const refused = await rogue();
    expect(refused.exit).toBe(56);
    expect(`${refused.stdout}${refused.stderr}`).toContain('curl: (56) Recv failure: Connection reset by peer');
  });

  test('of the books, Istio 1.6', async () => {
    const shop = await open('1.6');
    await shop.kubectl('create', 'namespace', 'fast-track-istio');
    await shop.kubectl('label', 'namespace', 'fast-track-istio', 'istio-injection=enabled');
    const namespace = 'fast-track-istio';
    const pod = (name: string, where: string, account: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${where} }
spec:
  serviceAccountName: ${account}
  containers: [{ name: busybox, image: 'radial/busyboxplus:curl', command: [sleep, '3600'] }]
---
`;
    // The port of the service has no name: its protocol is seen by its first bytes.
    await shop.apply(
      workload('books', 'fasttrackistio/books:1.0.0', 4000, { namespace, portName: '', target: 80 }) +
        `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: books-viewer-sa, namespace: ${namespace} }\n---\n` +
        pod('busybox', 'default', 'default') +
        pod('busybox', namespace, 'default') +
        pod('busybox-sa', namespace, 'books-viewer-sa'),
    );
    await ready(shop, 'default', namespace);
    const books = 'http://books.fast-track-istio.svc.cluster.local:4000/books/1';
    const [outside, inside] = ['busybox', `-n ${namespace} busybox -c busybox`];

    expect(await shop.curl(outside, books)).toBe('200');
    expect(await shop.curl(inside, books)).toBe('200');
    await shop.apply(`apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: { name: default, namespace: ${namespace} }
spec: { mtls: { mode: STRICT } }
---
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: default-destination-rule, namespace: istio-system }
spec: { host: '*.local', trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
`);
    expect(await shop.curl(outside, books)).toBe('000 56');
    expect(await shop.curl(inside, books)).toBe('200');
    await shop.apply(`apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: { name: books-api-authz-policy, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: books } }
  rules:
  - from: [{ source: { principals: [cluster.local/ns/${namespace}/sa/books-viewer-sa] } }]
    to: [{ operation: { methods: [GET] } }]
`);
    expect(await shop.curl(inside, books)).toBe('403');
    expect(await shop.curl(`-n ${namespace} busybox-sa -c busybox`, books)).toBe('200');
    await shop.kubectl('delete', 'namespace', namespace);
    const left = await shop.kubectl('get', 'destinationrules', '-A', '--no-headers');
    expect(left.stdout).toContain('default-destination-rule');
  });
});
