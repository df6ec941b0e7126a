import type { MutualTlsMode } from './peer-authentication.ts';

/** Who one end of a connection is. Null where the mesh does not know. */
export interface Party {
  namespace: string;
  pod: string;
  serviceAccount: string;
  /** Whether it has a sidecar. */
  sidecar: boolean;
}

/** Why the mesh refused a connection, in terms of its rules. */
export interface Verdict {
  /** Milliseconds since 1970. */
  time: number;
  code:
    /** The server requires mutual TLS and the client sent plaintext. */
    | 'plaintext-refused'
    /** The client's TLS is not the mesh's, and nothing at the server takes it. */
    | 'foreign-tls-refused'
    /** The client showed no certificate of the mesh. */
    | 'handshake-failed';
  client: Party | null;
  server: Party;
  /** Container port. */
  port: number;
  mode: MutualTlsMode;
  /** `namespace/name` of the PeerAuthentication; null when the default decided. */
  policy: string | null;
}

/** Verdicts kept, oldest dropped first. */
const KEPT = 200;

export class VerdictLog {
  #entries: Verdict[] = [];
  readonly #listeners = new Set<(verdict: Verdict) => void>();

  record(verdict: Verdict): void {
    this.#entries.push(verdict);
    if (this.#entries.length > KEPT) this.#entries = this.#entries.slice(-KEPT);
    for (const listener of this.#listeners) listener(verdict);
  }

  entries(): readonly Verdict[] {
    return this.#entries;
  }

  /** @returns stops it */
  follow(listener: (verdict: Verdict) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
