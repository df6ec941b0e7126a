import type { KubernetesObject } from '../../objects/object.ts';
import type { SidecarResource } from '../sidecar-scope.ts';
import {
  portNameProblems,
  portNumberProblems,
  protocolProblems,
  selectorProblems,
  slashedHostProblems,
  type Problem,
} from './common-problems.ts';

interface Listener {
  port?: { number?: number; name?: string; protocol?: string };
  hosts?: string[];
}

type Spec = Omit<NonNullable<SidecarResource['spec']>, 'egress'> & {
  egress?: Listener[];
  ingress?: Listener[];
  inboundConnectionPool?: unknown;
};

export function* sidecarProblems(object: KubernetesObject): Generator<Problem> {
  const { workloadSelector, egress = [], ingress = [], ...rest } = (object['spec'] ?? {}) as Spec;
  const ofSelector = [...selectorProblems(workloadSelector?.labels)];
  if (ofSelector.length > 0) {
    yield* ofSelector;
    return;
  }
  const isEmpty = rest.outboundTrafficPolicy === undefined && rest.inboundConnectionPool === undefined;
  if (egress.length + ingress.length === 0 && isEmpty) {
    yield 'sidecar: empty configuration provided';
    return;
  }
  yield* uniquePortProblems(ingress);
  yield* egressProblems(egress);
}

export function* sidecarWarnings(object: KubernetesObject): Generator<string> {
  const { workloadSelector, egress = [] } = (object['spec'] ?? {}) as Spec;
  if (workloadSelector !== undefined && Object.keys(workloadSelector.labels ?? {}).length === 0) {
    yield 'sidecar: workload selector specified without labels, will be applied to all services in namespace';
  }
  for (const { hosts = [] } of egress) {
    const seen = new Map<string, Set<string>>();
    for (const text of hosts.filter((each) => each.includes('/'))) {
      const slash = text.indexOf('/');
      const written = text.slice(0, slash);
      const namespace = written === '.' ? (object.metadata.namespace ?? '') : written;
      const host = text.slice(slash + 1);
      const known = seen.get(namespace) ?? new Set();
      if (host === '*' ? known.size > 0 : known.has(host) || known.has('*')) yield `duplicated egress host: ${text}`;
      seen.set(namespace, known.add(host));
    }
    if (seen.get('*')?.has('*') === true && seen.size > 1) {
      yield '`*/*` host select all resources, no other hosts can be added';
    }
  }
}

function* egressProblems(egress: readonly Listener[]): Generator<string> {
  yield* uniquePortProblems(egress);
  for (const [index, { port, hosts = [] }] of egress.entries()) {
    if (port === undefined && index < egress.length - 1) {
      yield 'sidecar: the egress listener with empty port should be the last listener in the list';
    }
    if (hosts.length === 0) yield 'sidecar: egress listener must contain at least one host';
    for (const host of hosts) yield* slashedHostProblems(host, 'sidecar');
  }
}

function* uniquePortProblems(listeners: readonly Listener[]): Generator<string> {
  const numbers = new Set<number>();
  for (const { port } of listeners) {
    if (port === undefined) continue;
    const { number = 0, name, protocol } = port;
    if (name) yield* portNameProblems(name);
    yield* protocolProblems(protocol);
    if (number !== 0) yield* portNumberProblems(number);
    if (numbers.has(number)) yield 'sidecar: ports on IP bound listeners must be unique';
    numbers.add(number);
  }
}
