import { RE2JS } from 're2js';

/** A matcher of a VirtualService: one of the three; none of them is "is there". */
export interface StringMatch {
  exact?: string;
  prefix?: string;
  /** RE2, for the whole value. */
  regex?: string;
}

export function matchesString(match: StringMatch, value: string | undefined, ignoreCase = false): boolean {
  if (value === undefined) return false;
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  if (match.exact !== undefined) return fold(value) === fold(match.exact);
  if (match.prefix !== undefined) return fold(value).startsWith(fold(match.prefix));
  return match.regex === undefined || (compile(match.regex)?.matches(value) ?? false);
}

/** Null for what is no expression: istiod refuses it at admission; stored all the same, it matches nothing. */
export function compile(regex: string): RE2JS | null {
  try {
    return RE2JS.compile(regex);
  } catch {
    return null;
  }
}
