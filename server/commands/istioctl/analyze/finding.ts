import type { Release } from '../release.ts';
import type { KubernetesObject } from '../resources.ts';

export type Level = 'Error' | 'Warning' | 'Info';

/** From worst to least. */
export const LEVELS: readonly Level[] = ['Error', 'Warning', 'Info'];

export interface Finding {
  level: Level;
  code: string;
  object: KubernetesObject;
  text: string;
}

/** `ns/name`; of what has no namespace the name. */
export function fullName({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

const RED = '\u001b[1;31m';
const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';

/**
 * `Warning [IST0103] (Pod default/web) The pod …`. Before 1.10 the object was `Pod web.default`, before 1.8 a warning was
 * `Warn`, and up to 1.4 no blank stood before the object. pkg/config/analysis/diag/message.go and
 * istioctl/pkg/util/formatting.
 * @param source `FILE:LINE` of an object that is only in a file
 */
export function renderFinding(finding: Finding, source: string | null, release: Release, colored: boolean): string {
  const { code, object, text } = finding;
  const { name, namespace } = object.metadata;
  const full = release.minor >= 10 || namespace === undefined ? fullName(object) : `${name}.${namespace}`;
  const where = `${object.kind ?? ''} ${full}${source === null ? '' : ` ${source}`}`;
  const color = finding.level === 'Error' ? RED : finding.level === 'Warning' ? YELLOW : '';
  const level = levelWord(finding.level, release);
  const shown = colored ? `${color}${level}${RESET}` : level;
  return `${shown} [${code}]${release.minor < 5 ? '' : ' '}(${where}) ${text}`;
}

/** Namespaces without injection were worth a warning until 1.7. */
export function levelIn({ minor }: Release, { code, level }: Finding): Level {
  return code === 'IST0102' && minor < 8 ? 'Warning' : level;
}

export function levelWord(level: Level, { minor }: Release): string {
  return level === 'Warning' && minor < 8 ? 'Warn' : level;
}

/** Worst first, then by code and object; the same is told once. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const key = ({ level, code, object, text }: Finding): string =>
    [LEVELS.indexOf(level), code, object.kind, fullName(object), text].join('\u0000');
  const byKey = new Map(findings.map((finding) => [key(finding), finding]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding);
}
