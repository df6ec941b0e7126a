import { CommandError } from '../kubectl/errors.ts';
import type { Command, Invocation } from './command.ts';
import { askControlPlane, controlPlanePods } from './control-plane.ts';
import { inferPod } from './pods.ts';
import { renderTable } from './table.ts';

const tlsCheck: Command = {
  usage: '<pod-name[.namespace]> [<service>]',
  long:
    'Compares what servers demand with what clients are told to speak, for each port of each service.\n' +
    'Up to 1.0 there is no pod: rules hold for the whole mesh.',
  examples: ['authn tls-check foo-656bd7df7c-5zp4s.default', 'authn tls-check foo.bar.svc.cluster.local'],
  run,
};

export const command: Command = {
  usage: '',
  long: 'Looks at authentication policies.',
  subcommands: [
    {
      name: 'tls-check',
      short: 'Compare policies of servers with rules of clients',
      load: () => Promise.resolve(tlsCheck),
    },
  ],
};

/** One entry of Pilot's /debug/authenticationz. */
export interface AuthenticationDebug {
  host: string;
  port: number;
  authentication_policy_name: string;
  destination_rule_name: string;
  server_protocol: string;
  client_protocol: string;
  TLS_conflict_status: string;
}

/** istioctl/pkg/writer/pilot/tls_check.go. */
async function run(invocation: Invocation): Promise<number> {
  const { args, io, release } = invocation;
  let service: string | undefined;
  let query = '';
  if (release.minor === 0) {
    if (args.length > 1) throw new CommandError(`accepts at most 1 arg(s), received ${args.length}`);
    [service] = args;
  } else {
    const [word, ...rest] = args;
    if (word === undefined) throw new CommandError('tls-check requires pod name');
    if (rest.length > 1) throw new CommandError(`accepts at most 2 arg(s), received ${args.length}`);
    [service] = rest;
    const pod = await inferPod(invocation, word);
    query = `?proxyID=${pod.name}.${pod.namespace}`;
  }
  const entries = await readAuthentication(invocation, query);
  const shown = entries.filter(
    ({ host }) => service === undefined || host === service || host.startsWith(`${service}|`),
  );
  const header = ['HOST:PORT', 'STATUS', 'SERVER', 'CLIENT', 'AUTHN POLICY', 'DESTINATION RULE'];
  const rows = shown.map((entry) => [
    `${entry.host}:${entry.port}`,
    entry.TLS_conflict_status,
    entry.server_protocol,
    entry.client_protocol,
    entry.authentication_policy_name,
    entry.destination_rule_name,
  ]);
  io.stdout.write(renderTable([header, ...rows]));
  return 0;
}

/** By host and port. */
export async function readAuthentication(invocation: Invocation, query: string): Promise<AuthenticationDebug[]> {
  const [answer] = await askControlPlane(
    invocation,
    await controlPlanePods(invocation),
    `/debug/authenticationz${query}`,
  );
  const text = answer?.text ?? '';
  let entries: AuthenticationDebug[];
  try {
    entries = JSON.parse(text) as AuthenticationDebug[];
  } catch {
    throw new CommandError(text.trim());
  }
  return entries.sort((a, b) => (a.host === b.host ? a.port - b.port : a.host < b.host ? -1 : 1));
}
