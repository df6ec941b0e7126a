import { isScalar } from 'yaml';
import type { ExpectedOutput } from '../../common/lesson.ts';
import type { CheckDefinition, ObjectTest, RunTest } from './definition.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { parseFieldPath } from './field-path.ts';
import { flowText } from './flow-text.ts';
import { parseJsonTest } from './json-test.ts';
import { parsePattern } from './match/parse-pattern.ts';
import { didYouMean } from './nearest.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { readYaml, type Report, type YamlDocument, type YamlField } from './yaml-document.ts';

export interface ParsedCheck {
  definition: CheckDefinition;
  /** As in `CheckBlock.goal` and `CheckBlock.subject`. */
  goal: string | null;
  subject: string;
  /** Markdown by the clause that failed. */
  hints: Record<string, string>;
}

const OBJECT_FIELDS = ['goal', 'object', 'has', 'absent', 'within', 'hints'];
const RUN_FIELDS = ['goal', 'run', 'exit', 'lines', 'any order', 'not', 'json', 'within', 'hints'];
const OUTPUT_FIELDS = { lines: 'in-order', 'any order': 'any-order', not: 'not' } as const;

/**
 * Reads what stands in a check fence.
 * @param firstLine line of the file on which `text` begins.
 * @returns undefined after any report.
 */
export function parseCheck(name: string, text: string, firstLine: number, report: Report): ParsedCheck | undefined {
  let sound = true;
  const fail: Report = (line, message) => {
    sound = false;
    report(line, message);
  };
  const document = readYaml(text, firstLine, `check "${name}"`, fail);
  if (document === undefined) return undefined;
  const { fields } = document;
  const about = fields.has('object') ? 'object' : 'run';
  const known = about === 'object' ? OBJECT_FIELDS : RUN_FIELDS;
  const other = about === 'object' ? fields.get('run') : undefined;
  if (other !== undefined) fail(other.line, 'a check has "object" or "run", not both. Make two checks of it.');
  else
    refuseUnknown(
      fields,
      fields.has(about) ? known : [...new Set([...OBJECT_FIELDS, ...RUN_FIELDS])],
      `check "${name}"`,
      fail,
    );
  if (!fields.has(about)) {
    fail(firstLine, `check "${name}" says nothing to look at. Add "object: KIND NAME" or "run: COMMAND".`);
    return undefined;
  }
  const test = about === 'object' ? readObjectTest(document, fail) : readRunTest(fields, fail);
  const withinMs = readWithin(fields.get('within'), fail);
  const goal = readGoal(fields.get('goal'), fail);
  // Clauses of a check that has mistakes are not known: its hints would all look wrong.
  if (!sound) return undefined;
  const hints = readHints(document, fields.get('hints'), hintClauses(test), fail);
  if (!sound) return undefined;
  const subject = test.kind === 'object' ? test.subject : test.command;
  return { definition: { name, withinMs, test }, goal, subject, hints };
}

function hintClauses(test: ObjectTest | RunTest): string[] {
  if (test.kind === 'object') return test.absent ? ['present'] : ['missing', ...Object.keys(test.has)];
  const clauses = ['timeout'];
  if (test.exit !== null) clauses.push('exit');
  if (test.outputs.length > 0) clauses.push('lines');
  if (test.json.length > 0) clauses.push('json');
  return clauses;
}

function readObjectTest({ fields, readMap }: YamlDocument, report: Report): ObjectTest {
  const object = fields.get('object')!;
  const subject = typeof object.value === 'string' ? object.value.trim().replaceAll(/\s+/g, ' ') : '';
  const match = /^([^\s-]\S*) ([^\s-]\S*)(?: (?:-n|--namespace)[ =](\S+))?$/.exec(subject);
  if (match === null) {
    const written = flowText(object.value);
    // As kubectl takes it.
    const near = /^[^\s/]+\/[^\s/]+(?: -n \S+)?$/.test(subject) ? ` Did you mean "${subject.replace('/', ' ')}"?` : '';
    report(
      object.line,
      `"object" is ${written}. Write kind, name and namespace: PeerAuthentication default -n istio-system.${near}`,
    );
  }
  const absent = fields.get('absent');
  const has = fields.get('has');
  if (absent !== undefined && absent.value !== true)
    report(absent.line, '"absent" can only be true. Leave it out otherwise.');
  if (absent !== undefined && has !== undefined) {
    report(has.line, 'an object that must be absent has no fields. Remove "has" or "absent".');
  }
  const values: Record<string, unknown> = {};
  for (const field of (has && readMap(has, '"has"', report))?.values() ?? []) {
    if (parseFieldPath(field.name) === undefined) {
      report(field.line, `"${field.name}" is not the path of a field. Write it as spec.containers[0].name.`);
    } else if (field.value === null) {
      report(field.line, `"${field.name}" has no value. Write the value that the field must have.`);
    } else values[field.name] = field.value;
  }
  const [, resource = '', name = '', namespace] = match ?? [];
  return { kind: 'object', subject, resource, name, namespace, absent: absent !== undefined, has: values };
}

function readRunTest(fields: Map<string, YamlField>, report: Report): RunTest {
  const run = fields.get('run')!;
  const command = typeof run.value === 'string' ? run.value.trim() : '';
  if (command === '') report(run.line, '"run" must be a command. Write run: kubectl get pods.');
  const outputs: ExpectedOutput[] = [];
  for (const [name, mode] of Object.entries(OUTPUT_FIELDS)) {
    const field = fields.get(name);
    if (field !== undefined) outputs.push({ text: readOutputText(field, report), mode });
  }
  return { kind: 'run', command, exit: readExit(fields.get('exit'), report), outputs, json: readJson(fields, report) };
}

/** Status 0 is expected unless the author says otherwise. */
function readExit(field: YamlField | undefined, report: Report): number | null {
  if (field === undefined) return 0;
  const { value, line } = field;
  if (value === 'any') return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) return value;
  report(line, `"exit" is ${flowText(value)}. Write a number from 0 to 255, or any.`);
  return null;
}

function readOutputText(field: YamlField, report: Report): string {
  const { value, line } = field;
  const lines = Array.isArray(value) ? value : [value];
  if (!lines.every((item) => typeof item === 'string' || typeof item === 'number')) {
    report(line, `"${field.name}" must be lines of output. Write them below "${field.name}: |".`);
    return '';
  }
  const text = lines.join('\n').replace(/\n+$/, '');
  reportPattern(text, OUTPUT_FIELDS[field.name as keyof typeof OUTPUT_FIELDS], textLine(field), report);
  return text;
}

/** A block text begins on the line below its `|`. */
function textLine({ node, line }: YamlField): number {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') ? line + 1 : line;
}

/** Reports everything that is wrong with expected output. `line` is that of its first line in the file. */
export function reportPattern(text: string, mode: ExpectedOutput['mode'], line: number, report: Report): void {
  const { lines, problems } = parsePattern(text);
  for (const problem of problems) report(line + problem.line, problem.message);
  if (problems.length > 0 || mode === 'in-order') return;
  if (lines.every((pattern) => pattern.kind === 'elision')) {
    report(line, `output with "${mode === 'not' ? 'not' : 'any order'}" needs at least one line.`);
  } else if (mode === 'not' && lines.some((pattern) => pattern.kind === 'elision')) {
    report(line, '"..." means nothing in output that must not come. Remove it.');
  }
}

function readJson(fields: Map<string, YamlField>, report: Report): RunTest['json'] {
  const field = fields.get('json');
  if (field === undefined) return [];
  const tests = Array.isArray(field.value) ? field.value : [field.value];
  return tests.flatMap((text) => {
    const test = typeof text === 'string' ? parseJsonTest(text) : `${flowText(text)} is not a test on JSON.`;
    if (typeof test !== 'string') return [test];
    report(field.line, test);
    return [];
  });
}

function readWithin(field: YamlField | undefined, report: Report): number {
  if (field === undefined) return 0;
  const duration = typeof field.value === 'string' ? parseDuration(field.value) : undefined;
  if (duration === undefined) report(field.line, `"within" is ${flowText(field.value)}. Write ${DURATION_FORM}.`);
  return duration ?? 0;
}

function readGoal(field: YamlField | undefined, report: Report): string | null {
  if (field === undefined) return null;
  const goal = typeof field.value === 'string' ? field.value.trim().replaceAll(/\s+/g, ' ') : '';
  if (goal === '') {
    report(
      field.line,
      `"goal" is ${flowText(field.value)}. Write what must be true, as a sentence, in quotes if need be.`,
    );
  }
  return goal;
}

function readHints(
  document: YamlDocument,
  field: YamlField | undefined,
  clauses: readonly string[],
  report: Report,
): Record<string, string> {
  const hints: Record<string, string> = {};
  for (const hint of (field && document.readMap(field, '"hints"', report))?.values() ?? []) {
    if (!clauses.includes(hint.name)) {
      const near = didYouMean(hint.name, clauses);
      report(hint.line, `no clause "${hint.name}" can fail here. Hints are for ${clauses.join(', ')}.${near}`);
    } else if (typeof hint.value !== 'string' || hint.value.trim() === '') {
      report(
        hint.line,
        `the hint for "${hint.name}" is ${hint.value === null ? 'empty' : `${flowText(hint.value)}, not a text`}. Write one, in quotes if need be.`,
      );
    } else hints[hint.name] = hint.value;
  }
  return hints;
}
