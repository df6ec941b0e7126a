import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, createServer as createTlsServer, type SecureContext } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createAuthority } from '../cluster/mesh/authority.ts';
import { createMesh } from '../cluster/mesh/mesh.ts';
import { createNetwork, type PodNetwork } from '../cluster/network/network.ts';
import type { KubernetesObject, ObjectReader } from '../cluster/objects/object.ts';
import { systemClock } from '../server/clock.ts';
import { median, type BenchRow } from './bench-row.ts';

const WARM_UP_ROUNDS = 6000;
const WARM_ROUNDS = 2000;
const COLD_ROUNDS = 120;
const POLICIES = 1000;
const PODS = 200;

/**
 * The mesh's data plane: a warm request through two sidecars beside one over a bare keep-alive TLS connection; a cold
 * one beside a bare mutual handshake with a request; and a verdict over 1,000 policies, with the policies just changed
 * and not, beside an empty function.
 */
export async function run(): Promise<BenchRow[]> {
  const objects = new Map<string, KubernetesObject>();
  const listeners: [string, (event: { type: 'ADDED'; object: KubernetesObject }) => void][] = [];
  const reader: ObjectReader = {
    get: (resource, namespace, name) => objects.get(`${resource} ${namespace ?? ''}/${name}`),
    list: (resource) => [...objects].filter(([key]) => key.startsWith(`${resource} `)).map(([, object]) => object),
    watch(resource, listener) {
      listeners.push([resource, listener]);
      return () => {}; // the run ends before anything is watched in vain
    },
  };
  const put = (resource: string, object: KubernetesObject): void => {
    objects.set(`${resource} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
    for (const [watched, listener] of listeners) if (watched === resource) listener({ type: 'ADDED', object });
  };
  const deps = { objects: reader, clock: systemClock, randomBytes: (length: number) => randomBytes(length) };
  const network = createNetwork(deps);
  const mesh = createMesh({ ...deps, network });
  const pod = (name: string, ip: string): { object: KubernetesObject; network: PodNetwork } => {
    const object = podObject(name);
    put('pods', object);
    const podNetwork = network.attach(object, ip);
    mesh.attach(object, podNetwork, () => {});
    return { object, network: podNetwork };
  };
  const server = pod('server', '10.244.0.1');
  const client = pod('client', '10.244.0.2');
  put('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'server', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.9', selector: { app: 'server' }, ports: [{ name: 'http', port: 80, targetPort: 80 }] },
  });
  put('endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'server-a', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'server' } },
    endpoints: [{ addresses: ['10.244.0.1'] }],
    ports: [{ name: 'http', port: 80 }],
  });
  const application = createServer((_request, response) => response.end('hello'));
  server.network.listen(80, (connection) => application.emit('connection', connection));

  const identity = createAuthority(deps);
  const secure = (): SecureContext => {
    const { keyPem, certificatePem } = identity.issue('shop', 'default');
    return createSecureContext({ key: keyPem, cert: certificatePem, ca: identity.root().certificatePem });
  };
  const [serverContext, clientContext] = [secure(), secure()];
  const { keyPem: key, certificatePem: cert } = identity.issue('shop', 'default');
  const bare = createTlsServer(
    { key, cert, ca: identity.root().certificatePem, requestCert: true, secureContext: serverContext } as never,
    (socket) => application.emit('connection', socket),
  );
  await new Promise<void>((done) => bare.listen(0, '127.0.0.1', done));
  const { port } = bare.address() as AddressInfo;
  const bareConnection = (): Promise<Duplex> =>
    new Promise((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port, secureContext: clientContext, rejectUnauthorized: false }, () =>
        done(socket),
      );
      socket.on('error', fail);
    });
  const meshConnection = (): Promise<Duplex> => client.network.connect({ ip: '10.96.0.9', port: 80 });

  const warmMesh: number[] = [];
  const warmBare: number[] = [];
  const [meshStream, bareStream] = [await meshConnection(), await bareConnection()];
  // Until the code is compiled: a proxy that has just begun is not what is asked for.
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await ask(meshStream);
    await ask(bareStream);
  }
  for (let round = 0; round < WARM_ROUNDS; round += 1) {
    warmMesh.push(await timed(() => ask(meshStream)));
    warmBare.push(await timed(() => ask(bareStream)));
  }
  const coldMesh: number[] = [];
  const coldBare: number[] = [];
  const cold = async (open: () => Promise<Duplex>): Promise<void> => {
    const stream = await open();
    await ask(stream);
    stream.destroy();
  };
  const policy = policyObject(0);
  for (let round = 0; round < COLD_ROUNDS; round += 1) {
    put('peerauthentications.security.istio.io', policy); // ends the sidecars' idle connections
    coldMesh.push(await timed(() => cold(meshConnection)));
    coldBare.push(await timed(() => cold(bareConnection)));
  }
  meshStream.destroy();
  bareStream.destroy();
  bare.close();

  for (let index = 0; index < POLICIES; index += 1) put('peerauthentications.security.istio.io', policyObject(index));
  const workloads = Array.from({ length: PODS }, (_, index) => mesh.workload(podObject(`pod-${index}`)));
  const verdicts = (): void => {
    for (const workload of workloads) mesh.config.serverMode(workload, 80);
  };
  const nothing = (): void => {
    for (const workload of workloads) empty(workload);
  };
  const fresh: number[] = [];
  const known: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    put('peerauthentications.security.istio.io', policy);
    mesh.config.namespaceMode('shop'); // sorts the list: once per change, not per verdict
    fresh.push((await timed(verdicts)) * (1000 / PODS));
    known.push((await timed(verdicts)) * (1000 / PODS));
    baseline.push(Math.max(0.001, (await timed(nothing)) * (1000 / PODS)));
  }
  mesh.dispose();
  network.dispose();

  return [
    {
      name: 'warm request through two sidecars, beside a bare TLS pair',
      value: median(warmMesh),
      baseline: median(warmBare),
      unit: 'ms',
    },
    {
      name: 'cold request through two sidecars, beside a bare mutual handshake',
      value: median(coldMesh),
      baseline: median(coldBare),
      unit: 'ms',
    },
    {
      name: 'verdict over 1,000 policies just changed, beside an empty function',
      value: median(fresh),
      baseline: median(baseline),
      unit: 'µs',
    },
    {
      name: 'verdict over 1,000 known policies, beside an empty function',
      value: median(known),
      baseline: median(baseline),
      unit: 'µs',
    },
  ];
}

function empty(value: unknown): unknown {
  return value;
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function ask(stream: Duplex): Promise<void> {
  return new Promise((done, fail) => {
    const request = httpRequest({
      headers: { host: 'server', connection: 'keep-alive' },
      createConnection: () => stream as never,
    });
    request.on('error', fail);
    request.on('response', (response: IncomingMessage) => {
      if (response.statusCode !== 200) fail(new Error(`status ${response.statusCode ?? 0}`));
      response.resume().once('end', () => {
        // The stream is given back without its listeners, as an agent does.
        stream.removeAllListeners('agentRemove');
        setImmediate(done);
      });
    });
    request.end();
  });
}

function podObject(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name, 'security.istio.io/tlsMode': 'istio' } },
    spec: {
      serviceAccountName: 'default',
      containers: [{ name: 'app' }, { name: 'istio-proxy', args: ['proxy', 'sidecar'] }],
    },
  };
}

/** Every tenth is for its whole namespace, a hundredth for the mesh; all others are for one of the pods. */
function policyObject(index: number): KubernetesObject {
  const isBroad = index % 10 === 0;
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: `policy-${index}`, namespace: index % 100 === 0 ? 'istio-system' : 'shop' },
    spec: {
      mtls: { mode: 'PERMISSIVE' },
      ...(isBroad ? {} : { selector: { matchLabels: { app: `pod-${index % PODS}` } } }),
    },
  };
}
