import { createClient, type Client } from './api/client.ts';
import { createDiscoveryCache } from './api/discovery-cache.ts';
import { createDiscovery, type Discovery } from './api/discovery.ts';
import { findConnection, type Connection } from './config/connection.ts';
import { loadKubeconfig, type Kubeconfig } from './config/kubeconfig.ts';
import type { FlagValues } from './flags.ts';
import type { Io } from './io.ts';

/** One run's way to the cluster. Everything is made when it is first asked for. */
export interface Session {
  readonly flags: FlagValues;
  config(): Promise<Kubeconfig>;
  connection(): Promise<Connection>;
  client(): Promise<Client>;
  discovery(): Promise<Discovery>;
  /** The namespace to work in, and whether `-n` said so. */
  namespace(): Promise<{ name: string; explicit: boolean }>;
  /**
   * Upstream finds kinds by asking the server, before anything else and again after it failed, and each time writes a
   * line to its log. This many lines go before the message when the server cannot be reached.
   */
  lookups: number;
  /** How many warnings were printed. */
  readonly warned: number;
  /** Prints a warning once. */
  warn(text: string): void;
  dispose(): void;
}

export function createSession(flags: FlagValues, io: Io): Session {
  let config: Promise<Kubeconfig> | undefined;
  let connection: Promise<Connection> | undefined;
  let client: Promise<Client> | undefined;
  let discovery: Promise<Discovery> | undefined;
  let opened: Client | undefined;
  const warnings = new Set<string>();

  const session: Session = {
    flags,
    lookups: 0,
    config: () => (config ??= loadKubeconfig(flags.string('kubeconfig'), io)),
    connection: () => (connection ??= session.config().then((loaded) => findConnection(loaded, flags))),
    client: () =>
      (client ??= session.connection().then((found) => {
        opened = createClient(found, session.warn);
        return opened;
      })),
    discovery: () =>
      (discovery ??= session
        .client()
        .then((made) => createDiscovery(made, createDiscoveryCache(made.connection.server, flags, io)))),
    async namespace() {
      const explicit = flags.string('namespace');
      if (explicit !== '') return { name: explicit, explicit: true };
      return { name: (await session.connection()).namespace, explicit: false };
    },
    get warned() {
      return warnings.size;
    },
    warn(text) {
      if (warnings.has(text)) return;
      warnings.add(text);
      io.stderr.write(`Warning: ${text}\n`);
    },
    dispose: () => opened?.dispose(),
  };
  return session;
}
