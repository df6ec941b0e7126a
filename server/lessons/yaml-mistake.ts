import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';

/** Characters of a line that a message shows. */
const MAX_LENGTH = 60;

/** The first mistake of a document; the parser complains about each line below it as well. */
export function firstYamlMistake(document: Pick<Document, 'errors' | 'warnings'>): YAMLError | undefined {
  return [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])[0];
}

/** Where an author looks for a mistake: where a quote or bracket is opened, and not where the text ends without its end. */
export function placeOfMistake(error: Pick<YAMLError, 'code' | 'message' | 'pos'>, document: Document): number {
  const [end] = error.pos;
  if (!/Flow|Missing closing/.test(error.message)) return end;
  let opened = end;
  visit(document, {
    Node(_, node) {
      const isOpen = isScalar(node) ? node.type?.startsWith('QUOTE') : isCollection(node) && node.flow;
      if (isOpen && node.range && node.range[0] < end && node.range[1] >= end) [opened] = node.range;
    },
  });
  return opened;
}

/**
 * What is wrong with a line of YAML and what to do, in words for someone who does not know the grammar.
 * @param error as the parser of the package `yaml` reports it
 * @param text the line that it points to
 */
export function explainYamlMistake({ code, message }: Pick<YAMLError, 'code' | 'message'>, text: string): string {
  const line = text.trim();
  const shown = line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}…`;
  return `"${shown}": ${explain(code, message, line)}`;
}

function explain(code: YAMLError['code'], message: string, line: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'it begins with a tab. Indent with blanks.';
    case 'DUPLICATE_KEY':
      return 'this field stands here twice. Remove one.';
    case 'MULTIPLE_DOCS':
      return '"---" begins a second document, and one is read. Remove it.';
    case 'TAG_RESOLVE_FAILED':
      return 'it has a tag, "!…". Remove it, or put quotes around the text.';
    case 'BAD_SCALAR_START':
      return 'its value begins with a sign that YAML keeps for itself. Put quotes around the value.';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'this is no "name: value". Write the name, a colon and a blank; or indent it below what it belongs to.';
    case 'BAD_INDENT':
      return /Flow/.test(message)
        ? 'a "{" or "[" is not closed. Close it, and indent its lines deeper than the field.'
        : 'it is not indented as its neighbours are. Begin all fields of a map in the same column.';
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (/sequence/.test(message)) return 'a list and fields stand side by side. Write one or the other.';
      return /^[^"']*?:\s.*:(?:\s|$)/.test(line)
        ? 'its value has a colon and a blank in it. Put quotes around the value.'
        : 'what follows is indented deeper than it. Begin all fields of a map in the same column.';
    case 'MISSING_CHAR':
      if (/quote/.test(message)) return 'a quote is opened and never closed. Close it.';
      if (/without - indicator/.test(message)) {
        return 'it stands further left than its neighbours. Begin all fields of a map in the same column.';
      }
      if (/followed by map values/.test(message))
        return 'this is no "name: value". Write the name, a colon and a blank.';
      return `something is missing (${message}). Add it.`;
    case 'UNEXPECTED_TOKEN':
      if (/flow-(?:map|seq)-end/.test(message)) return 'a "}" or "]" closes what is not open. Remove it.';
      return 'something stands behind the end of a value. Put quotes around the whole value, or remove it.';
    case 'BLOCK_IN_FLOW':
      return 'between "{" and "}" or "[" and "]" a comma is missing, or quotes around a text with a colon. Add them.';
    case 'BAD_ALIAS':
      return 'its value begins with "*" or "&", which YAML keeps for itself. Put quotes around the value.';
    case 'BAD_DQ_ESCAPE':
      return 'between double quotes a backslash begins an escape. Use single quotes, or write two backslashes.';
    default:
      return `${message}. Mend it.`;
  }
}
