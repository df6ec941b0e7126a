/** What kinds of Istio check alike: pkg/config/validation/{agent/validation,validation}.go; before 1.5 pilot/pkg/model/validation.go. */
import { isIP } from 'node:net';

/** A problem alone in a list of one (go-multierror's Append without an error before it), where others stand for themselves. */
export interface ListedProblem {
  listed: string;
}

export type Problem = string | ListedProblem;

const LABEL = /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(\*|(\*-?)?[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/;

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** `ns1/*.example.com` and names alone, which may begin with `*`. */
export function* wildcardDomainProblems(domain: string): Generator<string> {
  const length = lengthProblem(domain);
  if (length !== null) {
    yield length;
    return;
  }
  const dot = domain.indexOf('.');
  const first = dot < 0 ? domain : domain.slice(0, dot);
  if (!WILDCARD_LABEL.test(first)) yield invalidLabel(domain, first);
  else if (dot >= 0) yield* labelProblems(domain.slice(dot + 1));
}

/** A name in full, without `*`. */
export function* domainProblems(domain: string): Generator<string> {
  const length = lengthProblem(domain);
  if (length === null) yield* labelProblems(domain);
  else yield length;
}

function lengthProblem(domain: string): string | null {
  if (domain.length > 255) return `domain name ${JSON.stringify(domain)} too long (max 255)`;
  return domain === '' ? 'empty domain name not allowed' : null;
}

function invalidLabel(domain: string, label: string): string {
  return `domain name ${JSON.stringify(domain)} invalid (label ${JSON.stringify(label)} invalid)`;
}

function* labelProblems(domain: string): Generator<string> {
  const labels = domain.split('.');
  const last = labels.at(-1) ?? '';
  if (/^[+-]?\d+$/.test(last)) {
    yield `domain name ${JSON.stringify(domain)} invalid (top level domain ${JSON.stringify(last)} cannot be all-numeric)`;
    return;
  }
  for (const [index, label] of labels.entries()) {
    // `istio.io.` is in full.
    if (index === labels.length - 1 && label === '') return;
    if (!LABEL.test(label)) {
      yield invalidLabel(domain, label);
      return;
    }
  }
}

/** A host of a Gateway's server, or of a Sidecar's egress: `dnsName` or `namespace/dnsName`. */
export function* slashedHostProblems(text: string, of: 'gateway' | 'sidecar'): Generator<string> {
  const slash = text.indexOf('/');
  if (slash < 0) {
    if (of === 'gateway') yield* hostPartProblems(text, of);
    else yield 'host must be of form namespace/dnsName';
    return;
  }
  const [namespace, host] = [text.slice(0, slash), text.slice(slash + 1)];
  if (namespace === '' || host === '') yield 'config namespace and dnsName in host entry cannot be empty';
  const isFree = of === 'gateway' ? ['*', '.'] : ['*', '.', '~'];
  if (!isFree.includes(namespace) && !LABEL.test(namespace)) {
    yield `invalid namespace value ${JSON.stringify(namespace)} in ${of}`;
  }
  yield* hostPartProblems(host, of);
}

function* hostPartProblems(host: string, of: 'gateway' | 'sidecar'): Generator<string> {
  if (host !== '*' && !host.includes('.')) yield 'short names (non FQDN) are not allowed';
  const problems = [...wildcardDomainProblems(host)];
  // Twice, as upstream.
  if (of === 'sidecar') yield* problems;
  if (isIP(host) === 0) yield* problems;
  yield* partialWildcardProblems(host);
}

export function* partialWildcardProblems(host: string): Generator<string> {
  if (host.includes('*') && host.length !== 1 && !host.startsWith('*.')) {
    yield `partial wildcard ${JSON.stringify(host)} not allowed`;
  }
}

export function* portNumberProblems(port: number): Generator<string> {
  if (!(port >= 1 && port <= 65_535)) yield `port number ${port} must be in the range 1..65535`;
}

export function* portNameProblems(name: string): Generator<string> {
  if (!LABEL.test(name)) yield `invalid port name: ${name}`;
}

const PROTOCOLS = new Set(
  ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTPS', 'TLS', 'TCP', 'MONGO', 'REDIS', 'MYSQL', 'UDP'].concat('HTTP_PROXY'),
);
const PLAIN_HTTP = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY']);

export function isProtocol(text: string): boolean {
  return PROTOCOLS.has(text.toUpperCase());
}

export function isHttpProtocol(text: string): boolean {
  return PLAIN_HTTP.has(text.toUpperCase());
}

export function isTlsProtocol(text: string): boolean {
  return ['HTTPS', 'TLS'].includes(text.toUpperCase());
}

export function* protocolProblems(protocol: string | undefined): Generator<string> {
  if (protocol && !isProtocol(protocol)) yield `unsupported protocol: ${protocol}`;
}

/** An address, or a block of them. */
export function* subnetProblems(text: string): Generator<string> {
  const [address = '', length, ...rest] = text.split('/');
  if (length === undefined || rest.length > 0) {
    if (isIP(text) === 0) yield `${text} is not a valid IP`;
  } else if (isIP(address) === 0 || !/^\d+$/.test(length) || Number(length) > (isIP(address) === 4 ? 32 : 128)) {
    yield `${text} is not a valid CIDR block`;
  }
}

export function* percentProblems(value: number | undefined): Generator<string> {
  if (value !== undefined && (value < 0 || value > 100)) yield `percentage ${value} is not in range 0..100`;
}

/** Labels of pods, or of endpoints. */
export function* labelProblemsOf(labels: Readonly<Record<string, string>> | undefined): Generator<Problem> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!LABEL_KEY.test(key)) yield { listed: `invalid tag key: ${JSON.stringify(key)}` };
    if (!LABEL_VALUE.test(value)) yield { listed: `invalid tag value: ${JSON.stringify(value)}` };
  }
}

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_KEY = /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** @param isEntry whether it may be exported to nobody, `~` */
export function* exportToProblems(
  namespace: string,
  exportTo: readonly string[] | undefined,
  { isEntry = false, isSelecting = false }: { isEntry?: boolean; isSelecting?: boolean } = {},
): Generator<string> {
  const seen = new Set<string>();
  for (const entry of exportTo ?? []) {
    const key = entry === '.' ? namespace : entry;
    if (seen.has(key)) {
      yield key === entry
        ? `duplicate entries in exportTo for entry ${entry}`
        : `duplicate entries in exportTo: . and current namespace ${namespace}`;
    } else if ((isEntry && entry === '~') || key === '*' || LABEL.test(key)) seen.add(key);
    else if (entry === '~') yield 'exportTo ~ (none) is not allowed for Istio configuration objects';
    else yield 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry';
  }
  if (isSelecting && seen.size > 0) {
    if (!seen.has(namespace))
      yield 'destination rule with workload selector cannot have exportTo beyond current namespace';
    else if (seen.size > 1) yield 'destination rule with workload selector cannot have multiple entries in exportTo';
  }
  if (seen.has('*') && (exportTo ?? []).length > 1) {
    yield 'cannot have both public (*) and non-public exportTo values for a resource';
  }
  if (seen.has('~') && (exportTo ?? []).length > 1) yield 'cannot export service entry to no one (~) and someone';
}

/** As VirtualServices name Gateways. */
export function* gatewayNameProblems(names: readonly string[] | undefined): Generator<string> {
  for (const name of names ?? []) {
    const slash = name.indexOf('/');
    if (slash < 0) {
      // No others are looked at, as upstream.
      yield* domainProblems(name);
      return;
    }
    const [namespace, own] = [name.slice(0, slash), name.slice(slash + 1)];
    if (namespace === '' || own === '') yield 'config namespace and gateway name cannot be empty';
    if (!LABEL.test(namespace)) yield `invalid value for namespace: ${JSON.stringify(namespace)}`;
    if (!LABEL.test(own)) yield `invalid value for gateway name: ${JSON.stringify(own)}`;
  }
}

export function* subsetNameProblems(name: string): Generator<string> {
  if (name === '') yield 'subset name cannot be empty';
  else if (!LABEL.test(name)) yield `subset name is invalid: ${name}`;
}

/** A `workloadSelector` of labels. */
export function* selectorProblems(labels: Readonly<Record<string, string>> | undefined): Generator<string> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const label = JSON.stringify(`${key}=${value}`);
    if (key === '') yield `empty key is not supported in selector: ${label}`;
    if (`${key}${value}`.includes('*')) yield `wildcard is not supported in selector: ${label}`;
  }
}
