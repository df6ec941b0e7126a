import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { parseDump } from '../envoy.ts';
import { renderTable } from '../table.ts';
import { summarizeBootstrap } from './bootstrap.ts';
import { summarizeClusters } from './cluster.ts';
import { summarizeListeners } from './listener.ts';
import { summarizeRoutes } from './route.ts';
import { summarizeSecrets } from './secret.ts';
import { FILE_FLAG, outputOf, readSource } from './source.ts';
import { renderYaml } from '../../kubectl/output/yaml.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints all that a proxy knows: clusters, listeners, routes, certificates and endpoints.',
  examples: ['proxy-config all web', 'proxy-config all web -o json'],
  flags: [OUTPUT_FLAG, FILE_FLAG],
  run,
};

/** istioctl/pkg/writer/envoy/configdump/configdump.go, PrintFullSummary. */
async function run(invocation: Invocation): Promise<number> {
  const { io, release } = invocation;
  const output = outputOf(invocation);
  const text = await readSource(invocation, 'config_dump?include_eds=true');
  if (output !== 'short') {
    io.stdout.write(output === 'json' ? `${text.trimEnd()}\n` : `${renderYaml(JSON.parse(text))}\n`);
    return 0;
  }
  const dump = parseDump(text);
  const tables = [
    summarizeBootstrap(dump.bootstrap),
    summarizeClusters(dump.clusters, release, true),
    summarizeListeners(dump.listeners, release, true, true),
    summarizeRoutes(dump.routes, release, true),
    summarizeSecrets(dump.secrets, io.now(), release, true),
    summarizeEndpoints(text),
  ];
  io.stdout.write(tables.join('\n'));
  return 0;
}

interface EndpointsDump {
  dynamic_endpoint_configs?: EndpointConfig[];
  static_endpoint_configs?: EndpointConfig[];
}

interface EndpointConfig {
  endpoint_config?: {
    cluster_name?: string;
    endpoints?: { lb_endpoints?: { endpoint?: { address?: Address }; health_status?: string }[] }[];
  };
}

interface Address {
  socket_address?: { address: string; port_value: number };
  pipe?: { path: string };
}

function summarizeEndpoints(text: string): string {
  const { configs = [] } = JSON.parse(text) as { configs?: EndpointsDump[] };
  const all = configs.flatMap(({ dynamic_endpoint_configs: dynamic = [], static_endpoint_configs: statics = [] }) => [
    ...dynamic,
    ...statics,
  ]);
  const rows = all.flatMap(({ endpoint_config: { cluster_name: cluster = '', endpoints = [] } = {} }) =>
    endpoints
      .flatMap(({ lb_endpoints: own = [] }) => own)
      .map(({ endpoint, health_status: status = 'UNKNOWN' }) => [
        `endpoint/${addressOf(endpoint?.address)}`,
        status,
        '',
        cluster,
      ]),
  );
  return renderTable([['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'], ...rows]);
}

function addressOf({ socket_address: socket, pipe }: Address = {}): string {
  return socket === undefined ? (pipe?.path ?? '') : `${socket.address}:${socket.port_value}`;
}
