import type { KubernetesObject } from '../../objects/object.ts';
import type { Era } from '../era.ts';
import type { Gateway, GatewayServer } from '../gateway.ts';
import {
  isHttpProtocol,
  isLabel,
  isProtocol,
  isTlsProtocol,
  portNumberProblems,
  slashedHostProblems,
  type Problem,
} from './common-problems.ts';

/** What is checked beside what the mesh reads. */
interface CertificateFields {
  mode?: string;
  credentialName?: string;
  serverCertificate?: string;
  privateKey?: string;
  caCertificates?: string;
}

export function* gatewayProblems(object: KubernetesObject, { validation }: Era): Generator<Problem> {
  const { name } = object.metadata;
  if (validation.texts === 'istiod' && !isLabel(name)) yield `invalid gateway name: ${JSON.stringify(name)}`;
  const servers = (object as Gateway).spec?.servers ?? [];
  if (servers.length === 0) yield 'gateway must have at least one server';
  for (const server of servers) yield* serverProblems(server);
  const names = new Set<string>();
  for (const { port } of servers) {
    const own = port?.name ?? '';
    if (names.has(own)) yield `port names in servers must be unique: duplicate name ${own}`;
    names.add(own);
  }
}

export function* gatewayWarnings(object: KubernetesObject): Generator<string> {
  for (const { port, tls } of (object as Gateway).spec?.servers ?? []) {
    const fields: CertificateFields = tls ?? {};
    const { mode = 'PASSTHROUGH', serverCertificate, privateKey, caCertificates, credentialName } = fields;
    const isPassedOn = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
    if (isPassedOn && (serverCertificate || privateKey || caCertificates || credentialName)) {
      yield `${mode} mode does not use certificates, they will be ignored`;
    }
    if (tls?.httpsRedirect === true && !isHttpProtocol(port?.protocol ?? '')) {
      yield 'tls.httpsRedirect should only be used with http servers';
    }
  }
}

function* serverProblems({ hosts = [], port, tls }: GatewayServer): Generator<string> {
  if (hosts.length === 0) yield 'server config must contain at least one host';
  for (const host of hosts) yield* slashedHostProblems(host, 'gateway');
  const protocol = port?.protocol ?? '';
  const ofPort = [
    ...(isProtocol(protocol)
      ? []
      : [
          `invalid protocol ${JSON.stringify(protocol)}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`,
        ]),
    ...portNumberProblems(port?.number ?? 0),
  ];
  yield* ofPort;
  if (tls !== undefined) yield* certificateProblems(tls);
  if (ofPort.length > 0) return;
  const isTls = isTlsProtocol(protocol);
  if (isTls && tls === undefined) yield 'server must have TLS settings for HTTPS/TLS protocols';
  if (!isTls && tls !== undefined) {
    if (!isHttpProtocol(protocol)) yield 'server cannot have TLS settings for non HTTPS/TLS ports';
    // Only a redirection to https is allowed there; PASSTHROUGH is the mode that an absent one stands for.
    else if (tls.mode !== undefined && tls.mode !== 'PASSTHROUGH' && tls.mode !== 'AUTO_PASSTHROUGH') {
      yield 'server cannot have TLS settings for plain text HTTP ports';
    }
  }
}

function* certificateProblems(tls: CertificateFields): Generator<string> {
  const { mode, credentialName, serverCertificate, privateKey, caCertificates } = tls;
  if (mode === 'ISTIO_MUTUAL') {
    if (serverCertificate) yield 'ISTIO_MUTUAL TLS cannot have associated server certificate';
    if (privateKey) yield 'ISTIO_MUTUAL TLS cannot have associated private key';
    if (caCertificates) yield 'ISTIO_MUTUAL TLS cannot have associated CA bundle';
    if (credentialName) yield 'ISTIO_MUTUAL TLS cannot have associated credentialName';
  } else if (!credentialName && (mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL')) {
    const name = mode === 'SIMPLE' ? mode : 'MUTUAL';
    if (!serverCertificate) yield `${name} TLS requires a server certificate`;
    if (!privateKey) yield `${name} TLS requires a private key`;
    if (name === 'MUTUAL' && !caCertificates) yield 'MUTUAL TLS requires a client CA bundle';
  }
}
