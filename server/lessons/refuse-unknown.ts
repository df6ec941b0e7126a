import { didYouMean } from './nearest.ts';
import type { Report, YamlField } from './yaml-document.ts';

/** Reports fields that do not exist, with the nearest that does. */
export function refuseUnknown(
  fields: Map<string, YamlField>,
  known: readonly string[],
  what: string,
  report: Report,
): void {
  for (const { name, line } of fields.values()) {
    if (known.includes(name)) continue;
    report(line, `unknown field "${name}" in ${what}. Use ${known.join(', ')}.${didYouMean(name, known)}`);
  }
}
