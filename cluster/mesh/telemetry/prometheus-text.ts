import { HISTOGRAM_BOUNDS, type Histogram, type Series } from './series.ts';
import type { TrafficLabels } from './traffic-labels.ts';

/** Content type of the text format, as Envoy's admin port and Kubernetes send it. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Labels that Mixer, which counted until 1.4, did not have. */
const SINCE_PROXIES_COUNT = /_(canonical_service|canonical_revision|cluster)$/;

export interface TextOptions {
  /** The mesh's release, as images are tagged. */
  release: string;
  /** Whether Mixer counts (through 1.4): fewer labels, and principals without their scheme. */
  mixer: boolean;
}

/**
 * Series in Prometheus' text format 0.0.4, with Istio's names, sorted by name. Series that differ in nothing but the pod
 * that counted them are one: the pod is what a scrape would add.
 */
export function prometheusText(series: Iterable<Series>, { release, mixer }: TextOptions): string {
  const families = new Map<string, Family>();
  const family = (name: string, type: Family['type']): Family => {
    let found = families.get(name);
    if (found === undefined) families.set(name, (found = { type, counters: new Map(), histograms: new Map() }));
    return found;
  };
  for (const one of series) {
    const labels = labelText(one.labels, mixer);
    const count = (name: string, value: number): void => addTo(family(name, 'counter').counters, labels, value);
    if (one.isTcp) {
      count('istio_tcp_connections_opened_total', one.opened);
      count('istio_tcp_connections_closed_total', one.closed);
      count('istio_tcp_received_bytes_total', one.received);
      count('istio_tcp_sent_bytes_total', one.sent);
      continue;
    }
    count('istio_requests_total', one.requests);
    const histograms = [
      ['istio_request_duration_milliseconds', one.durations],
      ['istio_request_bytes', one.requestBytes],
      ['istio_response_bytes', one.responseBytes],
    ] as const;
    for (const [name, histogram] of histograms) merge(family(name, 'histogram').histograms, labels, histogram);
  }
  family('istio_build', 'gauge').counters.set(`component="proxy",tag="${escape(release)}"`, 1);
  return [...families]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => familyText(name, one))
    .join('');
}

interface Family {
  type: 'counter' | 'gauge' | 'histogram';
  /** Values by the text of their labels. */
  counters: Map<string, number>;
  histograms: Map<string, { counts: number[]; sum: number }>;
}

function familyText(name: string, { type, counters, histograms }: Family): string {
  const lines = [`# TYPE ${name} ${type}`];
  for (const [labels, value] of counters) lines.push(`${name}{${labels}} ${value}`);
  for (const [labels, { counts, sum }] of histograms) {
    let cumulated = 0;
    counts.forEach((count, index) => {
      cumulated += count;
      lines.push(`${name}_bucket{${labels},le="${HISTOGRAM_BOUNDS[index] ?? '+Inf'}"} ${cumulated}`);
    });
    lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${cumulated}`);
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: TrafficLabels, mixer: boolean): string {
  return Object.entries(labels)
    .filter(([name]) => !(mixer && SINCE_PROXIES_COUNT.test(name)))
    .map(([name, value]) => {
      const shown = mixer && name.endsWith('_principal') ? String(value).replace('spiffe://', '') : String(value);
      return `${name}="${escape(shown)}"`;
    })
    .join(',');
}

/** Prometheus, docs/instrumenting/exposition_formats.md: backslash, quote and line feed. */
function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function addTo(counters: Map<string, number>, labels: string, value: number): void {
  counters.set(labels, (counters.get(labels) ?? 0) + value);
}

function merge(histograms: Family['histograms'], labels: string, { counts, sum }: Histogram): void {
  const merged = histograms.get(labels);
  if (merged === undefined) {
    histograms.set(labels, { counts: [...counts], sum });
    return;
  }
  counts.forEach((count, index) => {
    merged.counts[index] = (merged.counts[index] ?? 0) + count;
  });
  merged.sum += sum;
}
