import type { Clock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import type { KubernetesObject, ObjectReader } from '../../objects/object.ts';
import type { AccessLogEntry } from '../access-log.ts';
import type { Party, Verdict } from '../verdict-log.ts';
import { podFactsOf, type PodFacts } from './pod-facts.ts';
import { Refusals } from './refusals.ts';
import { Series } from './series.ts';
import { isInbound, trafficLabels } from './traffic-labels.ts';

/**
 * Series of one cluster; past this those that were idle for longest are forgotten, as with a proxy that restarts. Many
 * at once, or each new host of somebody who scans would cost a look at all of them.
 */
const MAX_SERIES = 1_000;
const FORGOTTEN_AT_ONCE = 100;

/** A connection of bytes that is open. */
interface Flow {
  series: Series;
  bytes(): { received: number; sent: number };
  counted: { received: number; sent: number };
}

interface JudgedPods {
  verdict: Verdict;
  client: PodFacts | null;
  server: PodFacts | null;
}

/**
 * What the proxies of a mesh count: Istio's standard metrics, by both ends of each request, for the last ten minutes
 * and in sum. It reads the same records as the access log, and costs nothing before the first.
 *
 * Beyond Istio it keeps why a request failed, which connections were refused before any request, and which pod a client
 * without a sidecar was; nothing of that is in the metrics.
 */
export class Telemetry {
  readonly #deps: { clock: Clock; network: Network; objects: ObjectReader };
  readonly #series = new Map<string, Series>();
  readonly #flows = new Set<Flow>();
  readonly refusals = new Refusals();
  /** The last verdict, until a record or another verdict shows whether it was about a request. */
  #open: JudgedPods | null = null;

  constructor(deps: { clock: Clock; network: Network; objects: ObjectReader }) {
    this.#deps = deps;
  }

  /** @param pod whose proxy it was */
  record(pod: KubernetesObject, entry: AccessLogEntry): void {
    const series = this.#seriesOf(pod, entry);
    const now = this.#deps.clock.now();
    if (series.isTcp) {
      // A connection that went nowhere.
      series.addOpened(now);
      series.closed += 1;
    } else {
      series.addRequest(now, { durationMs: entry.durationMs, received: entry.bytesReceived, sent: entry.bytesSent });
    }
    this.#explain(series);
  }

  /** A connection of bytes begins. @returns ends it */
  opened(pod: KubernetesObject, entry: AccessLogEntry, bytes: Flow['bytes']): () => void {
    const series = this.#seriesOf(pod, entry);
    series.addOpened(this.#deps.clock.now());
    const flow: Flow = { series, bytes, counted: { received: 0, sent: 0 } };
    this.#flows.add(flow);
    return () => {
      if (!this.#flows.delete(flow)) return;
      this.#count(flow);
      series.closed += 1;
    };
  }

  /** A verdict that no record follows was about a connection that never came to a request. */
  judged(verdict: Verdict): void {
    this.#settle();
    // Looked up now: the pod of `kubectl run --rm` is gone a moment later.
    this.#open = { verdict, client: this.#factsOf(verdict.client), server: this.#factsOf(verdict.server) };
  }

  /** All series, with what open connections have carried until now. */
  series(): Iterable<Series> {
    this.#settle();
    for (const flow of this.#flows) this.#count(flow);
    return this.#series.values();
  }

  /** Facts of a pod by its place in the network; null for what is no pod. */
  factsAt(ip: string): PodFacts | null {
    const pod = this.#deps.network.at(ip)?.pod;
    return pod === undefined ? null : podFactsOf(pod);
  }

  #count({ series, bytes, counted }: Flow): void {
    const { received, sent } = bytes();
    series.addBytes(this.#deps.clock.now(), received - counted.received, sent - counted.sent);
    counted.received = received;
    counted.sent = sent;
  }

  #seriesOf(pod: KubernetesObject, entry: AccessLogEntry): Series {
    const local = podFactsOf(pod);
    const inbound = isInbound(entry);
    const remote = this.factsAt(ipOf((inbound ? entry.downstreamRemote : entry.upstreamHost) ?? ''));
    const unknownHost = remote === null && !inbound ? `${entry.authority} ${entry.upstreamHost}` : '';
    const key =
      `${local.id} ${remote?.id ?? ''} ${entry.upstreamCluster} ${entry.status} ${entry.flags} ${entry.peerUri} ` +
      `${entry.peerKnown} ${entry.method === undefined ? 't' : entry.grpc} ${inbound ? entry.serverName : ''} ${unknownHost}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const { services } = this.#deps.network;
      series = new Series(trafficLabels(entry, { local, remote }, services.inNamespace), local, remote);
      if (this.#series.size >= MAX_SERIES) this.#forgetOldest();
      this.#series.set(key, series);
    }
    return series;
  }

  #forgetOldest(): void {
    const byAge = [...this.#series].toSorted(([, a], [, b]) => a.lastTime - b.lastTime);
    for (const [key] of byAge.slice(0, FORGOTTEN_AT_ONCE)) this.#series.delete(key);
  }

  /**
   * A proxy records its verdict and then the request, without anything between. A verdict without a request stays open
   * until somebody else's request comes, which it does not explain.
   */
  #explain(series: Series): void {
    const verdict = this.#open?.verdict;
    if (verdict === undefined || !hasFailed(series) || !isAbout(verdict, series)) return;
    this.#open = null;
    series.explain(verdict);
  }

  #settle(): void {
    const open = this.#open;
    this.#open = null;
    if (open !== null) this.refusals.add(open.verdict, open.client, open.server);
  }

  #factsOf(party: Party | null): PodFacts | null {
    const pod = party && this.#deps.objects.get('pods', party.namespace, party.pod);
    return pod ? podFactsOf(pod) : null;
  }
}

/** Bytes are recorded one by one only where the connection came to nothing. */
function hasFailed({ isTcp, labels }: Series): boolean {
  const code = Number(labels.response_code);
  return isTcp || code === 0 || code >= 400 || labels.response_flags !== '-';
}

/** Whether the proxy that counts is one of those that the verdict names, and the other end no third. */
function isAbout({ client, server }: Verdict, { local, remote }: Series): boolean {
  if (isParty(client, local)) return true;
  return isParty(server, local) && (remote === null || client === null || isParty(client, remote));
}

function isParty(party: Party | null, facts: PodFacts): boolean {
  return party !== null && party.pod === facts.pod && party.namespace === facts.namespace;
}

function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
