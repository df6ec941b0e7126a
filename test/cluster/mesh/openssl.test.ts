import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKubectl, hasKubectl, serveCluster } from '../serve-cluster.ts';
import { hasOpenssl } from './server-certificate.ts';

/** What the machine's own openssl sees of the mesh, through the machine's own kubectl. */

const PROGRAMS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  serviceAccountName: web
  containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`;

/** What a program printed, whatever its exit status. */
function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 60_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** The local port that kubectl forwards; it ends with the test. */
async function forward(kubeconfig: readonly string[], target: string, port: number): Promise<number> {
  const child = spawn('/usr/bin/kubectl', [...kubeconfig, 'port-forward', '-n', 'shop', target, `:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await expect.poll(() => output).toMatch(/127\.0\.0\.1:\d+ ->/);
  return Number(/127\.0\.0\.1:(\d+) ->/.exec(output)?.[1]);
}

test.skipIf(!hasKubectl() || !hasOpenssl)(
  'openssl s_client through a forwarded port shows the certificate of a workload, which openssl verifies',
  async () => {
    const { url, cluster } = await serveCluster();
    const kubectl = createKubectl(url);
    await kubectl(['apply', '-f', '-'], PROGRAMS);
    await kubectl(['wait', '-n', 'shop', '--for=condition=Ready', 'pod/web', '--timeout=60s']);
    const folder = mkdtempSync(join(tmpdir(), 'openssl-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const root = join(folder, 'root.pem');
    const map = cluster.get('configmaps', 'shop', 'istio-ca-root-cert') as
      | { data?: Record<string, string> }
      | undefined;
    writeFileSync(root, map?.data?.['root-cert.pem'] ?? '');

    const port = await forward(['--server', url], 'pod/web', 15_006);
    const shown = await run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', root, '-showcerts']);

    expect(shown).toContain('Verify return code: 0 (ok)');
    expect(shown).toMatch(/Acceptable client certificate CA names\s+O = cluster\.local/);
    const [pem = ''] = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(shown) ?? [];
    const text = await run('openssl', ['x509', '-noout', '-text'], pem);
    expect(text).toContain('URI:spiffe://cluster.local/ns/shop/sa/web');
    expect(text).toMatch(/Issuer: O = cluster\.local/);
    const [, from = '', to = ''] = /Not Before: (.*)\n\s+Not After : (.*)\n/.exec(text) ?? [];
    // 24 hours, and 2 minutes against clocks that differ.
    expect(Date.parse(to) - Date.parse(from)).toBe(24 * 3_600_000 + 120_000);
  },
);
