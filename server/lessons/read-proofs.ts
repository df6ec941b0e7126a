import type { CheckProof, Mistake, ProofCommand } from './definition.ts';
import { parseFieldPath } from './field-path.ts';
import { flowText } from './flow-text.ts';
import { didYouMean } from './nearest.ts';
import type { ParsedText } from './parsed-text.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { readYaml, type Report, type YamlDocument, type YamlField } from './yaml-document.ts';

const FIELDS = ['already', 'also', 'mistakes', 'free'];
const MISTAKE_FIELDS = ['do', 'then', 'hint'];

/**
 * Reads `proof.yaml`: by the name of a check, how it is to be put to the test beyond the lesson's own commands.
 * @param original the lesson's first language, sound, which says what checks there are and which clauses have a hint.
 */
export function readProofs(text: string, original: ParsedText, report: Report): Record<string, CheckProof> {
  const document = readYaml(text, 1, 'proof.yaml', report);
  if (document === undefined) return {};
  const checks = new Map<string, readonly string[]>();
  for (const block of original.steps.flatMap((step) => step.blocks)) {
    if (block.kind === 'check') checks.set(block.name, Object.keys(block.check?.hints ?? {}));
  }
  const proofs: Record<string, CheckProof> = {};
  for (const field of document.fields.values()) {
    const clauses = checks.get(field.name);
    if (clauses === undefined) {
      const near = didYouMean(field.name, checks.keys());
      const known = checks.size === 0 ? 'It has none at all.' : `Its checks: ${[...checks.keys()].join(', ')}.${near}`;
      report(field.line, `the lesson has no check "${field.name}". ${known}`);
      continue;
    }
    const proof = readProof(document, field, clauses, report);
    if (proof !== undefined) proofs[field.name] = proof;
  }
  return proofs;
}

function readProof(
  document: YamlDocument,
  check: YamlField,
  clauses: readonly string[],
  report: Report,
): CheckProof | undefined {
  const what = `the proof of "${check.name}"`;
  const fields = document.readMap(check, what, report);
  if (fields === undefined) return undefined;
  refuseUnknown(fields, FIELDS, what, report);
  const [already, also] = [fields.get('already'), fields.get('also')];
  if (already !== undefined && also !== undefined) {
    report(also.line, 'a check that holds "already" proves no way to get there. Remove "also" or "already".');
  }
  return {
    line: check.line,
    already: already === undefined ? null : readReason(already, 'already', report),
    also: also === undefined ? [] : readWays(document, also, report),
    mistakes: readMistakes(document, fields.get('mistakes'), clauses, report),
    free: readFree(document, fields.get('free'), report),
  };
}

function readWays(document: YamlDocument, field: YamlField, report: Report): ProofCommand[] {
  const items = document.readItems(field, '"also"', report) ?? [];
  return items.flatMap((item, index) => readCommand((field.value as unknown[])[index], 'also', item.line, report));
}

function readCommand(value: unknown, name: string, line: number, report: Report): ProofCommand[] {
  if (typeof value === 'string' && value.trim() !== '') return [{ command: value.trimEnd(), line }];
  report(line, `"${name}" is ${flowText(value)}. Write a command, or several lines of them below "|".`);
  return [];
}

function readMistakes(
  document: YamlDocument,
  field: YamlField | undefined,
  clauses: readonly string[],
  report: Report,
): Mistake[] {
  const items = field === undefined ? [] : (document.readItems(field, '"mistakes"', report) ?? []);
  return items.flatMap((item): Mistake[] => {
    const fields = document.readMap(item, 'a mistake', report);
    if (fields === undefined) return [];
    refuseUnknown(fields, MISTAKE_FIELDS, 'a mistake', report);
    const [instead, after, hint] = [fields.get('do'), fields.get('then'), fields.get('hint')];
    if (instead !== undefined && after !== undefined) {
      report(after.line, 'a mistake has "do", in place of the right commands, or "then", after them. Keep one.');
      return [];
    }
    const made = instead ?? after;
    if (made === undefined) {
      report(item.line, 'a mistake needs its command. Add "do:", or "then:" when it comes after the right commands.');
      return [];
    }
    if (hint === undefined) {
      report(item.line, `a mistake needs the clause whose hint it raises. Add "hint:" with ${listClauses(clauses)}.`);
      return [];
    }
    if (typeof hint.value !== 'string' || !clauses.includes(hint.value)) {
      const written = flowText(hint.value);
      const near = didYouMean(String(hint.value), clauses);
      report(hint.line, `the check has no hint for "${written}". It has hints for ${listClauses(clauses)}.${near}`);
      return [];
    }
    const clause = hint.value;
    return readCommand(made.value, made.name, made.line, report).map((command) => {
      return { ...command, after: after !== undefined, hint: clause };
    });
  });
}

function listClauses(clauses: readonly string[]): string {
  return clauses.length === 0 ? 'none: write one in the text first' : clauses.join(', ');
}

function readFree(document: YamlDocument, field: YamlField | undefined, report: Report): Record<string, string> {
  const fields = field === undefined ? undefined : document.readMap(field, '"free"', report);
  const free: Record<string, string> = {};
  for (const path of fields?.values() ?? []) {
    if (parseFieldPath(path.name) === undefined) {
      report(path.line, `"${path.name}" is not the path of a field. Write it as spec.containers[0].name.`);
    } else free[path.name] = readReason(path, path.name, report);
  }
  return free;
}

function readReason({ value, line }: YamlField, name: string, report: Report): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  report(line, `"${name}" is ${flowText(value)}. Write the reason: one sentence, in quotes if need be.`);
  return '';
}
