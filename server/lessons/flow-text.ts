import { stringify } from 'yaml';

/** Characters of a value that a message shows. */
const MAX_LENGTH = 300;

/**
 * A value on one line as YAML writes it, so that the text `"5"` and the number `5` look different. Long ones are cut.
 */
export function flowText(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'PLAIN' }).trim();
  const line = text.includes('\n') ? JSON.stringify(value) : text;
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH)}…`;
}
