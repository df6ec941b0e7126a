/** A proxy's certificates as its admin pages show them; where Citadel delivers files, Envoy has no secrets by name. */
import { X509Certificate } from 'node:crypto';
import type { Subject } from './subject.ts';

const DAY_MS = 86_400_000;

/** `envoy.admin.v3.SecretsConfigDump`: its dynamic secrets. The key is never told. */
export function secrets({ context, tls, era }: Subject): unknown[] {
  if (era.certificates.delivery === 'files') return [];
  const { certificatePem, notBefore } = tls.identity;
  const root = context.mesh.authority.root();
  const inline = (text: string): unknown => ({ inline_bytes: Buffer.from(text).toString('base64') });
  const entry = (name: string, from: number, secret: unknown): unknown => ({
    name,
    version_info: 'uninitialized',
    last_updated: new Date(from).toISOString(),
    secret: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
      name,
      ...(secret as object),
    },
  });
  return [
    entry('default', notBefore, {
      tls_certificate: {
        certificate_chain: inline(certificatePem + root.certificatePem),
        private_key: inline('[redacted]'),
      },
    }),
    entry('ROOTCA', root.notBefore, { validation_context: { trusted_ca: inline(root.certificatePem) } }),
  ];
}

/** `/certs`, envoy.admin.v3.Certificates. */
export function certificates({ context, tls, era }: Subject): unknown {
  const { identity } = tls;
  const now = context.clock.now();
  const folder = era.certificates.delivery === 'files' ? '/etc/certs' : null;
  const describe = (pem: string, file: string): unknown => {
    const certificate = new X509Certificate(pem);
    const uri = /URI:(spiffe:[^,\s]+)/.exec(certificate.subjectAltName ?? '')?.[1];
    const until = Date.parse(certificate.validTo);
    return {
      path: folder === null ? '<inline>' : `${folder}/${file}`,
      serial_number: certificate.serialNumber.toLowerCase(),
      subject_alt_names: uri === undefined ? [] : [{ uri }],
      days_until_expiration: String(Math.floor((until - now) / DAY_MS)),
      valid_from: seconds(Date.parse(certificate.validFrom)),
      expiration_time: seconds(until),
    };
  };
  return {
    certificates: [
      {
        ca_cert: [describe(context.mesh.authority.root().certificatePem, 'root-cert.pem')],
        cert_chain: [describe(identity.certificatePem, 'cert-chain.pem')],
      },
    ],
  };
}

function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
