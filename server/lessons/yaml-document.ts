import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { flowText } from './flow-text.ts';
import { explainYamlMistake, firstYamlMistake, placeOfMistake } from './yaml-mistake.ts';

/** Takes note of something that the author has to mend. `line` counts in the file, from 1. */
export type Report = (line: number, message: string) => void;

/** A field of a YAML map with the line it stands on. */
export interface YamlField {
  name: string;
  line: number;
  /** Null for an empty value. */
  node: Node | null;
  /** As plain JavaScript. */
  value: unknown;
}

/** Characters of YAML in one place: far above any lesson, far below what makes the parser slow. */
const MAX_LENGTH = 64 * 1024;
/** Brackets and braces in each other. The parser recurses, so that a few thousand would end the process. */
const MAX_FLOW_DEPTH = 50;

/** A YAML text that is one map, read with positions. Core schema of YAML 1.2, no anchors and no tags. */
export interface YamlDocument {
  fields: Map<string, YamlField>;
  /** Fields of a map inside; undefined and a report when `field` is none. */
  readMap(field: Pick<YamlField, 'line' | 'node'>, what: string, report: Report): Map<string, YamlField> | undefined;
  /** Items of a list inside, each with its line; undefined and a report when `field` is none. */
  readItems(
    field: Pick<YamlField, 'line' | 'node'>,
    what: string,
    report: Report,
  ): Pick<YamlField, 'line' | 'node'>[] | undefined;
}

/**
 * @param firstLine line of the file on which `text` begins.
 * @returns undefined when the text is not a map that can be read; `report` has been told why.
 */
export function readYaml(text: string, firstLine: number, what: string, report: Report): YamlDocument | undefined {
  if (text.length > MAX_LENGTH) {
    report(firstLine, `${what} has ${text.length} characters; at most ${MAX_LENGTH} are read. Make it shorter.`);
    return undefined;
  }
  if (nestsTooDeeply(text)) {
    report(firstLine, `${what} nests more than ${MAX_FLOW_DEPTH} levels deep. Write it flatter.`);
    return undefined;
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', schema: 'core', prettyErrors: false });
  const lineAt = (offset: number): number => firstLine + Math.max(0, counter.linePos(offset).line - 1);
  const lineOf = (node: unknown): number => lineAt((node as Node | null)?.range?.[0] ?? 0);

  const slip = firstYamlMistake(document);
  if (slip !== undefined) {
    const place = placeOfMistake(slip, document);
    const written = text.split('\n')[counter.linePos(place).line - 1] ?? '';
    report(lineAt(place), `${what} is not YAML at ${explainYamlMistake(slip, written)}`);
    return undefined;
  }
  let aliases = false;
  visit(document, (_, node) => {
    if (!isAlias(node)) return undefined;
    aliases = true;
    report(lineOf(node), `${what} uses the alias "*${node.source}". Write the value out instead.`);
    return visit.BREAK;
  });
  if (aliases) return undefined;

  const show = (node: Node | null): string => {
    const value: unknown = node?.toJS(document) ?? null;
    if (value === null) return 'empty';
    return typeof value === 'string' ? `"${value}"` : flowText(value);
  };
  const readMap: YamlDocument['readMap'] = ({ node, line }, inWhat, tell) => {
    if (!isMap(node)) {
      tell(line, `${inWhat} must be a map of fields, "name: value" on each line, and is ${show(node)}.`);
      return undefined;
    }
    const fields = new Map<string, YamlField>();
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      const value = pair.value as Node | null;
      fields.set(name, { name, line: lineOf(pair.key), node: value, value: value?.toJS(document) ?? null });
    }
    return fields;
  };
  const readItems: YamlDocument['readItems'] = ({ node, line }, inWhat, tell) => {
    if (isSeq(node)) return node.items.map((item) => ({ node: item as Node | null, line: lineOf(item) }));
    tell(line, `${inWhat} must be a list, "- …" on each line, and is ${show(node)}.`);
    return undefined;
  };
  const fields = readMap({ line: firstLine, node: document.contents as Node | null }, what, report);
  return fields && { fields, readMap, readItems };
}

/** Counts brackets without regard to quotes, which can only make it too careful; and block indentation by width. */
function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_FLOW_DEPTH) return true;
  }
  // "- - - - x" and "? ? ? x" nest without brackets; indentation of more than this is no different.
  return /^(?:[-?:] *){50}/m.test(text) || /^ {200}/m.test(text);
}
