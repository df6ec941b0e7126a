import type { EdgeHealth, EdgeLock, MeshNodeKind, MeshProtocol, MeshVerdict, MutualTlsStatus } from '../mesh.ts';

/**
 * Every word of the mesh view. Names of Istio's objects, of modes and of protocols are the same in each language;
 * what stands between backticks is code. `minutes` is the length of the window, shares go from 0 to 1.
 */
export interface MeshMessages {
  tab: string;
  region: string;
  loading: string;
  loadFailed: string;
  disconnected: string;
  noMesh: string;
  noMeshText: string;
  emptyHeading: string;
  emptyText: string;
  /** Below the picture while nothing has been called. */
  quiet: string;
  /** Said by a screen reader when something new is refused or fails. */
  announce(protocol: MeshProtocol, source: string, destination: string): string;

  toolbar: {
    view: string;
    graph: string;
    table: string;
    dashboard: string;
    window: string;
    lastMinutes(minutes: number): string;
    idle: string;
    withTerminal: string;
  };

  status: {
    /** The whole mesh, in the words of Kiali's masthead. `byDefault`: clients are told nothing. */
    mesh(status: MutualTlsStatus, byDefault: boolean): string;
    namespace(status: MutualTlsStatus, inherited: boolean): string;
    /** `by`: kind and name of the object; both null where nothing is said. */
    servers(mode: string | null, by: string | null): string;
    clients(mode: string | null, by: string | null, automatic: boolean): string;
    details: string;
    wholeMesh: string;
    noSidecars: string;
  };

  node: {
    kind: Record<MeshNodeKind, string>;
    /** In place of a name. */
    name: Record<'outside' | 'unknown', string>;
    /** Heads the part of a namespace that nobody calls. */
    idleIn(namespace: string): string;
    sidecar: string;
    noSidecar: string;
    pods(count: number): string;
  };

  edge: {
    /** Accessible name. `lock` is null where it says nothing. */
    name(edge: { source: string; destination: string; amount: string; health: string; lock: string | null }): string;
    health: Record<EdgeHealth, string>;
    lock: Record<EdgeLock, string>;
    protocol: Record<MeshProtocol, string>;
    /** In words, as `3 requests`. */
    amount(protocol: MeshProtocol, count: number): string;
    /** In the picture, where there is little room. */
    short(protocol: MeshProtocol, count: number): string;
  };

  panel: {
    heading: string;
    close: string;
    from: string;
    to: string;
    noIdentity: string;
    noTraffic: string;
    summary(protocol: MeshProtocol, count: number, minutes: number): string;
    why: string;
    times(count: number): string;
    mutual(count: number, of: number): string;
    noReport: string;
    rate: string;
    errors: string;
    meanTime: string;
    received: string;
    sent: string;
    code: string;
    flags: string;
    count: string;
    noAnswer: string;
    /** A flag of Envoy's access log with what it means. */
    flag(flag: string): string;
    services: string;
    unknownToIstio: string;
    refusedIsOurs: string;
    verdict(verdict: MeshVerdict): string;
    /** What to do; null where the verdict says enough. */
    advice(verdict: MeshVerdict): string | null;
    number(value: number): string;
    percent(share: number): string;
    perSecond(rate: number): string;
    milliseconds(ms: number): string;
    bytes(bytes: number): string;
  };

  table: {
    caption(minutes: number): string;
    from: string;
    to: string;
    protocol: string;
    traffic: string;
    errors: string;
    mutual: string;
    state: string;
    empty: string;
    details(source: string, destination: string): string;
    workloads: string;
    workload: string;
    namespace: string;
    kind: string;
    sidecar: string;
    pods: string;
    yes: string;
    no: string;
  };

  dashboard: {
    caption(minutes: number): string;
    workload: string;
    volume: string;
    success: string;
    mutual: string;
    note: string;
    noRequests: string;
    globalVolume: string;
    globalSuccess: string;
    /** Accessible name of a small chart. */
    chart(measure: string, workload: string, value: string): string;
  };

  legend: {
    heading: string;
    health: Record<EdgeHealth, string>;
  };
}
