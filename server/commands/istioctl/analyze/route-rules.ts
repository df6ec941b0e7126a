/** Rules of a VirtualService that an earlier one takes everything from. pkg/config/analysis/analyzers/virtualservice/. */
import type { HttpRoute, VirtualService } from '../istio-objects.ts';
import type { Finding } from './finding.ts';
import type { Snapshot } from './snapshot.ts';

export function findRouteRules(snapshot: Snapshot): Finding[] {
  return snapshot.of('virtualServices').flatMap(findInOne);
}

function findInOne(virtual: VirtualService): Finding[] {
  const routes = virtual.spec?.http ?? [];
  const findings: Finding[] = [];
  /** Conditions that were seen, and in which rule. */
  const seen = new Map<string, string>();
  for (const [index, route] of routes.entries()) {
    const own = nameOf(route, index);
    const matches = route.match ?? [];
    if (matches.length === 0) {
      if (index < routes.length - 1) {
        findings.push(unused(virtual, own, 'only the last rule can have no matches'));
      }
      continue;
    }
    const duplicates = matches.flatMap((match, at) => {
      const earlier = seen.get(keyOf(match));
      return earlier === undefined ? [] : [{ at, earlier }];
    });
    for (const match of matches) if (!seen.has(keyOf(match))) seen.set(keyOf(match), own);
    if (duplicates.length === matches.length) {
      findings.push(unused(virtual, own, 'all matches used by prior rules'));
      continue;
    }
    for (const { at, earlier } of duplicates) {
      const text = `VirtualService rule ${own} match #${at} is not used (duplicate/overlapping match in rule ${earlier}).`;
      findings.push({ level: 'Info', code: 'IST0131', object: virtual, text });
    }
  }
  return findings;
}

function unused(object: VirtualService, rule: string, reason: string): Finding {
  return { level: 'Warning', code: 'IST0130', object, text: `VirtualService rule ${rule} not used (${reason}).` };
}

function nameOf({ name }: HttpRoute, index: number): string {
  return typeof name === 'string' && name !== '' ? JSON.stringify(name) : `#${index}`;
}

/** Equal for conditions that say the same; a name says nothing. */
function keyOf(match: Record<string, unknown>): string {
  return JSON.stringify({ ...match, name: undefined }, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
