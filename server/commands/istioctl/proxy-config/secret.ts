import { X509Certificate } from 'node:crypto';
import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { parseDump, type EnvoySecret } from '../envoy.ts';
import type { Release } from '../release.ts';
import { renderTable } from '../table.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the certificates that a proxy shows and trusts.',
  examples: ['proxy-config secret web', 'proxy-config secret web -o json'],
  flags: [OUTPUT_FLAG, FILE_FLAG],
  run,
};

const HEADER = ['RESOURCE NAME', 'TYPE', 'STATUS', 'VALID CERT', 'SERIAL NUMBER', 'NOT AFTER', 'NOT BEFORE'];

/** istioctl/pkg/writer/envoy/configdump and istioctl/pkg/util/…/sdscompare. */
async function run(invocation: Invocation): Promise<number> {
  const { io, release } = invocation;
  const output = outputOf(invocation);
  const { secrets } = parseDump(await readSource(invocation, 'config_dump'));
  if (output !== 'short') {
    io.stdout.write(renderObjects({ dynamic_active_secrets: secrets }, output));
    return 0;
  }
  io.stdout.write(summarizeSecrets(secrets, io.now(), release));
  return 0;
}

/** @param named whether each name says what kind of thing it is of */
export function summarizeSecrets(
  secrets: readonly EnvoySecret[],
  now: number,
  { minor }: Release,
  named = false,
): string {
  if (secrets.length === 0) return 'No active or warming secrets found.\n';
  const rows = secrets.map((secret) => {
    const [name = '', ...rest] = rowOf(secret, now, minor);
    return [named ? `secret/${name}` : name, ...rest];
  });
  return renderTable([HEADER, ...rows]);
}

function rowOf({ name, secret }: EnvoySecret, now: number, minor: number): string[] {
  const chain = secret?.tls_certificate?.certificate_chain?.inline_bytes;
  const bytes = chain ?? secret?.validation_context?.trusted_ca?.inline_bytes ?? '';
  const certificate = new X509Certificate(Buffer.from(bytes, 'base64'));
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const isValid = from.getTime() <= now && now <= to.getTime();
  // Decimal at first.
  const serial =
    minor >= 18
      ? certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, '')
      : BigInt(`0x${certificate.serialNumber}`).toString();
  return [name, chain === undefined ? 'CA' : 'Cert Chain', 'ACTIVE', String(isValid), serial, time(to), time(from)];
}

/** RFC 3339 in seconds. */
function time(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
