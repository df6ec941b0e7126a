import { randomBytes } from 'node:crypto';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node-pty';
import { createCluster } from '../cluster/index.ts';
import { systemClock } from '../server/clock.ts';
import { createClusterGateway } from '../server/session/cluster-gateway.ts';
import { median, type BenchRow } from './bench-row.ts';

const ROUNDS = 21;
const ITEMS = 50;

/**
 * What one more embedded cluster costs: until it answers `get namespaces`, beside a shell's first prompt (which each
 * learner costs as well) and beside a bare HTTP request; and its memory, beside that of a bare HTTP server.
 */
export async function run(): Promise<BenchRow[]> {
  const gateway = await createClusterGateway();
  const newCluster = () => createCluster({ clock: systemClock, randomBytes: (length) => randomBytes(length) });
  const firstAnswer = async () => {
    const started = performance.now();
    const cluster = newCluster();
    const { url, remove } = gateway.add(cluster);
    await fetchStatus(`${url}/api/v1/namespaces`);
    const elapsed = performance.now() - started;
    remove();
    cluster.dispose();
    return elapsed;
  };

  const bare = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((done) => bare.listen(0, '127.0.0.1', done));
  const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;
  const clusterTimes: number[] = [];
  const shellTimes: number[] = [];
  const requestTimes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    clusterTimes.push(await firstAnswer());
    shellTimes.push(await firstPrompt());
    const started = performance.now();
    await fetchStatus(bareUrl);
    requestTimes.push(performance.now() - started);
  }
  bare.close();

  const idleMemory = await heapOf(newCluster);
  const usedMemory = await heapOf(async () => {
    const cluster = newCluster();
    await fetchStatus(`${gateway.add(cluster).url}/api/v1/namespaces`);
    return cluster;
  });
  const serverMemory = await heapOf(() => createServer(() => undefined));
  await gateway.dispose();

  return [
    {
      name: 'new cluster to first answer, beside a shell prompt',
      value: median(clusterTimes),
      baseline: median(shellTimes),
      unit: 'ms',
    },
    {
      name: 'new cluster to first answer, beside a bare request',
      value: median(clusterTimes),
      baseline: median(requestTimes),
      unit: 'ms',
    },
    {
      name: 'heap per idle cluster, beside a bare http.Server',
      value: idleMemory,
      baseline: serverMemory,
      unit: 'KiB',
    },
    {
      name: 'heap per cluster that has answered, beside a bare http.Server',
      value: usedMemory,
      baseline: serverMemory,
      unit: 'KiB',
    },
  ];
}

function fetchStatus(url: string): Promise<void> {
  return new Promise((done, fail) => {
    get(url, (response) => response.resume().once('end', done)).once('error', fail);
  });
}

function firstPrompt(): Promise<number> {
  const started = performance.now();
  return new Promise((done) => {
    const shell = spawn('/bin/bash', ['--noprofile', '--norc'], { env: { PATH: '/usr/bin:/bin', PS1: 'ready> ' } });
    const { dispose } = shell.onData((data) => {
      if (!data.includes('ready> ')) return;
      dispose();
      shell.kill();
      done(performance.now() - started);
    });
  });
}

/** KiB on the heap per item. `npm run bench` exposes the collector; without it the figure is an upper bound. */
async function heapOf(make: () => unknown): Promise<number> {
  const before = await settledHeap();
  const items: unknown[] = [];
  for (let count = 0; count < ITEMS; count++) items.push(await make());
  return ((await settledHeap()) - before) / items.length / 1024;
}

/** Bytes. What the rounds before have left behind lets go over some turns. */
async function settledHeap(): Promise<number> {
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => void setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
