import { parseAllDocuments, type Tags, type YAMLError } from 'yaml';
import { CommandError } from './errors.ts';

/** Aliases in one document; the bound against documents that unfold without end. */
const MAX_ALIASES = 1000;

/** go-yaml v2 as Kubernetes uses it: YAML 1.1, but times stay text and 1:30 is no number; the last of equal keys wins. */
const PARSER = {
  uniqueKeys: false,
  version: '1.1',
  schema: 'yaml-1.1',
  customTags: (tags: Tags) =>
    tags.filter(
      (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'),
    ),
} as const;

/**
 * Reads YAML or JSON text of one or more documents.
 * @param label the file's name for messages.
 * @throws CommandError in the words of kubectl, whose parser is go-yaml.
 */
export function parseYamlDocuments(text: string, label: string): unknown[] {
  const failure = (problem: string) =>
    new CommandError(`error parsing ${label}: error converting YAML to JSON: yaml: ${problem}`);
  const documents = parseAllDocuments(text, PARSER);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw failure(explain(error, text));
    try {
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      if (containsItself(value, new Set()))
        throw failure(`anchor '${/&(\S+)/.exec(text)?.[1] ?? ''}' value contains itself`);
      return value;
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      const name = /Unresolved alias.*: (.*)$/.exec(error.message)?.[1];
      throw failure(
        name === undefined ? 'document contains excessive aliasing' : `unknown anchor '${name}' referenced`,
      );
    }
  });
}

/** The nearest message of go-yaml (yaml.v2/scannerc.go, parserc.go). */
function explain({ code, message, linePos }: YAMLError, text: string): string {
  const line = linePos?.[0].line ?? 1;
  const flow = /Flow (map|sequence)/.exec(message);
  if (flow) return parserError(line, `did not find expected ',' or '${flow[1] === 'map' ? '}' : ']'}'`);
  switch (code) {
    case 'TAB_AS_INDENT': {
      // Behind a value the tab would go on with it; behind `key:` it would begin one.
      const before = text.split('\n')[line - 2]?.trimEnd() ?? '';
      if (!before.endsWith(':')) return scannerError(line, 'found a tab character that violates indentation');
      return scannerError(line, 'found character that cannot start any token');
    }
    case 'BAD_SCALAR_START':
      return scannerError(line, 'found character that cannot start any token');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return scannerError(line, 'mapping values are not allowed in this context');
    case 'MULTILINE_IMPLICIT_KEY':
      return scannerError(line + 1, 'mapping values are not allowed in this context');
    case 'MISSING_CHAR':
      if (message.includes('quote')) return scannerError(line, 'found unexpected end of stream');
      return parserError(line, 'did not find expected key');
    case 'BAD_INDENT':
      return parserError(line, 'did not find expected key');
    case 'UNEXPECTED_TOKEN':
      return parserError(line, "did not find expected '-' indicator");
    default:
      return scannerError(line, message.split('\n')[0] ?? '');
  }
}

/** go-yaml counts lines from 0 here and leaves out the first; its scanner adds one, its parser does not. */
function scannerError(line: number, problem: string): string {
  return line === 1 ? problem : `line ${line}: ${problem}`;
}

function parserError(line: number, problem: string): string {
  return line === 1 ? problem : `line ${line - 1}: ${problem}`;
}

/** Aliases can lead from a value back to itself. */
function containsItself(value: unknown, holders: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (holders.has(value)) return true;
  holders.add(value);
  const found = Object.values(value).some((inner) => containsItself(inner, holders));
  holders.delete(value);
  return found;
}
