import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServerCertificate {
  certificatePem: string;
  keyPem: string;
}

/** Where the machine has none, tests that need certificates of servers are skipped. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate for a host, made by openssl: signed by itself, or by another one. */
export function serverCertificate(host: string, issuer?: ServerCertificate): ServerCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const path = (name: string): string => join(folder, name);
  try {
    const ca: string[] = [];
    if (issuer !== undefined) {
      writeFileSync(path('ca.pem'), issuer.certificatePem);
      writeFileSync(path('ca.key'), issuer.keyPem);
      ca.push('-CA', path('ca.pem'), '-CAkey', path('ca.key'));
    }
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${host}`,
        '-addext',
        `subjectAltName=DNS:${host}`,
        '-keyout',
        path('key'),
        '-out',
        path('crt'),
        ...ca,
      ],
      { stdio: 'pipe' },
    );
    return { certificatePem: readFileSync(path('crt'), 'utf8'), keyPem: readFileSync(path('key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
