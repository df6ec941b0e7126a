/**
 * Who talks to whom in the mesh of a session, as the server sends it to the mesh view. The meaning of each field is
 * that of `MeshGraph` in `cluster/`; numbers are those of the window, times are milliseconds since 1970.
 */
export interface MeshGraph {
  time: number;
  windowSeconds: number;
  /** Seconds of each entry in {@link NodePoints}. */
  stepSeconds: number;
  mesh: ScopeMutualTls;
  namespaces: NamespaceMutualTls[];
  /** Whether clients choose mutual TLS by themselves where no rule tells them. */
  automatic: boolean;
  nodes: MeshNode[];
  edges: MeshEdge[];
}

/** Windows that can be looked at. Seconds. */
export const MESH_WINDOWS = [60, 300, 600] as const;

export type MutualTlsStatus = 'enabled' | 'partial' | 'disabled' | 'not-enabled';

export interface ScopeMutualTls {
  status: MutualTlsStatus;
  /** What servers demand, and the object that says so; null where none does. */
  server: { mode: string; by: string } | null;
  /** What clients send, and the DestinationRule that says so; null where none does. */
  client: { mode: string; by: string } | null;
}

export interface NamespaceMutualTls extends ScopeMutualTls {
  namespace: string;
  /** Whether all of it comes from the whole mesh. */
  inherited: boolean;
}

export type MeshNodeKind = 'workload' | 'gateway' | 'service' | 'external' | 'outside' | 'unknown';

export interface MeshNode {
  id: string;
  kind: MeshNodeKind;
  /** Null for what is in no namespace. */
  namespace: string | null;
  /** Empty for `outside` and `unknown`. */
  name: string;
  app: string | null;
  version: string | null;
  sidecar: boolean;
  pods: number;
  points: NodePoints;
}

/** What a workload was asked for, in steps from the oldest. */
export interface NodePoints {
  requests: number[];
  /** Those that were not answered with a 5xx. */
  successes: number[];
  mutual: number[];
}

export type MeshProtocol = 'http' | 'grpc' | 'tcp' | 'refused';

export interface MeshEdge {
  id: string;
  source: string;
  destination: string;
  /** `refused`: connections that ended before any request, which real telemetry does not show. */
  protocol: MeshProtocol;
  /** Whether real telemetry calls this client `unknown`. */
  unknownToIstio: boolean;
  count: number;
  recent: number;
  responses: { code: number; flags: string; count: number }[];
  errors: number;
  meanMs: number | null;
  receivedBytes: number;
  sentBytes: number;
  mutual: { count: number; of: number };
  /** SPIFFE URIs; null where there was no mutual TLS. */
  sourceIdentity: string | null;
  destinationIdentity: string | null;
  services: string[];
  verdicts: { verdict: MeshVerdict; count: number }[];
}

/** How an edge is doing; each has a colour. */
export type EdgeHealth = 'healthy' | 'degraded' | 'failing' | 'tcp' | 'idle' | 'refused';

/** How much of an edge is mutual TLS. */
export type EdgeLock = 'all' | 'some' | 'none';

/** Who one end of a connection is. */
export interface MeshParty {
  namespace: string;
  pod: string;
  serviceAccount: string;
  sidecar: boolean;
}

export type MeshVerdictCode =
  | 'plaintext-refused'
  | 'foreign-tls-refused'
  | 'handshake-failed'
  | 'authorization-denied'
  | 'authorization-not-allowed'
  | 'token-rejected'
  | 'upstream-failed'
  | 'destination-unknown'
  | 'no-endpoints'
  | 'no-route'
  | 'fault-injected'
  | 'request-timeout'
  | 'outbound-blocked';

/** Why the mesh refused or failed something, in terms of its rules. */
export interface MeshVerdict {
  time: number;
  code: MeshVerdictCode;
  client: MeshParty | null;
  server: MeshParty | null;
  port: number;
  /** What the server's port demands; null where that decided nothing. */
  mode: string | null;
  /** Kind and `namespace/name` of the object that decided; null where none did. */
  kind: string | null;
  policy: string | null;
  detail: string | null;
  request: { method: string; host: string; path: string } | null;
}
