import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { FlagSpec } from '../flags.ts';
import { CREATE_FLAGS, createFromFlags, nameArgument } from './created.ts';

const TCP_FLAG: FlagSpec = { name: 'tcp', type: 'csv', usage: 'Port pair, as PORT or PORT:TARGET.' };

const clusterip: Command = {
  usage: 'NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]',
  flags: [
    ...CREATE_FLAGS,
    TCP_FLAG,
    { name: 'clusterip', type: 'string', usage: 'Address, or None for a headless service.' },
  ],
  run: (invocation) => createService(invocation, 'ClusterIP'),
};

const nodeport: Command = {
  usage: 'NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
  flags: [...CREATE_FLAGS, TCP_FLAG, { name: 'node-port', type: 'int', usage: 'Port on every node.' }],
  run: (invocation) => createService(invocation, 'NodePort'),
};

const loadbalancer: Command = {
  usage: 'NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
  flags: [...CREATE_FLAGS, TCP_FLAG],
  run: (invocation) => createService(invocation, 'LoadBalancer'),
};

const externalname: Command = {
  usage: 'NAME --external-name external.name [--dry-run=server|client|none]',
  flags: [
    ...CREATE_FLAGS,
    TCP_FLAG,
    { name: 'external-name', type: 'string', required: true, usage: 'Name that the service stands for.' },
  ],
  run: (invocation) => createService(invocation, 'ExternalName'),
};

export const service: Command = {
  usage: '(clusterip | externalname | loadbalancer | nodeport)',
  helpOn: 'stderr',
  long: 'Creates a service for the pods with the label app=NAME.',
  subcommands: [
    { name: 'clusterip', short: 'Reached inside the cluster', load: () => Promise.resolve(clusterip) },
    { name: 'externalname', short: 'Another name for a host outside', load: () => Promise.resolve(externalname) },
    { name: 'loadbalancer', short: 'Reached through a load balancer', load: () => Promise.resolve(loadbalancer) },
    { name: 'nodeport', short: 'Reached at a port of every node', load: () => Promise.resolve(nodeport) },
  ],
};

async function createService(invocation: Invocation, type: string): Promise<number> {
  const { flags } = invocation;
  const name = nameArgument(invocation);
  const clusterIP = flags.has('clusterip') ? flags.string('clusterip') : '';
  const tcp = flags.list('tcp');
  if (tcp.length === 0 && clusterIP !== 'None' && type !== 'ExternalName') {
    throw new CommandError('at least one tcp port specifier must be provided');
  }
  const nodePort = flags.has('node-port') ? flags.int('node-port') : 0;
  const ports = tcp.map((pair) => ({ ...parsePorts(pair), ...(nodePort > 0 ? { nodePort } : {}) }));
  const labels = { app: name };
  const object = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, labels },
    spec: {
      ...(ports.length > 0 ? { ports } : {}),
      selector: labels,
      ...(clusterIP === '' ? {} : { clusterIP }),
      type,
      ...(type === 'ExternalName' ? { externalName: flags.string('external-name') } : {}),
    },
    status: { loadBalancer: {} },
  };
  const resource = { group: '', version: 'v1', name: 'services', namespaced: true };
  await createFromFlags(invocation, resource, object, `failed to create ${type} service: `);
  return 0;
}

function parsePorts(pair: string) {
  const [port = '', target = port] = pair.split(':');
  const check = (text: string) => {
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535) return Number(text);
    if (!/^\d+$/.test(text))
      throw new CommandError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
    throw new CommandError(`invalid port specifier ${pair}: ports are numbers from 1 to 65535, as PORT or PORT:TARGET`);
  };
  const targetPort = /^\d+$/.test(target) ? check(target) : target;
  return { name: pair.includes(':') ? `${port}-${target}` : port, protocol: 'TCP', port: check(port), targetPort };
}
