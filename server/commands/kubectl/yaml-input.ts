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
  const documents = parseAllDocuments(text, PARSER);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw new CommandError(`error parsing ${label}: error converting YAML to JSON: ${explain(error, text)}`);
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  });
}

/** The nearest message of go-yaml (yaml.v2/scannerc.go, parserc.go). */
function explain(error: YAMLError, text: string): string {
  const line = error.linePos?.[0].line ?? 1;
  const at = (number: number) => `yaml: line ${number}: `;
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return `${at(line)}found character that cannot start any token`;
    case 'BAD_INDENT':
    case 'BLOCK_IN_FLOW':
    case 'BLOCK_AS_IMPLICIT_KEY':
      // go-yaml names the line before the one that it cannot read.
      return `${at(Math.max(1, line - 1))}did not find expected key`;
    case 'MISSING_CHAR':
      return `${at(lineCount(text))}did not find expected ',' or '}'`;
    default:
      return `${at(line)}${error.message.split('\n')[0]}`;
  }
}

function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}
