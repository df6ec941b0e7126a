/** What a VirtualService does with a service's pods. istioctl/pkg/describe/describe.go, printVirtualService. */
import {
  hostOf,
  qualifyHost,
  type DestinationRule,
  type HttpMatch,
  type HttpRoute,
  type Service,
  type StringMatch,
  type VirtualService,
} from '../istio-objects.ts';
import { sayAt, shortName, splitSubsets, type Labels, type Place, type Report } from './report.ts';

interface Described {
  virtual: VirtualService;
  service: Service;
  rule: DestinationRule | null;
  pods: readonly Labels[];
  place: Place;
}

interface Facts {
  matches: boolean;
  facts: string[];
}

export function describeVirtualService(report: Report, described: Described): void {
  const { virtual, place } = described;
  const say = sayAt(report, place);
  const { http = [], tcp = [], tls = [] } = virtual.spec ?? {};
  say(0, `VirtualService: ${shortName(report, virtual)}`);
  const all = [
    ...http.map((route) => httpFacts(report, described, route)),
    ...tcp.map(({ route = [], match = [] }): Facts => {
      const matches = route.some(({ destination }) => isOurs(described, destination?.host));
      return { matches, facts: matches ? match.map((each) => JSON.stringify(each)) : [] };
    }),
  ];
  const matching = all.filter(({ matches }) => matches);
  const facts = matching.flatMap((each) => each.facts);
  const mismatches = all.filter(({ matches }) => !matches).flatMap((each) => each.facts);
  for (const fact of facts) say(3, fact);
  if (matching.length === 0) {
    if (http.length > 0) say(3, `WARNING: No destinations match pod subsets (checked ${http.length} HTTP routes)`);
    if (tcp.length > 0) say(3, `WARNING: No destinations match pod subsets (checked ${tcp.length} TCP routes)`);
    for (const mismatch of mismatches) say(6, mismatch);
    return;
  }
  const possible = http.length + tls.length + tcp.length;
  if (matching.length < possible) {
    say(3, `${possible - matching.length} additional destination(s) that will not reach this pod`);
    if (facts.length === 0) for (const mismatch of mismatches) say(6, mismatch);
    return;
  }
  if (facts.length > 0) return;
  if (http.length > 0) say(3, `${http.length} HTTP route(s)`);
  if (tcp.length > 0) say(3, `${tcp.length} TCP route(s)`);
}

function isOurs({ virtual, service }: Described, host: string | undefined): boolean {
  return qualifyHost(host ?? '', virtual.metadata.namespace ?? 'default') === hostOf(service);
}

function httpFacts(report: Report, described: Described, route: HttpRoute): Facts {
  const { rule, pods } = described;
  const { matching, others } = rule === null ? { matching: [], others: [] } : splitSubsets(rule, pods);
  const isOld = report.invocation.release.minor < 14;
  const facts: string[] = [];
  const mismatches: string[] = [];
  let matches = false;
  for (const { destination = {}, weight = 0 } of route.route ?? []) {
    const { host = '', subset = '' } = destination;
    if (!isOurs(described, host)) {
      if (isOld) mismatches.push(`Route to ${host}`);
      else
        facts.push(
          subset === '' ? `Route to host "${host}" with weight ${weight}%` : `Route to ${host} with invalid config`,
        );
      continue;
    }
    if (others.includes(subset)) {
      mismatches.push(`Route to non-matching subset ${subset} for (${renderMatches(route.match, isOld)})`);
      continue;
    }
    if (subset !== '' && !matching.includes(subset)) {
      mismatches.push(
        rule === null
          ? `Warning: Route to subset ${subset} but NO DESTINATION RULE defining subsets!`
          : `Warning: Route to UNKNOWN subset ${subset}; check DestinationRule ${shortName(report, rule)}`,
      );
      continue;
    }
    matches = true;
    if (weight === 0) continue;
    const target = `Route to host "${host}"${subset === '' ? '' : ` subset "${subset}"`}`;
    facts.push(isOld ? `Weight ${weight}%` : `${target} with weight ${weight}%`);
  }
  if (!matches) return { matches, facts: [...facts, ...mismatches] };
  const conditions = [
    ...(route.fault === undefined ? [] : [`Fault injection ${renderText(route.fault)}`]),
    ...(route.match ?? []).map((match) => renderMatch(match, isOld)),
  ];
  return { matches, facts: conditions.length === 0 ? facts : [...facts, conditions.join(', ')] };
}

function renderMatches(matches: readonly HttpMatch[] = [], isOld: boolean): string {
  return matches.length === 0 ? 'everything' : matches.map((match) => renderMatch(match, isOld)).join(', ');
}

function renderMatch({ uri, ignoreUriCase, headers = {} }: HttpMatch, isOld: boolean): string {
  const path = uri === undefined ? '' : renderString(uri) + (ignoreUriCase === true ? ' uncased' : '');
  const conditions = Object.entries(headers).map(([name, value]) => `${name}=${renderString(value)}`);
  const when = conditions.length === 0 ? '' : ` when headers are ${conditions.join('; ')}`;
  return `${isOld ? '' : 'Match: '}${path}${when}`.trim();
}

function renderString(match: StringMatch): string {
  if (match.exact !== undefined) return match.exact;
  return match.prefix === undefined ? renderText(match) : `${match.prefix}*`;
}

/** As protobuf's text, in one line. */
function renderText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, inner]) => {
      const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return typeof inner === 'object' && inner !== null
        ? `${name}:{${renderText(inner)}}`
        : `${name}:${renderText(inner)}`;
    })
    .join('  ');
}
