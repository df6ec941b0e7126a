import { isIP } from 'node:net';
import type { KubernetesObject } from '../../objects/object.ts';
import type { ServiceEntry } from '../service-entry.ts';
import {
  domainProblems,
  exportToProblems,
  isHttpProtocol,
  isTlsProtocol,
  labelProblemsOf,
  partialWildcardProblems,
  portNameProblems,
  portNumberProblems,
  protocolProblems,
  selectorProblems,
  subnetProblems,
  wildcardDomainProblems,
  type Problem,
} from './common-problems.ts';

type Endpoint = NonNullable<NonNullable<ServiceEntry['spec']>['endpoints']>[number];

export function* serviceEntryProblems(object: KubernetesObject): Generator<Problem> {
  const { spec = {}, metadata } = object as ServiceEntry;
  const { hosts = [], addresses = [], ports = [], resolution = 'NONE', endpoints, workloadSelector, exportTo } = spec;
  const ofSelector = [...selectorProblems(workloadSelector?.labels)];
  if (ofSelector.length > 0) {
    yield* ofSelector;
    return;
  }
  if (workloadSelector !== undefined && endpoints !== undefined) {
    yield 'only one of WorkloadSelector or Endpoints is allowed in Service Entry';
  }
  if (hosts.length === 0) yield 'service entry must have at least one host';
  for (const host of hosts) {
    if (host === '*') yield `invalid host ${host}`;
    else yield* wildcardDomainProblems(host);
  }
  for (const address of addresses) yield* subnetProblems(address);
  if (addresses.some((address) => address.includes('/')) && resolution !== 'NONE' && resolution !== 'STATIC') {
    yield 'CIDR addresses are allowed only for NONE/STATIC resolution types';
  }
  yield* portProblems(ports);
  yield* resolutionProblems(spec);
  const isTold = ({ protocol = '' }: { protocol?: string }): boolean =>
    isHttpProtocol(protocol) || isTlsProtocol(protocol);
  if (resolution !== 'NONE' && hosts.length > 1 && !ports.every(isTold)) {
    yield 'multiple hosts provided with non-HTTP, non-TLS ports';
  }
  yield* exportToProblems(metadata.namespace ?? '', exportTo, { isEntry: true });
}

export function* serviceEntryWarnings(object: KubernetesObject): Generator<string> {
  const { hosts = [], resolution = 'NONE', ports = [], workloadSelector } = (object as ServiceEntry).spec ?? {};
  if (workloadSelector !== undefined && Object.keys(workloadSelector.labels ?? {}).length === 0) {
    yield 'service entry: workload selector specified without labels, will be applied to all services in namespace';
  }
  for (const host of hosts) yield* partialWildcardProblems(host);
  if (resolution === 'NONE' && ports.some(({ targetPort }) => targetPort !== undefined)) {
    yield 'targetPort has no effect when resolution mode is NONE';
  }
  if (workloadSelector !== undefined && resolution !== 'STATIC') {
    yield resolution === 'NONE'
      ? 'workloadSelector should not be set when resolution mode is NONE'
      : `workloadSelector should not be set when resolution mode is ${resolution}`;
  }
}

function* portProblems(ports: NonNullable<NonNullable<ServiceEntry['spec']>['ports']>): Generator<string> {
  const [names, numbers] = [new Set<string>(), new Set<number>()];
  for (const { name = '', number = 0, targetPort = 0, protocol } of ports) {
    if (names.has(name)) yield `service entry port name ${JSON.stringify(name)} already defined`;
    if (numbers.has(number)) yield `service entry port ${number} already defined`;
    names.add(name);
    numbers.add(number);
    if (targetPort !== 0) yield* portNumberProblems(targetPort);
    yield* portNameProblems(name);
    yield* protocolProblems(protocol);
    yield* portNumberProblems(number);
  }
}

function* resolutionProblems(spec: NonNullable<ServiceEntry['spec']>): Generator<Problem> {
  const { hosts = [], ports = [], resolution = 'NONE', endpoints = [] } = spec;
  const names = new Set(ports.map(({ name = '' }) => name));
  switch (resolution) {
    case 'NONE':
      if (endpoints.length > 0) yield 'no endpoints should be provided for resolution type none';
      return;
    case 'STATIC':
      for (const endpoint of endpoints) yield* workloadProblems(endpoint, names, false);
      return;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      if (endpoints.length === 0 && hosts.some((host) => [...domainProblems(host)].length > 0)) {
        yield `hosts must be FQDN if no endpoints are provided for resolution mode ${resolution}`;
      }
      if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
        yield `there must only be 0 or 1 endpoint for resolution mode ${resolution}`;
      }
      for (const endpoint of endpoints) yield* workloadProblems(endpoint, names, true);
  }
}

/**
 * An endpoint, or a WorkloadEntry.
 * @param names of the entry's ports; null where there is no entry
 * @param byName whether names of DNS are addresses
 */
function* workloadProblems(
  { address = '', ports = {}, labels }: Endpoint,
  names: ReadonlySet<string> | null,
  byName: boolean,
): Generator<Problem> {
  if (address === '') {
    yield 'address is required';
    return;
  }
  if (isIP(address) === 0 && !address.startsWith('unix://')) {
    const text = `endpoint address ${JSON.stringify(address)} is not a valid`;
    if (!byName) yield `${text} IP address`;
    else if ([...domainProblems(address)].length > 0) yield `${text} FQDN or an IP address`;
  }
  for (const [name, port] of Object.entries(ports)) {
    if (names !== null && !names.has(name)) yield `endpoint port ${port} is not defined by the service entry`;
    yield* portNameProblems(name);
    yield* portNumberProblems(port);
  }
  yield* labelProblemsOf(labels);
}

export function* workloadEntryProblems(object: KubernetesObject): Generator<Problem> {
  yield* workloadProblems((object['spec'] ?? {}) as Endpoint, null, true);
}
