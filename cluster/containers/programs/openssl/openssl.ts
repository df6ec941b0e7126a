import { createHash, X509Certificate } from 'node:crypto';
import { FileError } from '../../files/file-system.ts';
import type { Process, Program } from '../../process/process.ts';
import { readFile } from '../tool.ts';
import { certificateText, extensionText, nameText, serialOf } from './certificate-text.ts';

const VERSION = 'OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)';

/**
 * What looks at certificates: `x509`, `verify` with a `-CAfile`, and `version`. Left out: making keys and certificates,
 * and connections.
 */
export const openssl: Program = async (process) => {
  const [, command = 'help', ...args] = process.args;
  if (command === 'x509') return x509(process, args);
  if (command === 'verify') return verify(process, args);
  if (command === 'version') {
    await process.print(`${VERSION}\n`);
    return 0;
  }
  await process.printError(
    `openssl: ${command} is not simulated here, only x509, verify and version. curl -v shows the certificates of a connection.\n`,
  );
  return 1;
};

/** Options of `x509` that take a value. */
const WITH_VALUE = new Set(['-in', '-inform', '-outform', '-ext', '-checkend', '-out', '-nameopt', '-certopt']);
/** Those that print something, in whatever order they are given. */
const PRINTING = new Set(
  ['-text', '-subject', '-issuer', '-dates', '-startdate', '-enddate', '-serial', '-fingerprint'].concat('-ext'),
);

async function x509(process: Process, args: readonly string[]): Promise<number> {
  const wanted: { option: string; value: string }[] = [];
  const values = new Map<string, string>();
  let digest = 'sha1';
  for (let index = 0; index < args.length; index += 1) {
    const option = (args[index] ?? '').replace(/^--/, '-');
    const value = WITH_VALUE.has(option) ? (args[(index += 1)] ?? '') : '';
    if (/^-(sha1|sha256|sha384|sha512|md5)$/.test(option)) digest = option.slice(1);
    else if (PRINTING.has(option)) wanted.push({ option, value });
    else if (WITH_VALUE.has(option) || option === '-noout') values.set(option, value);
    else {
      await process.printError(
        `x509: Unknown option or cipher: ${option.replace(/^-/, '')}\nx509: Use -help for summary.\n`,
      );
      return 1;
    }
  }
  const certificate = await readCertificate(process, values.get('-in'), 'certificate');
  if (certificate === null) return 1;
  for (const { option, value } of wanted) await process.print(shown(certificate, option, value, digest));
  const seconds = values.get('-checkend');
  if (seconds !== undefined) {
    const expires = Date.parse(certificate.validTo) < process.container.clock.now() + Number(seconds) * 1000;
    await process.print(expires ? 'Certificate will expire\n' : 'Certificate will not expire\n');
    return expires ? 1 : 0;
  }
  if (!values.has('-noout')) await process.print(pem(certificate));
  return 0;
}

function shown(certificate: X509Certificate, option: string, value: string, digest: string): string {
  const { subject, issuer, validFrom, validTo, raw } = certificate;
  switch (option) {
    case '-text':
      return certificateText(certificate);
    case '-subject':
      return `subject=${nameText(subject)}\n`;
    case '-issuer':
      return `issuer=${nameText(issuer)}\n`;
    case '-dates':
      return `notBefore=${validFrom}\nnotAfter=${validTo}\n`;
    case '-startdate':
      return `notBefore=${validFrom}\n`;
    case '-enddate':
      return `notAfter=${validTo}\n`;
    case '-serial':
      return `serial=${serialOf(certificate)}\n`;
    case '-ext':
      return extensionText(certificate, value);
    default: {
      const hash = createHash(digest)
        .update(raw)
        .digest('hex')
        .toUpperCase()
        .replaceAll(/..(?=.)/g, '$&:');
      return `${digest === 'sha1' || digest === 'md5' ? digest.toUpperCase() : digest} Fingerprint=${hash}\n`;
    }
  }
}

/** Against the roots of one file; every certificate of it counts as trusted. */
async function verify(process: Process, args: readonly string[]): Promise<number> {
  const names: string[] = [];
  let roots: X509Certificate[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg !== '-CAfile') {
      if (!arg.startsWith('-')) names.push(arg);
      continue;
    }
    const path = args[(index += 1)] ?? '';
    const text = readText(process, path);
    if (text === null) {
      await process.printError(`Error loading file ${path}\n`);
      return 1;
    }
    roots = certificatesIn(text);
  }
  let status = 0;
  for (const name of names) {
    const certificate = await readCertificate(process, name, 'certificate file');
    if (certificate === null) return 1;
    const problem = problemWith(certificate, roots, process.container.clock.now());
    if (problem === null) {
      await process.print(`${name}: OK\n`);
      continue;
    }
    await process.printError(`${problem}\nerror ${name}: verification failed\n`);
    status = 2;
  }
  return status;
}

function problemWith(certificate: X509Certificate, roots: readonly X509Certificate[], now: number): string | null {
  const issuer = roots.find((root) => certificate.issuer === root.subject && certificate.verify(root.publicKey));
  if (issuer === undefined) return 'error 20 at 0 depth lookup: unable to get local issuer certificate';
  if (now < Date.parse(certificate.validFrom)) return 'error 9 at 0 depth lookup: certificate is not yet valid';
  return now > Date.parse(certificate.validTo) ? 'error 10 at 0 depth lookup: certificate has expired' : null;
}

/** The first certificate of a file, or of standard input; says what is wrong where there is none. */
async function readCertificate(
  process: Process,
  path: string | undefined,
  what: string,
): Promise<X509Certificate | null> {
  const text = path === undefined ? await readInput(process) : readText(process, path);
  if (text === null) {
    await process.printError(
      `Could not open file or uri for loading ${what} from ${path ?? ''}\nUnable to load ${what}\n`,
    );
    return null;
  }
  const [certificate] = certificatesIn(text);
  if (certificate !== undefined) return certificate;
  await process.printError(`Could not read ${what} from ${path ?? '<stdin>'}\nUnable to load ${what}\n`);
  return null;
}

async function readInput(process: Process): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let bytes = await process.read(); bytes !== null; bytes = await process.read()) chunks.push(bytes);
  return Buffer.concat(chunks).toString('latin1');
}

function readText(process: Process, path: string): string | null {
  try {
    return Buffer.from(readFile(process, path)).toString('latin1');
  } catch (error) {
    if (error instanceof FileError) return null;
    throw error;
  }
}

function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      // Nothing that could be read as a certificate: the caller says that there is none.
      return [];
    }
  });
}

function pem({ raw }: X509Certificate): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
