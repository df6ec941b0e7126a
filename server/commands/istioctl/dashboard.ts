import { CommandError } from '../kubectl/errors.ts';
import type { Command, CommandEntry, Invocation } from './command.ts';

/** Dashboards that Taller's own view of the mesh stands in for. */
const SHOWN: Readonly<Record<string, string>> = { grafana: 'Grafana', kiali: 'Kiali', prometheus: 'Prometheus' };
const ABSENT = ['controlz', 'envoy', 'istiod-debug', 'jaeger', 'proxy', 'skywalking', 'zipkin'];

/** `istioctl dashboard` */
export const command: Command = {
  usage: '',
  long: "Says where to look at the mesh. Taller shows it in a view of its own, which stands for Kiali's and Grafana's.",
  examples: ['dashboard kiali'],
  subcommands: [
    ...Object.entries(SHOWN).map(([name, title]): CommandEntry => ({
      name,
      short: `Say where the view is that stands for ${title}`,
      load: () => Promise.resolve(dashboardOf(name, title)),
    })),
    ...ABSENT.map((name): CommandEntry => ({ name, short: `Open ${name}` })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1)),
};

function dashboardOf(name: string, title: string): Command {
  return {
    usage: '',
    long: `Prints the address of the view that stands for ${title}.`,
    examples: [`dashboard ${name}`],
    flags: [
      { name: 'address', type: 'string', default: 'localhost', usage: 'Accepted; nothing is forwarded', hidden: true },
      { name: 'browser', type: 'bool', default: 'true', usage: 'Accepted; no browser is started', hidden: true },
      { name: 'port', short: 'p', type: 'int', usage: 'Accepted; nothing is forwarded', hidden: true },
    ],
    run({ io }: Invocation): Promise<number> {
      const address = io.env.TALLER_MESH_VIEW_URL;
      if (!address) {
        const why = `there is no ${title} in this cluster: Taller shows its graph and numbers in the lesson page, in the mesh view beside the terminal`;
        return Promise.reject(new CommandError(why));
      }
      io.stdout.write(`${address}\n`);
      io.stderr.write(`This is Taller's own view of the mesh, in place of ${title}.\n`);
      return Promise.resolve(0);
    },
  };
}
