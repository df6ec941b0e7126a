import { createServer, type Server, type Socket } from 'node:net';
import { resourcePath } from '../api/resource.ts';
import { watch } from '../api/watch.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, UsageError } from '../errors.ts';
import { choosePod, getPodHolder, POD_RESOURCE, type Pod } from '../pods.ts';
import { openForward } from '../port-channel.ts';
import { readPortPairs, type PortPair } from '../port-pairs.ts';

export const command: Command = {
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  long: 'Listens on local ports and passes what comes on to ports of a pod, until it is stopped with Ctrl-C.',
  examples: [
    ['Port 8080 here is port 80 there', 'port-forward pod/web 8080:80'],
    ['A pod of a service, by the port of the service', 'port-forward service/web 8080:http'],
    ['Any free port here', 'port-forward pod/web :80'],
  ],
  flags: [
    { name: 'address', type: 'csv', default: 'localhost', usage: 'Addresses to listen on, IP or localhost.' },
    { name: 'pod-running-timeout', type: 'duration', default: '1m0s', usage: 'How long to wait for a pod.' },
  ],
  run,
};

/** kubectl/pkg/cmd/portforward/portforward.go and client-go, tools/portforward. */
async function run(invocation: Invocation): Promise<number> {
  const { args, flags, io, session } = invocation;
  const [word, ...ports] = args;
  if (word === undefined || ports.length === 0)
    throw new UsageError('TYPE/NAME and list of ports are required for port-forward');
  const { name: namespace } = await session.namespace();
  const holder = await getPodHolder(invocation, word, namespace);
  const pod = await choosePod(invocation, holder, namespace, flags.duration('pod-running-timeout'));
  const pairs = readPortPairs(ports, holder, pod);
  const { phase } = pod.status ?? {};
  if (phase !== 'Running') {
    throw new CommandError(`unable to forward port because pod is not running. Current status=${phase ?? ''}`);
  }
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  try {
    for (const pair of pairs) {
      for (const server of await listen(invocation, pair, (socket, local) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        io.stdout.write(`Handling connection for ${local}\n`);
        void openForward(invocation, pod, local, pair.remote, socket);
      }))
        servers.push(server);
    }
    if (servers.length === 0) {
      const listed = pairs.map(({ local, remote }) => `{${local} ${remote}}`).join(' ');
      throw new CommandError(`unable to listen on any of the requested ports: [${listed}]`);
    }
    return await untilStopped(invocation, pod);
  } finally {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  }
}

async function listen(
  { flags, io }: Invocation,
  { local, remote }: PortPair,
  accept: (socket: Socket, local: number) => void,
): Promise<Server[]> {
  const servers: Server[] = [];
  const failures: string[] = [];
  let port = local;
  for (const host of flags.list('address').flatMap((each) => (each === 'localhost' ? ['127.0.0.1', '::1'] : [each]))) {
    const shown = host.includes(':') ? `[${host}]` : host;
    // A pod's answer may still come when the local side has said all.
    const server = createServer({ allowHalfOpen: true }, (socket) => accept(socket, port));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, host, resolve);
      });
    } catch (error) {
      const version = host.includes(':') ? 'tcp6' : 'tcp4';
      failures.push(
        `unable to create listener: Error listen ${version} ${shown}:${port}: ${explainListen(error as NodeJS.ErrnoException)}`,
      );
      continue;
    }
    const address = server.address();
    if (port === 0 && address !== null && typeof address === 'object') port = address.port;
    io.stdout.write(`Forwarding from ${shown}:${port} -> ${remote}\n`);
    servers.push(server);
  }
  if (servers.length === 0) {
    io.stderr.write(
      `Unable to listen on port ${local}: Listeners failed to create with the following errors: [${failures.join(' ')}]\n`,
    );
  }
  return servers;
}

/** The words of the system call behind Node's. */
export function explainListen(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'bind: address already in use';
  if (error.code === 'EACCES') return 'bind: permission denied';
  if (error.code === 'EADDRNOTAVAIL') return 'bind: cannot assign requested address';
  return error.message;
}

/** Ends with Ctrl-C, which is how it is meant to end, or with the pod. */
async function untilStopped({ session }: Invocation, pod: Pod): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const client = await session.client();
  const { name = '', namespace = '', resourceVersion } = pod.metadata;
  const query = { fieldSelector: `metadata.name=${name}`, resourceVersion };
  try {
    while (!stop.signal.aborted) {
      const events = watch<Pod>(client, resourcePath(POD_RESOURCE, namespace), query, { signal: stop.signal });
      for await (const { type, object } of events) {
        const ended = ['Succeeded', 'Failed'].includes(object.status?.phase ?? '');
        if (type === 'DELETED' || ended) throw new CommandError('lost connection to pod');
        query.resourceVersion = object.metadata.resourceVersion;
      }
    }
    return 0;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
