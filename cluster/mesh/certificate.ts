import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as der from './der.ts';

/** A certificate with its key, in the forms that node:tls takes. */
export interface Identity {
  certificatePem: string;
  keyPem: string;
  /** The DER bytes of the certificate. */
  certificate: Buffer;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
}

export interface CertificateRequest {
  /** Organization of the subject; empty for a workload, whose name is the URI. */
  organization: string;
  /** Of the subject, after its organization. Default none. */
  commonName?: string;
  /** SPIFFE URI in the subject alternative name; null for the CA, and for a server that has names. */
  uri: string | null;
  /** Names and IPv4 addresses in the subject alternative name. Default none. */
  hosts?: readonly string[];
  notBefore: number;
  notAfter: number;
  /** 16 bytes. */
  serial: Uint8Array;
  /** Null for a root, which signs itself. */
  issuer: { identity: Identity; organization: string; commonName?: string } | null;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAlternativeName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Makes a P-256 key and an X.509 v3 certificate for it, as istiod's CA does (security/pkg/pki/util). */
export function issueCertificate(request: CertificateRequest): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
  const isAuthority = request.issuer === null;
  const body = der.sequence(
    der.tagged(0, der.integer(Uint8Array.of(2))), // version 3
    // A serial number is positive: the top bit stays clear.
    der.integer(Uint8Array.from(request.serial, (byte, index) => (index === 0 ? byte & 0x7f || 1 : byte))),
    algorithm,
    name(request.issuer ?? request),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    name(request),
    publicInfo,
    der.tagged(3, der.sequence(...extensions(request, publicInfo, isAuthority))),
  );
  const signer = request.issuer?.identity.privateKey ?? privateKey;
  const certificate = der.sequence(body, algorithm, der.bitString(sign('sha256', body, signer)));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    keyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate,
    privateKey,
    publicKey,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
  };
}

function extensions(request: CertificateRequest, publicInfo: Buffer, isAuthority: boolean): Buffer[] {
  const issuerInfo = request.issuer?.identity.publicKey.export({ type: 'spki', format: 'der' }) ?? publicInfo;
  // keyCertSign alone for the CA; digitalSignature and keyEncipherment for a workload.
  const usage = isAuthority ? der.bitString(Uint8Array.of(0x04), 2) : der.bitString(Uint8Array.of(0xa0), 5);
  const result = [
    extension(OID.keyUsage, usage, true),
    extension(OID.basicConstraints, der.sequence(...(isAuthority ? [der.boolean(true)] : [])), true),
    extension(OID.authorityKeyIdentifier, der.sequence(der.tagged(0, keyIdentifier(issuerInfo), false)), false),
  ];
  if (isAuthority) {
    result.push(extension(OID.subjectKeyIdentifier, der.octetString(keyIdentifier(publicInfo)), false));
  } else {
    const purposes = der.sequence(der.objectIdentifier(OID.serverAuth), der.objectIdentifier(OID.clientAuth));
    result.push(extension(OID.extendedKeyUsage, purposes, false));
  }
  const names = [
    ...(request.uri === null ? [] : [der.tagged(6, Buffer.from(request.uri), false)]),
    ...(request.hosts ?? []).map((host) =>
      isIPv4(host)
        ? der.tagged(7, Uint8Array.from(host.split('.'), Number), false)
        : der.tagged(2, Buffer.from(host), false),
    ),
  ];
  if (names.length > 0) {
    // RFC 5280: critical where the subject is empty.
    const isCritical = request.organization === '' && request.commonName === undefined;
    result.push(extension(OID.subjectAlternativeName, der.sequence(...names), isCritical));
  }
  return result;
}

function extension(identifier: string, value: Buffer, critical: boolean): Buffer {
  return der.sequence(
    der.objectIdentifier(identifier),
    ...(critical ? [der.boolean(true)] : []),
    der.octetString(value),
  );
}

function name({ organization, commonName = '' }: Pick<CertificateRequest, 'organization' | 'commonName'>): Buffer {
  const part = (identifier: string, value: string): Buffer[] =>
    value === '' ? [] : [der.set(der.sequence(der.objectIdentifier(identifier), der.utf8String(value)))];
  return der.sequence(...part(OID.organization, organization), ...part(OID.commonName, commonName));
}

/** RFC 5280, 4.2.1.2 (1): SHA-1 of the key's bits. A P-256 key is the last 65 bytes of its SubjectPublicKeyInfo. */
function keyIdentifier(publicInfo: Buffer): Buffer {
  return createHash('sha1').update(publicInfo.subarray(-65)).digest();
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
