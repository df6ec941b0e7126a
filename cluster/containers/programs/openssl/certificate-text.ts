import type { X509Certificate } from 'node:crypto';
import { objectIdentifierOf, readDer, type DerElement } from './der-reader.ts';

/** A certificate as `openssl x509 -text` of OpenSSL 3.0 prints it. Other extensions than those below show as dots. */
export function certificateText(certificate: X509Certificate): string {
  const [body, algorithm, signature] = readDer(certificate.raw).children;
  const signed = signatureAlgorithm(algorithm);
  const extensions = body?.children.find(({ tag }) => tag === 0xa3)?.children[0]?.children ?? [];
  return [
    'Certificate:',
    '    Data:',
    '        Version: 3 (0x2)',
    '        Serial Number:',
    `            ${colons(Buffer.from(serialOf(certificate), 'hex'))}`,
    `        Signature Algorithm: ${signed}`,
    `        Issuer: ${nameText(certificate.issuer)}`,
    '        Validity',
    `            Not Before: ${certificate.validFrom}`,
    `            Not After : ${certificate.validTo}`,
    `        Subject: ${nameText(certificate.subject)}`,
    '        Subject Public Key Info:',
    ...publicKeyLines(certificate),
    ...(extensions.length === 0 ? [] : ['        X509v3 extensions:']),
    ...extensions.flatMap((extension) => extensionLines(extension, '            ')),
    `    Signature Algorithm: ${signed}`,
    '    Signature Value:',
    ...wrapped(signature?.content.subarray(1) ?? Buffer.alloc(0), 18, '        '),
    '',
  ].join('\n');
}

/** One extension alone, as `-ext` prints it; empty when the certificate has none of that name. */
export function extensionText(certificate: X509Certificate, name: string): string {
  const [body] = readDer(certificate.raw).children;
  const extensions = body?.children.find(({ tag }) => tag === 0xa3)?.children[0]?.children ?? [];
  const found = extensions.find(
    ({ children: [id] }) => id !== undefined && NAMES[objectIdentifierOf(id)]?.short === name,
  );
  return found === undefined ? '' : `${extensionLines(found, '').join('\n')}\n`;
}

/** Without the zeros that node leaves out or adds; even in length. */
export function serialOf({ serialNumber }: X509Certificate): string {
  return serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
}

/** node has a line for each part of a name; OpenSSL `O = cluster.local, CN = x`. */
export function nameText(name: string | undefined): string {
  return (name ?? '')
    .split('\n')
    .map((part) => part.replace('=', ' = '))
    .join(', ');
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
};

function signatureAlgorithm(element: DerElement | undefined): string {
  const [id] = element?.children ?? [];
  const dotted = id === undefined ? '' : objectIdentifierOf(id);
  return ALGORITHMS[dotted] ?? dotted;
}

function publicKeyLines({ publicKey }: X509Certificate): string[] {
  const info = readDer(publicKey.export({ type: 'spki', format: 'der' }));
  const bits = info.children[1]?.content.subarray(1) ?? Buffer.alloc(0);
  if (publicKey.asymmetricKeyType === 'rsa') {
    const [modulus, exponent] = readDer(bits).children;
    const power = BigInt(`0x${exponent?.content.toString('hex') ?? '0'}`);
    return [
      '            Public Key Algorithm: rsaEncryption',
      `                Public-Key: (${publicKey.asymmetricKeyDetails?.modulusLength ?? 0} bit)`,
      '                Modulus:',
      ...wrapped(modulus?.content ?? Buffer.alloc(0), 15, '                    '),
      `                Exponent: ${power} (0x${power.toString(16)})`,
    ];
  }
  const curve = publicKey.asymmetricKeyDetails?.namedCurve ?? '';
  const size = (bits.length - 1) * 4;
  return [
    '            Public Key Algorithm: id-ecPublicKey',
    `                Public-Key: (${size} bit)`,
    '                pub:',
    ...wrapped(bits, 15, '                    '),
    `                ASN1 OID: ${curve}`,
    `                NIST CURVE: P-${size}`,
  ];
}

const NAMES: Readonly<Record<string, { short: string; long: string; show(value: DerElement): string }>> = {
  '2.5.29.14': {
    short: 'subjectKeyIdentifier',
    long: 'X509v3 Subject Key Identifier',
    show: ({ content }) => colons(content, true),
  },
  '2.5.29.15': { short: 'keyUsage', long: 'X509v3 Key Usage', show: keyUsage },
  '2.5.29.17': { short: 'subjectAltName', long: 'X509v3 Subject Alternative Name', show: alternativeNames },
  '2.5.29.19': { short: 'basicConstraints', long: 'X509v3 Basic Constraints', show: basicConstraints },
  '2.5.29.35': {
    short: 'authorityKeyIdentifier',
    long: 'X509v3 Authority Key Identifier',
    show: ({ children }) => colons(children.find(({ tag }) => tag === 0x80)?.content ?? Buffer.alloc(0), true),
  },
  '2.5.29.37': { short: 'extendedKeyUsage', long: 'X509v3 Extended Key Usage', show: purposes },
};

function extensionLines({ children }: DerElement, indent: string): string[] {
  const [id, ...rest] = children;
  const dotted = id === undefined ? '' : objectIdentifierOf(id);
  const value = rest.at(-1)?.content ?? Buffer.alloc(0);
  const known = NAMES[dotted];
  const critical = rest.length > 1 ? 'critical' : '';
  const text = known === undefined ? value.toString('latin1').replaceAll(/[^ -~]/g, '.') : known.show(readDer(value));
  return [`${indent}${known?.long ?? dotted}: ${critical}`, `${indent}    ${text}`];
}

const USAGES = [
  'Digital Signature',
  'Non Repudiation',
  'Key Encipherment',
  'Data Encipherment',
  'Key Agreement',
  'Certificate Sign',
  'CRL Sign',
];

function keyUsage({ content }: DerElement): string {
  return USAGES.filter((_usage, bit) => ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0).join(', ');
}

function basicConstraints({ children }: DerElement): string {
  const isAuthority = children.some(({ tag, content }) => tag === 0x01 && content[0] !== 0);
  const length = children.find(({ tag }) => tag === 0x02)?.content;
  return `CA:${isAuthority ? 'TRUE' : 'FALSE'}${length === undefined ? '' : `, pathlen:${length.readUIntBE(0, length.length)}`}`;
}

const PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
};

function purposes({ children }: DerElement): string {
  return children.map((id) => PURPOSES[objectIdentifierOf(id)] ?? objectIdentifierOf(id)).join(', ');
}

function alternativeNames({ children }: DerElement): string {
  return children
    .map(({ tag, content }) => {
      if (tag === 0x82) return `DNS:${content.toString('latin1')}`;
      if (tag === 0x86) return `URI:${content.toString('latin1')}`;
      if (tag === 0x87 && content.length === 4) return `IP Address:${[...content].join('.')}`;
      return 'othername:<unsupported>';
    })
    .join(', ');
}

function colons(bytes: Buffer, upper = false): string {
  const hex = bytes.toString('hex');
  return (upper ? hex.toUpperCase() : hex).replaceAll(/..(?=.)/g, '$&:');
}

function wrapped(bytes: Buffer, perLine: number, indent: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += perLine) {
    const isLast = start + perLine >= bytes.length;
    lines.push(`${indent}${colons(bytes.subarray(start, start + perLine))}${isLast ? '' : ':'}`);
  }
  return lines;
}
