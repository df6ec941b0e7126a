import { isRecord } from '../api/object.ts';
import { addLabels, type Lines } from './lines.ts';

export function addNodeSelectors(lines: Lines, indent: string, selector: unknown): void {
  addLabels(lines, `${indent}Node-Selectors`, isRecord(selector) ? (selector as Record<string, string>) : {});
}

/** `key=value:Effect op=Exists for 300s`, one a line. */
export function addTolerations(lines: Lines, indent: string, tolerations: unknown): void {
  const list = Array.isArray(tolerations) ? tolerations.filter(isRecord) : [];
  if (list.length === 0) lines.raw(`${indent}Tolerations:\t<none>\n`);
  list
    .map(renderToleration)
    .sort()
    .forEach((text, index) => lines.raw(`${index === 0 ? `${indent}Tolerations:` : ''}\t${text}\n`));
}

function renderToleration(toleration: Record<string, unknown>): string {
  const { key = '', value, effect, operator, tolerationSeconds } = toleration;
  let text = String(key);
  if (value) text += `=${String(value)}`;
  if (effect) text += `:${String(effect)}`;
  if (operator === 'Exists' && !value) text += key || effect ? ' op=Exists' : 'op=Exists';
  if (tolerationSeconds !== undefined) text += ` for ${String(tolerationSeconds)}s`;
  return text;
}
