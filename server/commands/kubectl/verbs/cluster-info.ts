import type { ApiList } from '../api/object.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: '[flags]',
  long: 'Shows the address of the control plane and of services that carry the label kubernetes.io/cluster-service=true.',
  subcommands: [{ name: 'dump', short: 'Print everything about the cluster' }],
  async run({ io, session, program }) {
    const client = await session.client();
    const { server } = client.connection;
    const services = await client.json<ApiList>('GET', '/api/v1/namespaces/kube-system/services', {
      query: { labelSelector: 'kubernetes.io/cluster-service=true' },
    });
    const highlight = (code: number, text: string) => (io.stdout.isTTY ? `\u001b[0;${code}m${text}\u001b[0m` : text);
    const say = (name: string, address: string) =>
      void io.stdout.write(`${highlight(32, name)} is running at ${highlight(33, address)}\n`);
    say('Kubernetes control plane', server);
    for (const { metadata = {} } of services.items ?? []) {
      const name = metadata.labels?.['kubernetes.io/name'] ?? metadata.name ?? '';
      say(name, `${server}/api/v1/namespaces/kube-system/services/${metadata.name ?? ''}/proxy`);
    }
    io.stdout.write(`\nTo further debug and diagnose cluster problems, use '${program} cluster-info dump'.\n`);
    return 0;
  },
};
