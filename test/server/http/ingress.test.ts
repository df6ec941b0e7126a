import { execFile } from 'node:child_process';
import { createServer, get, request as sendHttp, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkplace, type Workplace } from '../../../server/cli/workplace.ts';
import { createIngress } from '../../../server/http/ingress.ts';
import { createEmbeddedEnvironment, type EmbeddedEnvironment } from '../../../server/session/embedded-environment.ts';
import { createTempLesson } from '../session/temp-lesson.ts';

const KUBECTL = fileURLToPath(new URL('../../../dist/commands/kubectl.cjs', import.meta.url));

/** A shop in the mesh behind a Gateway, and one that refuses plaintext. */
const SETUP = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: httpbin, namespace: shop, labels: { app: httpbin } }
spec: { containers: [{ name: httpbin, image: kennethreitz/httpbin }] }
---
apiVersion: v1
kind: Service
metadata: { name: httpbin, namespace: shop }
spec: { selector: { app: httpbin }, ports: [{ name: http, port: 8000, targetPort: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: shop, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http: [{ route: [{ destination: { host: httpbin } }] }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`;

let workplace: Workplace;
let environment: EmbeddedEnvironment;
let browserSide: Server;
let port = 0;
let disposeFolder: () => Promise<void>;

beforeAll(async () => {
  const folder = await createTempLesson('## Step\n', { 'setup/shop.yaml': SETUP });
  disposeFolder = () => folder.dispose();
  workplace = await createWorkplace(KUBECTL);
  environment = await createEmbeddedEnvironment({
    ...workplace,
    setup: [`${folder.directory}/setup/shop.yaml`],
    files: null,
  });
  const ingress = createIngress((name) => workplace.gateway.byIngressName(name));
  browserSide = createServer((request, response) => {
    if (!ingress.handleRequest(request, response)) response.writeHead(204).end();
  });
  await new Promise<void>((done) => browserSide.listen(0, '127.0.0.1', done));
  ({ port } = browserSide.address() as AddressInfo);
});
afterAll(async () => {
  browserSide.close();
  await environment.dispose();
  await workplace.dispose();
  await disposeFolder();
});

/** What curl prints in the learner's shell, with its exit status. */
async function curl(...args: string[]): Promise<{ text: string; status: number }> {
  try {
    const { stdout } = await promisify(execFile)('curl', ['-sS', ...args], { env: environment.shellEnv });
    return { text: stdout, status: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { text: stdout + stderr, status: code };
  }
}

const clusterIp = () =>
  (environment.cluster.get('services', 'shop', 'httpbin') as unknown as { spec: { clusterIP: string } }).spec.clusterIP;

/** As a browser asks: the name is resolved to loopback by it alone. */
function browse(host: string, path: string): Promise<{ status: number; server: string | undefined; text: string }> {
  return new Promise((done, fail) => {
    get({ host: '127.0.0.1', port, path, headers: { host: `${host}:${port}` } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => done({ status: answer.statusCode ?? 0, server: String(answer.headers.server), text }));
    }).on('error', fail);
  });
}

test('curl in the shell of a learner reaches the ingress gateway by name and by address', async () => {
  await expect.poll(async () => (await curl('http://shop.example.com/status/418')).text).toContain('teapot');
  const address = environment.cluster.ingressAddress();

  const { text } = await curl('-H', 'host: shop.example.com', `http://${address}/headers`);
  const { headers } = JSON.parse(text) as { headers: Record<string, string> };

  expect(headers).toMatchObject({ Host: 'shop.example.com', 'X-Forwarded-Proto': 'http' });
  expect(Object.keys(headers).filter((name) => /proxy|connection/i.test(name))).toEqual([]);
  const answer = await curl('-o', '/dev/null', '-D', '-', 'http://shop.example.com/status/202');
  expect(answer.text).toContain('server: istio-envoy');
  expect(answer.text).not.toMatch(/^(?:connection|keep-alive):/im);
});

test('a plaintext request to a service that requires mutual TLS is reset, as from any machine', async () => {
  await expect.poll(async () => (await curl('http://shop.example.com/status/418')).text).toContain('teapot');

  expect(await curl(`http://${clusterIp()}:8000/`)).toEqual({
    text: 'curl: (56) Recv failure: Connection reset by peer\n',
    status: 56,
  });
});

test('what refuses a connection is named', async () => {
  const address = environment.cluster.ingressAddress();

  expect((await curl(`http://${address}:15021/`)).status).toBe(0);
  expect((await curl('http://172.18.0.2:31999/')).text).toBe(
    'Failed to connect to 172.18.0.2 port 31999: Connection refused\n',
  );
});

test('whoever does not know the secret of a cluster gets nothing from the proxy', async () => {
  const proxy = new URL(environment.shellEnv.http_proxy ?? '');
  const status = await new Promise((done) => {
    const request = sendHttp({ host: proxy.hostname, port: proxy.port, path: 'http://shop.example.com/' }, (answer) =>
      done(answer.statusCode),
    );
    request.end();
  });

  expect(status).toBe(407);
});

test('a browser reaches the ingress gateway under a name of its own', async () => {
  const base = `${environment.ingressName}.localhost`;
  await expect.poll(async () => (await browse(`shop.example.com.${base}`, '/status/418')).status).toBe(418);

  expect(await browse(`shop.example.com.${base}`, '/status/202')).toMatchObject({ status: 202, server: 'istio-envoy' });
  expect(await browse(base, '/')).toMatchObject({ status: 404, server: 'istio-envoy' });
  expect((await browse('localhost', '/')).status).toBe(204);
  const gone = await browse(`shop.example.com.${'0'.repeat(20)}.localhost`, '/');
  expect(gone).toMatchObject({ status: 502, text: expect.stringContaining('This cluster is gone') as string });
});
