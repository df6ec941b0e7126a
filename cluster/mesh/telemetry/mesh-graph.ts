import type { Verdict } from '../verdict-log.ts';
import type { NamespaceMutualTls, ScopeMutualTls } from './mtls-status.ts';
import type { PodFacts } from './pod-facts.ts';
import { BUCKET_MS, positionsIn } from './rate-ring.ts';
import type { Refusal } from './refusals.ts';
import { RING, type CountedVerdict, type Series } from './series.ts';
import { UNKNOWN } from './traffic-labels.ts';

/**
 * Who talks to whom in a mesh, over a window that ends now. Plain data; equal questions at the same time get equal
 * answers, with nodes and edges in the order of their ids.
 */
export interface MeshGraph {
  /** Milliseconds since 1970. */
  time: number;
  windowSeconds: number;
  /** Seconds of each entry in {@link NodePoints}. */
  stepSeconds: number;
  mesh: ScopeMutualTls;
  /** Those that have nodes. */
  namespaces: NamespaceMutualTls[];
  /** Whether clients choose mutual TLS by themselves where no rule tells them. */
  automatic: boolean;
  nodes: MeshNode[];
  edges: MeshEdge[];
}

export interface MeshNode {
  id: string;
  /**
   * `workload` and `gateway` are pods; `service` stands for a service none of whose pods was reached; `external` for
   * what is no service of the cluster; `outside` for clients that are no pods of it; `unknown` for where there was no
   * way to go.
   */
  kind: 'workload' | 'gateway' | 'service' | 'external' | 'outside' | 'unknown';
  /** Null for `external`, `outside` and `unknown`. */
  namespace: string | null;
  /** Of a workload, as its Deployment is called; empty for `outside` and `unknown`. */
  name: string;
  app: string | null;
  version: string | null;
  /** Whether every pod of it has a proxy; false for what is none of the mesh's. */
  sidecar: boolean;
  /** Pods that are there now. */
  pods: number;
  points: NodePoints;
}

/**
 * What a workload was asked for, in steps from the oldest; by its own proxy's word, else by that of its clients. One
 * list is as long as another.
 */
export interface NodePoints {
  requests: number[];
  /** Those that were not answered with a 5xx, as in Grafana's dashboards of Istio. */
  successes: number[];
  /** Those that came over mutual TLS. */
  mutual: number[];
}

/** Requests or connections of one protocol from one node to another. Numbers are those of the window. */
export interface MeshEdge {
  id: string;
  source: string;
  destination: string;
  /** `refused`: connections that a proxy ended before any request. Istio counts none of those: this is ours. */
  protocol: 'http' | 'grpc' | 'tcp' | 'refused';
  /**
   * Whether Istio's telemetry calls this client `unknown`, because it has no sidecar or went past it. Which pod it was
   * is ours.
   */
  unknownToIstio: boolean;
  /** Requests; of `tcp` opened connections, of `refused` refused ones. 0 for an idle edge. */
  count: number;
  /** Of the last two steps: whether something moves right now. */
  recent: number;
  /** Of `http` and `grpc`, by code and flags, the most frequent first. A code of 0 is a request without an answer. */
  responses: { code: number; flags: string; count: number }[];
  /** Requests with 4xx, 5xx or no answer; connections of `tcp` that came to nothing. 0 for `refused`. */
  errors: number;
  /** Mean, in milliseconds; null without requests. */
  meanMs: number | null;
  receivedBytes: number;
  sentBytes: number;
  /** Reported by the destination: how many came over mutual TLS, of how many. 0 of 0 where it has no proxy. */
  mutual: { count: number; of: number };
  /** SPIFFE URIs of the last mutual TLS; null where there was none. */
  sourceIdentity: string | null;
  destinationIdentity: string | null;
  /** Hosts that were asked for. */
  services: string[];
  /** Why requests failed or connections were refused, the latest first. */
  verdicts: { verdict: Verdict; count: number }[];
}

export interface GraphInput {
  now: number;
  windowSeconds: number;
  series: Iterable<Series>;
  refusals: Iterable<Refusal>;
  /** Pods that are there. */
  pods: readonly PodFacts[];
  /** Whether a pod is shown also before there was any traffic. */
  isShown(pod: PodFacts): boolean;
  status: Pick<MeshGraph, 'mesh' | 'automatic'> & { namespace(name: string): NamespaceMutualTls };
}

export function meshGraph(input: GraphInput): MeshGraph {
  const { now, windowSeconds, pods, status } = input;
  const nodes = new NodeTable(positionsIn(windowSeconds));
  for (const pod of pods) if (input.isShown(pod)) nodes.ofPod(pod);
  const edges = new Map<string, EdgeDraft>();
  for (const series of input.series) addSeries(series, input, nodes, edges);
  joinTcpReports(edges);
  for (const refusal of input.refusals) addRefusal(refusal, input, nodes, edges);
  for (const pod of pods) nodes.count(pod);

  const shown = [...edges.values()].filter((edge) => edge.isShown()).map((edge) => edge.finish());
  const used = new Set(shown.flatMap(({ source, destination }) => [source, destination]));
  const finished = nodes.finish(used);
  const namespaces = [...new Set(finished.flatMap(({ namespace }) => namespace ?? []))].toSorted();
  return {
    time: now,
    windowSeconds,
    stepSeconds: BUCKET_MS / 1000,
    mesh: status.mesh,
    automatic: status.automatic,
    namespaces: namespaces.map((name) => status.namespace(name)),
    nodes: finished,
    edges: shown.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

interface NodeDraft {
  node: Omit<MeshNode, 'pods' | 'sidecar' | 'points'>;
  pods: Set<PodFacts>;
  /** Seen as a pod's, whether or not the pod is still there. */
  sidecar: boolean;
  /** By its own proxy, and by those of its clients. */
  reported: NodePoints;
  observed: NodePoints;
}

class NodeTable {
  readonly #nodes = new Map<string, NodeDraft>();
  readonly #positions: number;

  constructor(positions: number) {
    this.#positions = positions;
  }

  ofPod(pod: PodFacts): NodeDraft {
    const { namespace, workload: name, app, version, hasSidecar, isGateway } = pod;
    const kind = isGateway ? 'gateway' : 'workload';
    return this.#of(workloadId(pod), { kind, namespace, name, app, version }, hasSidecar);
  }

  count(pod: PodFacts): void {
    this.#nodes.get(workloadId(pod))?.pods.add(pod);
  }

  ofService(namespace: string, name: string): NodeDraft {
    return this.#of(`service ${namespace}/${name}`, { kind: 'service', namespace, name, app: null, version: null });
  }

  ofHost(name: string): NodeDraft {
    return this.#of(`external ${name}`, { kind: 'external', namespace: null, name, app: null, version: null });
  }

  nowhere(kind: 'outside' | 'unknown'): NodeDraft {
    return this.#of(kind, { kind, namespace: null, name: '', app: null, version: null });
  }

  /** @param used ids of nodes that edges lead to or from; others are shown while they have pods */
  finish(used: ReadonlySet<string>): MeshNode[] {
    return [...this.#nodes.values()]
      .filter(({ node, pods }) => pods.size > 0 || used.has(node.id))
      .map(({ node, pods, sidecar, reported, observed }) => ({
        ...node,
        pods: pods.size,
        sidecar: pods.size > 0 ? [...pods].every(({ hasSidecar }) => hasSidecar) : sidecar,
        points: sidecar ? reported : observed,
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #of(id: string, rest: Omit<NodeDraft['node'], 'id'>, sidecar = false): NodeDraft {
    let draft = this.#nodes.get(id);
    if (draft === undefined) {
      const zeros = (): number[] => Array.from({ length: this.#positions }, () => 0);
      const points = (): NodePoints => ({ requests: zeros(), successes: zeros(), mutual: zeros() });
      draft = { node: { id, ...rest }, pods: new Set(), sidecar, reported: points(), observed: points() };
      this.#nodes.set(id, draft);
    }
    return draft;
  }
}

function workloadId({ namespace, workload }: PodFacts): string {
  return `workload ${namespace}/${workload}`;
}

/** Sums of one end's reports. */
interface EndReport {
  count: number;
  errors: number;
  recent: number;
  milliseconds: number;
  received: number;
  sent: number;
  responses: Map<string, { code: number; flags: string; count: number }>;
}

class EdgeDraft {
  readonly #base: Pick<MeshEdge, 'id' | 'source' | 'destination' | 'protocol' | 'unknownToIstio'>;
  /** Idle edges are shown while both ends are there. */
  readonly #ends: readonly [NodeDraft, NodeDraft];
  readonly #reports = new Map<'source' | 'destination', EndReport>();
  readonly #mutual = { count: 0, of: 0 };
  readonly #services = new Set<string>();
  readonly #verdicts: { verdict: Verdict; count: number }[] = [];
  #identities: { time: number; source: string; destination: string } | null = null;
  #refused = 0;
  #refusedRecently = 0;

  constructor(protocol: MeshEdge['protocol'], unknownToIstio: boolean, ends: readonly [NodeDraft, NodeDraft]) {
    const [source, destination] = [ends[0].node.id, ends[1].node.id];
    this.#base = {
      id: edgeId(source, destination, protocol, unknownToIstio),
      source,
      destination,
      protocol,
      unknownToIstio,
    };
    this.#ends = ends;
  }

  add(series: Series, now: number, windowSeconds: number): void {
    const { labels } = series;
    const sums = series.ring.sums(now, windowSeconds);
    const count = (series.isTcp ? sums[RING.opened] : sums[RING.requests]) ?? 0;
    const recentSums = series.ring.sums(now, BUCKET_MS / 1000);
    const bytes = (recentSums[RING.received] ?? 0) + (recentSums[RING.sent] ?? 0);
    const recent = series.isTcp ? Math.max(recentSums[RING.opened] ?? 0, Math.sign(bytes)) : recentSums[RING.requests];
    const report = this.#report(labels.reporter);
    report.count += count;
    report.recent += recent ?? 0;
    report.milliseconds += sums[RING.milliseconds] ?? 0;
    report.received += sums[RING.received] ?? 0;
    report.sent += sums[RING.sent] ?? 0;
    if (!series.isTcp && count > 0) {
      const code = Number(labels.response_code);
      const key = `${code} ${labels.response_flags}`;
      const known = report.responses.get(key) ?? { code, flags: labels.response_flags, count: 0 };
      known.count += count;
      report.responses.set(key, known);
      if (code === 0 || code >= 400) report.errors += count;
    }
    // A connection of bytes has no code; a flag says that it came to nothing.
    if (series.isTcp && labels.response_flags !== '-') report.errors += count;
    if (labels.reporter === 'destination') {
      this.#mutual.of += count;
      if (labels.connection_security_policy === 'mutual_tls') this.#mutual.count += count;
    }
    this.#noteIdentities(series);
    if (count > 0 && labels.destination_service !== UNKNOWN) this.#services.add(labels.destination_service);
    for (const counted of series.verdicts.values()) this.explain(counted, now, windowSeconds);
  }

  explain({ verdict, ring }: CountedVerdict, now: number, windowSeconds: number): void {
    const [count = 0] = ring.sums(now, windowSeconds);
    if (count > 0) this.#verdicts.push({ verdict, count });
  }

  refuse({ verdict, ring }: Refusal, now: number, windowSeconds: number): void {
    this.explain({ verdict, ring }, now, windowSeconds);
    this.#refused += ring.sums(now, windowSeconds)[0] ?? 0;
    this.#refusedRecently += ring.sums(now, BUCKET_MS / 1000)[0] ?? 0;
  }

  /** Whether this is what a client's proxy sent as bytes, told by the server, who cannot know by whom. */
  isOtherEndOf(known: EdgeDraft): boolean {
    const { protocol, unknownToIstio } = this.#base;
    if (protocol !== 'tcp' || !unknownToIstio || !this.#ends[0].sidecar) return false;
    const count = (of: EdgeDraft, reporter: 'source' | 'destination'): number => of.#reports.get(reporter)?.count ?? 0;
    return count(known, 'source') > 0 || count(this, 'destination') === 0;
  }

  /** Takes over what the server told. */
  join(other: EdgeDraft): void {
    for (const [reporter, { responses: _, ...sums }] of other.#reports) {
      const report = this.#report(reporter);
      for (const key of Object.keys(sums) as (keyof typeof sums)[]) report[key] += sums[key];
    }
    this.#mutual.count += other.#mutual.count;
    this.#mutual.of += other.#mutual.of;
    for (const service of other.#services) this.#services.add(service);
    this.#verdicts.push(...other.#verdicts);
  }

  hasFailed(): boolean {
    return [...this.#reports.values()].some(({ errors }) => errors > 0);
  }

  isShown(): boolean {
    const carries = this.#refused > 0 || [...this.#reports.values()].some(({ count, recent }) => count + recent > 0);
    // A refusal that nobody has seen for the whole window is no edge: nothing ever flowed there.
    return carries || (this.#base.protocol !== 'refused' && this.#ends.every(({ pods }) => pods.size > 0));
  }

  finish(): MeshEdge {
    // The source sees what the destination never got; a client that Istio does not know has nobody to report for it.
    const report =
      this.#reports.get(this.#base.unknownToIstio ? 'destination' : 'source') ?? this.#report('destination');
    const count = report.count + this.#refused;
    return {
      ...this.#base,
      count,
      recent: report.recent + this.#refusedRecently,
      responses: [...report.responses.values()].toSorted((a, b) => b.count - a.count || a.code - b.code),
      errors: report.errors,
      meanMs: this.#base.protocol === 'tcp' || report.count === 0 ? null : report.milliseconds / report.count,
      receivedBytes: report.received,
      sentBytes: report.sent,
      mutual: { ...this.#mutual },
      sourceIdentity: this.#mutual.count > 0 ? (this.#identities?.source ?? null) : null,
      destinationIdentity: this.#mutual.count > 0 ? (this.#identities?.destination ?? null) : null,
      services: [...this.#services].toSorted(),
      verdicts: this.#verdicts.toSorted((a, b) => b.verdict.time - a.verdict.time),
    };
  }

  #noteIdentities({ labels, lastTime }: Series): void {
    if (labels.source_principal === UNKNOWN || (this.#identities?.time ?? 0) > lastTime) return;
    this.#identities = { time: lastTime, source: labels.source_principal, destination: labels.destination_principal };
  }

  #report(reporter: 'source' | 'destination'): EndReport {
    let report = this.#reports.get(reporter);
    if (report === undefined) {
      report = { count: 0, errors: 0, recent: 0, milliseconds: 0, received: 0, sent: 0, responses: new Map() };
      this.#reports.set(reporter, report);
    }
    return report;
  }
}

function edgeId(source: string, destination: string, protocol: string, unknownToIstio: boolean): string {
  return `${source} > ${destination} ${protocol}${unknownToIstio ? ' unknown' : ''}`;
}

function edgeBetween(
  edges: Map<string, EdgeDraft>,
  ends: readonly [NodeDraft, NodeDraft],
  protocol: MeshEdge['protocol'],
  unknownToIstio: boolean,
): EdgeDraft {
  const id = edgeId(ends[0].node.id, ends[1].node.id, protocol, unknownToIstio);
  let edge = edges.get(id);
  if (edge === undefined) edges.set(id, (edge = new EdgeDraft(protocol, unknownToIstio, ends)));
  return edge;
}

function addSeries(
  series: Series,
  { now, windowSeconds }: GraphInput,
  nodes: NodeTable,
  edges: Map<string, EdgeDraft>,
): void {
  const { labels, local, remote } = series;
  const inbound = labels.reporter === 'destination';
  const here = nodes.ofPod(local);
  const there = remote === null ? (inbound ? nodes.nowhere('outside') : farNode(series, nodes)) : nodes.ofPod(remote);
  const ends = inbound ? ([there, here] as const) : ([here, there] as const);
  const isUnknown = inbound && labels.source_workload === UNKNOWN;
  edgeBetween(edges, ends, labels.request_protocol, isUnknown).add(series, now, windowSeconds);
  if (!series.isTcp) addPoints(series, inbound ? here.reported : there.observed, now, windowSeconds);
}

/**
 * Plaintext bytes carry no word about their sender, unlike requests and mutual TLS: Istio's server says "unknown" of
 * what the client's proxy has told of as well. One edge shows it once. What a pod sent past its proxy, so that only the
 * server tells of it, keeps its own.
 */
function joinTcpReports(edges: Map<string, EdgeDraft>): void {
  for (const [id, edge] of edges) {
    const known = edges.get(id.replace(/ unknown$/, ''));
    if (known === undefined || known === edge || !edge.isOtherEndOf(known)) continue;
    known.join(edge);
    edges.delete(id);
  }
}

/** Where a client's proxy sent what no pod of the cluster got. */
function farNode({ labels }: Series, nodes: NodeTable): NodeDraft {
  if (labels.destination_service_namespace !== UNKNOWN)
    return nodes.ofService(labels.destination_service_namespace, labels.destination_service_name);
  return labels.destination_service === UNKNOWN
    ? nodes.nowhere('unknown')
    : nodes.ofHost(labels.destination_service.replace(/:\d+$/, ''));
}

function addPoints({ labels, ring }: Series, points: NodePoints, now: number, windowSeconds: number): void {
  const isSuccess = Number(labels.response_code) > 0 && Number(labels.response_code) < 500;
  const isMutual = labels.connection_security_policy === 'mutual_tls';
  ring.each(now, windowSeconds, (position, values) => {
    const requests = values[RING.requests] ?? 0;
    points.requests[position] = (points.requests[position] ?? 0) + requests;
    if (isSuccess) points.successes[position] = (points.successes[position] ?? 0) + requests;
    if (isMutual) points.mutual[position] = (points.mutual[position] ?? 0) + requests;
  });
}

/**
 * A refused connection whose client's proxy has told of the failure itself is that edge's explanation. One that nobody
 * else tells of is an edge of its own.
 */
function addRefusal(
  refusal: Refusal,
  { now, windowSeconds }: GraphInput,
  nodes: NodeTable,
  edges: Map<string, EdgeDraft>,
): void {
  const { client, server, verdict, ring } = refusal;
  if ((ring.sums(now, windowSeconds)[0] ?? 0) === 0) return;
  const from = client === null ? nodes.nowhere('outside') : nodes.ofPod(client);
  const to = server === null ? nodes.nowhere('unknown') : nodes.ofPod(server);
  for (const protocol of ['http', 'grpc', 'tcp'] as const) {
    const told = edges.get(edgeId(from.node.id, to.node.id, protocol, false));
    if (client?.hasSidecar === true && told?.hasFailed() === true) {
      told.explain({ verdict, ring }, now, windowSeconds);
      return;
    }
  }
  edgeBetween(edges, [from, to], 'refused', true).refuse(refusal, now, windowSeconds);
}
