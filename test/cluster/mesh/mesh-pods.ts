import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Connection } from '../../../cluster/network/connection.ts';
import type { TestCluster, TestPod } from '../containers/test-cluster.ts';

/** A client with a sidecar, which runs nothing by itself. */
export function clientPod(cluster: TestCluster, namespace: string, name: string, sidecar = true): TestPod {
  return cluster.pod({
    namespace,
    name,
    image: 'curlimages/curl',
    command: ['/bin/sleep', 'infinity'],
    sidecar,
    serviceAccount: name,
    labels: { app: name },
  });
}

/** Pods of one service on port 80 that answer by a function, each told its own name. */
export function serve(
  cluster: TestCluster,
  namespace: string,
  app: string,
  names: readonly string[],
  answer: (request: IncomingMessage, response: ServerResponse, name: string) => void,
): TestPod[] {
  const pods = names.map((name) => {
    const pod = clientPod(cluster, namespace, name);
    (pod.object.metadata.labels ??= {})['app'] = app;
    cluster.objects.put('pods', { ...pod.object, status: { podIP: pod.ip } });
    const server = createServer((request, response) => answer(request, response, name));
    listen(cluster, pod, 80, (connection) => void server.emit('connection', connection));
    return pod;
  });
  cluster.service(app, { namespace, ports: [{ name: 'http', port: 80, targetPort: 80 }], pods });
  return pods;
}

export function listen(
  cluster: TestCluster,
  pod: TestPod,
  port: number,
  accept: (connection: Connection) => void,
): void {
  cluster.runtime.network.at(pod.ip)?.listen(port, accept);
}

/** A connection of a pod's program, with everything that came over it. */
export class RawClient {
  readonly connection: Connection;
  text = '';
  isEnded = false;
  error: string | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    connection.on('end', () => {
      this.isEnded = true;
    });
    connection.on('error', (error: Error & { code?: string }) => {
      this.error = error.code ?? error.message;
    });
  }

  /** @param host a service as the pod names it */
  static async open(cluster: TestCluster, pod: TestPod, host: string, port: number): Promise<RawClient> {
    const network = cluster.runtime.network.at(pod.ip);
    const address = network?.resolve(host)?.addresses[0] ?? host;
    if (network === undefined) throw new Error(`no pod ${pod.ip}`);
    return new RawClient(await network.connect({ ip: address, port }));
  }

  send(text: string): void {
    this.connection.write(Buffer.from(text, 'latin1'));
  }
}

export function logLines(pod: TestPod): string[] {
  return (
    pod.containers
      .get('istio-proxy')
      ?.log.lines()
      .map(({ text }) => text) ?? []
  );
}

/** The ingress gateway, on ports of its Service. */
export function gatewayPod(cluster: TestCluster, ports: readonly number[]): TestPod {
  const labels = { istio: 'ingressgateway', app: 'istio-ingressgateway' };
  const image = 'docker.io/istio/proxyv2:1.27.0';
  const pod = cluster.pod({
    namespace: 'istio-system',
    name: 'gateway',
    image,
    labels,
    serviceAccount: 'istio-ingressgateway-service-account',
    spec: { containers: [{ name: 'istio-proxy', image, args: ['proxy', 'router'] }] },
  });
  cluster.service('istio-ingressgateway', {
    namespace: 'istio-system',
    ports: ports.map((port) => ({ name: `p${port}`, port, targetPort: port })),
    pods: [pod],
    selector: labels,
  });
  return pod;
}
