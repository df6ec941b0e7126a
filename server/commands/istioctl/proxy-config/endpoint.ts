import { OUTPUT_FLAG } from '../global-flags.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../../kubectl/errors.ts';
import { renderTable } from '../table.ts';
import { FILE_FLAG, outputOf, readSource, renderObjects } from './source.ts';

export const command: Command = {
  usage: '[<type>/]<name>[.<namespace>]',
  long: 'Prints the endpoints that a proxy knows, by cluster.',
  examples: ["proxy-config endpoint web --cluster 'outbound|9411||zipkin.istio-system.svc.cluster.local'"],
  flags: [
    OUTPUT_FLAG,
    FILE_FLAG,
    { name: 'address', type: 'string', usage: 'Only of this address' },
    { name: 'cluster', type: 'string', usage: 'Only of this cluster' },
    { name: 'port', type: 'int', usage: 'Only of this port' },
    { name: 'status', type: 'string', usage: 'Only of this status: healthy or unhealthy' },
  ],
  run,
};

interface HostStatus {
  address?: { socket_address?: { address: string; port_value: number }; pipe?: { path: string } };
  health_status?: { eds_health_status?: string; failed_outlier_check?: boolean };
}

interface ClusterStatus {
  name: string;
  host_statuses?: HostStatus[];
}

interface Row {
  address: string;
  port: number;
  cluster: string;
  status: string;
  outlier: string;
}

/** istioctl/pkg/writer/envoy/clusters/clusters.go */
async function run(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const output = outputOf(invocation);
  const text = await readSource(invocation, 'clusters?format=json');
  let statuses: ClusterStatus[];
  try {
    ({ cluster_statuses: statuses = [] } = JSON.parse(text) as { cluster_statuses?: ClusterStatus[] });
  } catch (error) {
    throw new CommandError(`error unmarshalling clusters response from Envoy: ${(error as Error).message}`);
  }
  const isWanted = filterOf(invocation);
  if (output !== 'short') {
    const shown = statuses
      .map((status) => ({
        ...status,
        host_statuses: (status.host_statuses ?? []).filter((host) => isWanted(rowOf(status.name, host))),
      }))
      .filter(({ host_statuses: hosts }) => hosts.length > 0);
    io.stdout.write(renderObjects(shown, output));
    return 0;
  }
  const rows = statuses
    .flatMap(({ name, host_statuses: hosts = [] }) => hosts.map((host) => rowOf(name, host)))
    .filter(isWanted)
    .sort((a, b) => compareText(a.address, b.address) || a.port - b.port || compareText(a.cluster, b.cluster));
  const cells = rows.map(({ address, port, cluster, status, outlier }) => [
    port === 0 ? address : `${address}:${port}`,
    status,
    outlier,
    cluster,
  ]);
  io.stdout.write(renderTable([['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], ...cells]));
  return 0;
}

function rowOf(cluster: string, { address, health_status: health }: HostStatus): Row {
  const socket = address?.socket_address;
  return {
    address: socket?.address ?? `unix://${address?.pipe?.path ?? ''}`,
    port: socket?.port_value ?? 0,
    cluster,
    status: health?.eds_health_status ?? 'HEALTHY',
    outlier: health?.failed_outlier_check === true ? 'FAILED' : 'OK',
  };
}

function filterOf({ flags }: Invocation): (row: Row) => boolean {
  const [address, cluster, status] = ['address', 'cluster', 'status'].map((name) => flags.string(name).toLowerCase());
  const port = flags.int('port');
  return (row) =>
    (!address || row.address.toLowerCase() === address) &&
    (!cluster || row.cluster.toLowerCase() === cluster) &&
    (!status || row.status.toLowerCase() === status) &&
    (port === 0 || row.port === port);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
