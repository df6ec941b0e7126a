import { expect, test } from 'vitest';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';

const PROGRAMS = `
apiVersion: v1
kind: Namespace
metadata: { name: foo, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: curl, namespace: foo }
---
apiVersion: v1
kind: Pod
metadata: { name: curl, namespace: foo, labels: { app: curl } }
spec: { serviceAccountName: curl, containers: [{ name: curl, image: curlimages/curl, command: [sleep, infinity] }] }
---
apiVersion: v1
kind: Service
metadata: { name: httpbin, namespace: foo }
spec: { selector: { app: httpbin }, ports: [{ name: http, port: 8000, targetPort: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: httpbin, namespace: foo }
spec:
  selector: { matchLabels: { app: httpbin } }
  template:
    metadata: { labels: { app: httpbin, version: v1 } }
    spec: { containers: [{ name: httpbin, image: kennethreitz/httpbin, ports: [{ containerPort: 80 }] }] }
`;

const RULES = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gate, namespace: foo }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['httpbin.example.com'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: httpbin, namespace: foo }
spec:
  hosts: ['httpbin.example.com']
  gateways: [gate]
  http: [{ match: [{ uri: { prefix: /get } }], route: [{ destination: { host: httpbin, port: { number: 8000 } } }] }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: httpbin, namespace: foo }
spec:
  selector: { matchLabels: { app: httpbin } }
  rules:
  - from: [{ source: { principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account] } }]
  - from: [{ source: { principals: [cluster.local/ns/foo/sa/curl] } }]
    to: [{ operation: { methods: [GET], paths: [/headers] } }]
`;

test.skipIf(!hasKubectl())(
  'objects that kubectl applies open the gateway, route and authorize, in a whole cluster',
  async () => {
    const { url } = await serveCluster();
    const kubectl = createKubectl(url);
    await kubectl(['apply', '-f', '-'], PROGRAMS);
    await kubectl(['wait', '-n', 'foo', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']);
    await kubectl(['rollout', 'status', '-n', 'istio-system', 'deploy/istio-ingressgateway', '--timeout=60s']);
    const curl = async (address: string, ...options: string[]): Promise<string> => {
      const write = ['-s', '-o', '/dev/null', '-w', '%{http_code}'];
      const args = ['exec', '-n', 'foo', 'curl', '-c', 'curl', '--', 'curl', ...write, ...options, address];
      return (await kubectl(args)).stdout;
    };
    const gateway = 'http://istio-ingressgateway.istio-system';

    expect(await curl('http://httpbin:8000/ip')).toBe('200');
    const applied = await kubectl(['apply', '-f', '-'], RULES);
    expect(applied).toMatchObject({ exit: 0, stderr: '' });

    expect(await curl('http://httpbin:8000/ip')).toBe('403');
    expect(await curl('http://httpbin:8000/headers')).toBe('200');
    expect(await curl(`${gateway}/get`)).toBe('404');
    expect(await curl(`${gateway}/get`, '-H', 'Host: httpbin.example.com')).toBe('200');
    expect(await curl(`${gateway}/ip`, '-H', 'Host: httpbin.example.com')).toBe('404');
    const log = await kubectl(['logs', '-n', 'foo', 'deploy/httpbin', '-c', 'istio-proxy']);
    expect(log.stdout).toContain('"GET /ip HTTP/1.1" 403 - rbac_access_denied_matched_policy[none]');
  },
);
