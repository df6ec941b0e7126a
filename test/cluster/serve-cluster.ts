import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Cluster, ClusterOptions } from '../../cluster/index.ts';
import { listenWithCluster } from './listening-cluster.ts';

export interface ServedCluster {
  cluster: Cluster;
  /** Without a slash at its end. */
  url: string;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // Answers differ; each test says what it expects of one.
  json: Record<string, unknown> & { metadata: Record<string, unknown> };
}

/** A real cluster behind a real socket. Ends with the test. */
export async function serveCluster(options: Partial<ClusterOptions> = {}): Promise<ServedCluster> {
  const { cluster, url, dispose } = await listenWithCluster(options);
  onTestFinished(dispose);
  return {
    cluster,
    url,
    async request(method, path, body, headers = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as BodyInit }),
      });
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: (isJson ? JSON.parse(text) : {}) as Answer['json'],
      };
    },
  };
}

export interface KubectlResult {
  stdout: string;
  stderr: string;
  exit: number;
}

const KUBECTL = '/usr/bin/kubectl';

/** Whether this machine has a kubectl to judge us by. */
export function hasKubectl(): boolean {
  try {
    accessSync(KUBECTL, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs the machine's kubectl against the cluster, with a home of its own. */
export function createKubectl(url: string): (args: readonly string[], input?: string) => Promise<KubectlResult> {
  const home = mkdtempSync(join(tmpdir(), 'kubectl-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    users: [{ name: 'test', user: {} }],
  };
  writeFileSync(join(home, 'config'), JSON.stringify(config));
  return (args, input = '') =>
    new Promise((resolve, reject) => {
      const env = { HOME: home, KUBECONFIG: join(home, 'config'), PATH: '/usr/bin:/bin' };
      const child = execFile(KUBECTL, args, { env, timeout: 90_000 }, (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ stdout, stderr, exit: typeof error?.code === 'number' ? error.code : 0 });
      });
      child.stdin?.end(input);
    });
}
