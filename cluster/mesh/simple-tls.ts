/** TLS of a DestinationRule's modes SIMPLE and MUTUAL, with certificates that are not the mesh's. */
import type { Duplex } from 'node:stream';
import { connect, rootCertificates, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { proxyFile, readCredential } from './credential.ts';
import type { ClientTlsSettings } from './destination-rule.ts';
import { handshake, PeerRejected, VERIFICATION } from './mutual-tls.ts';

/** How a proxy speaks TLS of its own. */
export interface SimpleTls {
  /** Asked for in the handshake; null: nobody. */
  serverName: string | null;
  /** In PEM; null where the server's certificate is not looked at. */
  roots: readonly string[] | null;
  /** One of these the certificate must be for; null: anybody's. */
  names: readonly string[] | null;
  /** What it shows when it is asked; null: nothing. */
  identity: { cert: string; key: string } | null;
}

/**
 * What a rule's settings come to in one proxy (Istio 1.27, pilot/pkg/networking/core/cluster_tls.go, constructUpstreamTLS).
 * @param host what the client asks for
 * @param byDefault whether a server is verified without being asked to: by the system's roots, and for the host (from 1.20)
 * @returns null where something is named that is not there
 */
export function simpleTls(
  settings: ClientTlsSettings,
  { host, pod, objects, byDefault }: { host: string; pod: KubernetesObject; objects: ObjectReader; byDefault: boolean },
): SimpleTls | null {
  const { mode, sni, credentialName, caCertificates, insecureSkipVerify } = settings;
  const file = (path: string | undefined): string | undefined =>
    path === undefined || path === '' ? undefined : proxyFile(pod, path, objects);
  const found = credentialName
    ? readCredential({ objects, namespace: pod.metadata.namespace }, credentialName)
    : { cert: file(settings.clientCertificate), key: file(settings.privateKey), ca: file(caCertificates) };
  const isMutual = mode === 'MUTUAL';
  if (isMutual && (found.cert === undefined || found.key === undefined)) return null;
  const isSystem =
    !credentialName && (!caCertificates || caCertificates === 'system' || caCertificates === SYSTEM_ROOTS);
  const isVerified = insecureSkipVerify !== true && (byDefault || !isSystem || Boolean(caCertificates));
  if (isVerified && !isSystem && found.ca === undefined) return null;
  const names = settings.subjectAltNames ?? [];
  return {
    serverName: sni || (byDefault ? host : null),
    roots: !isVerified ? null : isSystem ? rootCertificates : [found.ca ?? ''],
    names: names.length > 0 ? names : byDefault && !sni ? [host] : null,
    identity: isMutual ? { cert: found.cert ?? '', key: found.key ?? '' } : null,
  };
}

/** Of the proxy's image; no server of this cluster has a certificate from those. */
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Takes the client's side. Envoy's clients stop at TLS 1.2 unless told otherwise, which decides when a server's wish for a
 * certificate is heard: in the handshake.
 * @throws PeerRejected, or Error of the handshake
 */
export async function connectSimple(
  stream: Duplex,
  { serverName, roots, names, identity }: SimpleTls,
): Promise<TLSSocket> {
  const socket = connect({
    socket: stream as never,
    ...(serverName === null ? {} : { servername: serverName }),
    maxVersion: 'TLSv1.2',
    ...(roots === null ? {} : { ca: [...roots] }),
    ...identity,
    rejectUnauthorized: roots !== null,
    checkServerIdentity: (_host, certificate) =>
      names === null || names.some((name) => isFor(certificate, name))
        ? undefined
        : new PeerRejected(`certificate is not for ${names.join(' or ')}`, true),
  });
  try {
    await handshake(socket, 'secureConnect', stream);
  } catch (error) {
    throw verificationFailure(error as Error & { code?: string }) ?? error;
  }
  return socket;
}

/** Of the names in the certificate one equals it, or covers it by `*.`. */
function isFor({ subjectaltname = '' }: PeerCertificate, wanted: string): boolean {
  return subjectaltname.split(', ').some((entry) => {
    const name = entry.slice(entry.indexOf(':') + 1);
    if (entry.startsWith('DNS:*.')) return wanted.slice(wanted.indexOf('.')) === name.slice(1);
    return name.toLowerCase() === wanted.toLowerCase();
  });
}

/** In BoringSSL's words (X509_verify_cert_error_string), by node's codes; null for other failures. */
function verificationFailure({ code = '' }: { code?: string }): PeerRejected | null {
  const [depth, text] = VERIFICATION_TEXTS[code] ?? [0, ''];
  if (text === '') return null;
  return new PeerRejected(text, false, `${VERIFICATION} ${depth}: ${text}`);
}

const VERIFICATION_TEXTS: Readonly<Record<string, readonly [number, string]>> = {
  CERT_HAS_EXPIRED: [0, 'certificate has expired'],
  CERT_NOT_YET_VALID: [0, 'certificate is not yet valid'],
  CERT_SIGNATURE_FAILURE: [0, 'certificate signature failure'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [0, 'self signed certificate'],
  SELF_SIGNED_CERT_IN_CHAIN: [1, 'self signed certificate in certificate chain'],
  UNABLE_TO_GET_ISSUER_CERT: [0, 'unable to get issuer certificate'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [0, 'unable to get local issuer certificate'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [0, 'unable to get local issuer certificate'],
};
