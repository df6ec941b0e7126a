import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { renderKubeconfig } from '../../../../server/session/kubeconfig.ts';
import { createBench, type Bench } from './bundle.ts';

/** A server with one request for a certificate: the embedded cluster keeps none. */
let bench: Bench;
let server: Server;
let conditions: { type: string }[];
let paths: string[];

beforeAll(async () => {
  bench = await createBench();
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      paths.push(`${request.method} ${request.url?.split('?')[0]}`);
      if (request.method === 'PUT') ({ conditions } = (JSON.parse(body) as { status: { conditions: [] } }).status);
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/apis?')) return void response.end(JSON.stringify(DISCOVERY));
      if (request.url?.startsWith('/api?')) return void response.end(JSON.stringify({ ...DISCOVERY, items: [] }));
      response.end(JSON.stringify({ ...REQUEST, status: { conditions } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await writeFile(join(bench.folder, 'config'), renderKubeconfig(`http://127.0.0.1:${port}`));
});
afterAll(async () => {
  server.close();
  await bench.dispose();
});
beforeEach(() => {
  conditions = [];
  paths = [];
});

const REQUEST = {
  kind: 'CertificateSigningRequest',
  apiVersion: 'certificates.k8s.io/v1',
  metadata: { name: 'ann', resourceVersion: '7' },
  spec: { request: 'x' },
};
const DISCOVERY = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: 'certificates.k8s.io' },
      versions: [
        {
          version: 'v1',
          resources: [
            {
              resource: 'certificatesigningrequests',
              responseKind: { kind: 'CertificateSigningRequest' },
              scope: 'Cluster',
              shortNames: ['csr'],
            },
          ],
        },
      ],
    },
  ],
};

function kubectl(...words: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [bench.bundle, ...words], { env: bench.env }, (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    ),
  );
}

it('approves by a condition in a place of its own', async () => {
  const { stdout } = await kubectl('certificate', 'approve', 'ann');

  expect(stdout).toBe('certificatesigningrequest.certificates.k8s.io/ann approved\n');
  expect(paths).toContain('PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/ann/approval');
  expect(conditions).toMatchObject([
    {
      type: 'Approved',
      status: 'True',
      reason: 'KubectlApprove',
      message: 'This CSR was approved by kubectl certificate approve.',
    },
  ]);
});

it('what is approved is approved once', async () => {
  await kubectl('certificate', 'approve', 'ann');
  paths = [];

  const { stdout } = await kubectl('certificate', 'approve', 'csr/ann');

  expect(stdout).toBe('certificatesigningrequest.certificates.k8s.io/ann approved\n');
  expect(paths.filter((path) => path.startsWith('PUT'))).toEqual([]);
});

it('denies', async () => {
  const { stdout } = await kubectl('certificate', 'deny', 'ann', '-o', 'name');

  expect(stdout).toBe('certificatesigningrequest.certificates.k8s.io/ann\n');
  expect(conditions).toMatchObject([{ type: 'Denied', reason: 'KubectlDeny' }]);
});
