import { randomBytes } from 'node:crypto';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createCluster, type Cluster, type KubernetesObject } from '../cluster/index.ts';
import { systemClock } from '../server/clock.ts';
import { createClusterGateway, type ClusterGateway } from '../server/session/cluster-gateway.ts';
import { median, type BenchRow } from './bench-row.ts';

const IDLE_CLUSTERS = 500;
const IDLE_MS = 5_000;
const PODS = 1_000;
const LISTS = 15;
const ROLLOUTS = 11;
const BUSY_CLUSTERS = 200;
const COMMANDS_EACH = 50;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Many clusters in one process: what they cost when nobody looks, and how fast they answer when everybody does. */
export async function run(): Promise<BenchRow[]> {
  const gateway = await createClusterGateway();
  const bare = await startBare();
  const rows = [
    ...(await benchTable(gateway, bare)),
    await benchDeployment(gateway, bare),
    await benchCommands(gateway, bare),
    await benchIdle(gateway),
  ];
  bare.server.close();
  bare.server.closeAllConnections();
  await gateway.dispose();
  return rows;
}

const newCluster = (): Cluster => createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length) });

interface Bare {
  server: Server;
  url: string;
  /** What it answers with. */
  body: string;
}

async function startBare(): Promise<Bare> {
  const bare: Bare = { server: createServer((_request, response) => response.end(bare.body)), url: '', body: '{}' };
  await new Promise<void>((done) => bare.server.listen(0, '127.0.0.1', done));
  bare.url = `http://127.0.0.1:${(bare.server.address() as AddressInfo).port}`;
  return bare;
}

interface Answer {
  status: number;
  text: string;
}

function send(
  url: string,
  agent?: Agent,
  init: { method?: string; body?: string; accept?: string; type?: string } = {},
) {
  return new Promise<Answer>((done, fail) => {
    const headers = { accept: init.accept ?? 'application/json', 'content-type': init.type ?? 'application/json' };
    const outgoing = request(url, { agent, method: init.method ?? 'GET', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.once('error', fail);
    outgoing.end(init.body);
  });
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const pod = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'many', tier: 'bench' } },
  // On no node, so that what is measured is the list alone.
  spec: { nodeSelector: { bench: 'nowhere' }, containers: [{ name: 'main', image: 'nginx:1.27' }] },
});

/** A Table of many pods, beside a bare server that sends the same bytes. */
async function benchTable(gateway: ClusterGateway, bare: Bare): Promise<BenchRow[]> {
  const cluster = newCluster();
  const { url, remove } = gateway.add(cluster);
  const agent = new Agent({ keepAlive: true });
  const path = `${url}/api/v1/namespaces/default/pods?limit=${PODS}`;
  cluster.apply(Array.from({ length: PODS }, (_, index) => pod(`many-${index}`)));
  bare.body = (await send(path, agent, { accept: TABLE })).text;
  const times: number[] = [];
  const bareTimes: number[] = [];
  for (let round = 0; round < LISTS; round++) {
    times.push(await timeOf(() => send(path, agent, { accept: TABLE })));
    bareTimes.push(await timeOf(() => send(bare.url, agent)));
  }
  bare.body = '{}';
  agent.destroy();
  remove();
  cluster.dispose();
  return [
    {
      name: `${PODS} pods as a Table, beside its bytes from a bare server`,
      value: median(times),
      baseline: median(bareTimes),
      unit: 'ms',
    },
  ];
}

/** From `create deployment` until it is available, beside two bare requests. */
async function benchDeployment(gateway: ClusterGateway, bare: Bare): Promise<BenchRow> {
  const cluster = newCluster();
  const { url, remove } = gateway.add(cluster);
  const agent = new Agent({ keepAlive: true });
  await send(`${url}/api/v1/namespaces`, agent);
  await sleep(500); // the mesh's own deployments come first
  const times: number[] = [];
  const bareTimes: number[] = [];
  for (let round = 0; round < ROLLOUTS; round++) {
    const name = `web-${round}`;
    const labels = { app: name };
    const body = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
      },
    });
    const available = new Promise<void>((done) => {
      const stop = cluster.watch('deployments.apps', ({ object }) => {
        const { availableReplicas } = (object.status ?? {}) as { availableReplicas?: number };
        if (object.metadata.name !== name || availableReplicas !== 1) return;
        stop();
        done();
      });
    });
    times.push(
      await timeOf(async () => {
        await send(`${url}/apis/apps/v1/namespaces/default/deployments`, agent, { method: 'POST', body });
        await available;
      }),
    );
    bareTimes.push(await timeOf(() => send(bare.url, agent).then(() => send(bare.url, agent))));
  }
  agent.destroy();
  remove();
  cluster.dispose();
  return {
    name: 'a Deployment without probes from its creation until it is ready, beside two bare requests',
    value: median(times),
    baseline: median(bareTimes),
    unit: 'ms',
  };
}

/** What all learners of a workshop do at once. One client per cluster, in a thread of their own. */
async function benchCommands(gateway: ClusterGateway, bare: Bare): Promise<BenchRow> {
  const clusters = Array.from({ length: BUSY_CLUSTERS }, newCluster);
  const urls = clusters.map((cluster) => gateway.add(cluster).url);
  for (const url of urls) await send(`${url}/api/v1/namespaces`);
  await sleep(1_000); // until the last cluster's mesh is up
  const times = await clientsIn(urls);
  const bareTimes = await clientsIn(urls.map(() => bare.url));
  for (const cluster of clusters) cluster.dispose();
  const failed = times.filter((time) => Number.isNaN(time)).length;
  if (failed > 0) throw new Error(`${failed} of ${times.length} commands failed`);
  return {
    name: `${BUSY_CLUSTERS} clusters with ${COMMANDS_EACH} commands each at once, 99th percentile, beside a bare server`,
    value: percentile(times, 0.99),
    baseline: percentile(bareTimes, 0.99),
    unit: 'ms',
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function clientsIn(urls: readonly string[]): Promise<number[]> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { urls } });
    worker.once('message', done);
    worker.once('error', fail);
  });
}

/** The requests of a command that a learner types, in turn. */
function commandOf(url: string, turn: number): () => Promise<Answer> {
  const maps = `${url}/api/v1/namespaces/default/configmaps`;
  const name = `map-${turn - (turn % 5)}`;
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { turn: String(turn) },
  });
  switch (turn % 5) {
    case 0:
      return () => send(maps, agent, { method: 'POST', body });
    case 1:
      return () => send(`${url}/api/v1/pods`, agent, { accept: TABLE });
    case 2:
      return () => send(`${maps}/${name}`, agent, { method: 'PATCH', body, type: 'application/merge-patch+json' });
    case 3:
      return () => send(`${url}/apis/apps/v1/namespaces/istio-system/deployments`, agent, { accept: TABLE });
    default:
      return () => send(`${maps}/${name}`, agent, { method: 'DELETE' });
  }
}

const agent = new Agent({ keepAlive: true });

/** Milliseconds of each command; NaN for one that failed. */
async function runClient(url: string): Promise<number[]> {
  const times: number[] = [];
  // Not measured: the connection, which both servers' clients open at the same moment.
  await commandOf(url, 1)();
  for (let turn = 0; turn < COMMANDS_EACH; turn++) {
    const started = performance.now();
    const { status } = await commandOf(url, turn)();
    times.push(status < 300 ? performance.now() - started : Number.NaN);
  }
  return times;
}

/** Percent of a core that many clusters take that were used and are used no more, beside the process without them. */
async function benchIdle(gateway: ClusterGateway): Promise<BenchRow> {
  const baseline = await coreShare();
  const clusters = Array.from({ length: IDLE_CLUSTERS }, newCluster);
  for (const cluster of clusters) {
    const { url, remove } = gateway.add(cluster);
    await send(`${url}/api/v1/namespaces`);
    remove();
  }
  await sleep(2_000); // until the last cluster's mesh is up
  globalThis.gc?.();
  const value = await coreShare();
  for (const cluster of clusters) cluster.dispose();
  return {
    name: `${IDLE_CLUSTERS} idle clusters, share of a core, beside the process without them`,
    value,
    // A process that does nothing may be measured as exactly nothing.
    baseline: Math.max(0.01, baseline),
    unit: '%',
  };
}

async function coreShare(): Promise<number> {
  const before = process.cpuUsage();
  const started = performance.now();
  await sleep(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  return (100 * (user + system)) / 1_000 / (performance.now() - started);
}

if (!isMainThread && parentPort) {
  const { urls } = workerData as { urls: readonly string[] };
  const times = await Promise.all(urls.map(runClient));
  parentPort.postMessage(times.flat()); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread, no window
}
