import { UsageError } from '../options.ts';

/** Characters of a text, separators of a record. */
export const MAX_LENGTH = 1024 * 1024;
/** Elements of all arrays. */
export const MAX_ELEMENTS = 200_000;
export const MAX_FIELDS = 100_000;
/** Calls of a program's own functions that may be open. */
export const MAX_CALLS = 200;

/** @throws UsageError for a text of more than {@link MAX_LENGTH} characters */
export function checkLength(text: string): void {
  if (text.length > MAX_LENGTH) throw outOfMemory();
}

/** What a program hears that asks for more than there is here. */
export function outOfMemory(): UsageError {
  return new UsageError('awk: out of memory\n', 2);
}
