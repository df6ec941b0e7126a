import type { MutualTlsMode } from './peer-authentication.ts';

/** Who one end of a connection is. Null where the mesh does not know. */
export interface Party {
  namespace: string;
  pod: string;
  serviceAccount: string;
  /** Whether it has a sidecar. */
  sidecar: boolean;
}

/** Why a connection or a request did not get through. */
export type VerdictCode =
  /** The server requires mutual TLS and the client sent plaintext. */
  | 'plaintext-refused'
  /** The client's TLS is not the mesh's, and nothing at the server takes it. */
  | 'foreign-tls-refused'
  /** The client showed no certificate of the mesh. */
  | 'handshake-failed'
  /** A DENY rule matched. */
  | 'authorization-denied'
  /** There are ALLOW policies and none of their rules matched. `policy` lists them. */
  | 'authorization-not-allowed'
  /** The token of the request was refused; `detail` is the answer's body. */
  | 'token-rejected'
  /** The client's proxy could not connect as its rules want it to; `detail` is Envoy's flag. */
  | 'upstream-failed'
  /** A subset, or a host of a route, that is nowhere defined. */
  | 'destination-unknown'
  /** No ready endpoint behind the host, or none with the labels of the subset. */
  | 'no-endpoints'
  /** No route matches. */
  | 'no-route'
  /** The route injects an error. */
  | 'fault-injected'
  /** The route's time was over. */
  | 'request-timeout'
  /** The client may talk to registered hosts only. */
  | 'outbound-blocked';

/** Why the mesh refused or failed something, in terms of its rules. */
export interface Verdict {
  /** Milliseconds since 1970. */
  time: number;
  code: VerdictCode;
  client: Party | null;
  /** Null where no server was reached. */
  server: Party | null;
  /** Container port at the server; the service's where none was reached. */
  port: number;
  /** What the server's port demands; null where that decided nothing. */
  mode: MutualTlsMode | null;
  /** Kind of the object that decided; null where none did. */
  kind: RuleKind | null;
  /**
   * `namespace/name` of the object that decided, or `name` of one without a namespace, several parted by `, `; null when
   * the default decided.
   */
  policy: string | null;
  /** The part that decided, as `rule[0]`, or what the code says. */
  detail: string | null;
  /** What an HTTP request asked for. */
  request: { method: string; host: string; path: string } | null;
}

export type RuleKind =
  | 'PeerAuthentication'
  /** Istio 1.0 to 1.4. */
  | 'Policy'
  | 'MeshPolicy'
  | 'AuthorizationPolicy'
  | 'RequestAuthentication'
  | 'DestinationRule'
  | 'VirtualService'
  | 'Gateway'
  | 'Sidecar';

/** What an AuthorizationPolicy of the action AUDIT wanted to be told; it decides nothing. */
export interface Audit {
  /** Milliseconds since 1970. */
  time: number;
  client: Party | null;
  server: Party;
  /** Container port at the server. */
  port: number;
  /** `namespace/name` */
  policy: string;
  /** Which of its rules matched, from 0. */
  rule: number;
  /** What an HTTP request asked for; null for bytes. */
  request: Verdict['request'];
}

/** Entries kept, oldest dropped first. */
const KEPT = 200;

/** The last entries of one kind. */
export class KeptLog<Entry> {
  #entries: Entry[] = [];
  readonly #listeners = new Set<(entry: Entry) => void>();

  record(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT);
    for (const listener of this.#listeners) listener(entry);
  }

  entries(): readonly Entry[] {
    return this.#entries;
  }

  /** @returns stops it */
  follow(listener: (entry: Entry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export class VerdictLog extends KeptLog<Verdict> {}

export class AuditLog extends KeptLog<Audit> {}
