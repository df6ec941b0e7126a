import type { Tokens } from 'marked';
import type { Span } from './parsed-text.ts';

/** Lines of a fence that opens on `line`, up to the last of its content. */
export function fenceSpan(code: Tokens.Code, line: number): Span {
  return { line, endLine: line + code.text.split('\n').length };
}

/**
 * Null when a fence is closed where it should be. `inside` is the line of a fence that begins within it, which means
 * that its end was forgotten: more marks than three let a fence show another.
 */
export function findForgottenEnd(code: Tokens.Code, line: number): { inside: number | null } | null {
  const raw = code.raw.trimEnd().split('\n');
  const mark = /^ *(`{3,}|~{3,})/.exec(raw[0]!)?.[1] ?? '```';
  const inside = raw.findIndex((text, index) => index > 0 && /^ *(?:`{3}|~{3})[^`~\s]/.test(text));
  if (inside !== -1 && mark.length === 3) return { inside: line + inside };
  const last = raw.at(-1)!.trim();
  const closed = raw.length > 1 && last.length >= mark.length && last === mark[0]!.repeat(last.length);
  return closed ? null : { inside: null };
}
