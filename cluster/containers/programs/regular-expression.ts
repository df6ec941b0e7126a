import { RE2JS } from 're2js';
import { UsageError } from './options.ts';

/**
 * POSIX regular expressions as grep and sed take them, on an engine that runs in linear time: a learner's pattern must
 * not be able to stop the server. Back-references are refused for that reason.
 */
export interface RegularExpression {
  /** The first match at or after `start`, with its groups; null when there is none. */
  match(text: string, start?: number): { start: number; end: number; groups: (string | undefined)[] } | null;
}

/** @throws UsageError 2 with the tool's name for a broken pattern */
export function compilePattern(
  tool: string,
  pattern: string,
  options: {
    extended: boolean;
    ignoreCase: boolean;
    fixed: boolean;
    wholeLine?: boolean;
    wholeWord?: boolean;
    /** Whose words the error has. Default BusyBox'. */
    gnu?: boolean;
  },
): RegularExpression {
  let source = options.fixed ? RE2JS.quote(pattern) : options.extended ? pattern : basicToExtended(pattern);
  if (options.wholeWord === true) source = `\\b(?:${source})\\b`;
  if (options.wholeLine === true) source = `^(?:${source})$`;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, options.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    throw new UsageError(`${tool}: ${options.gnu === true ? gnuReason(source) : `bad regex '${pattern}'`}\n`, 2);
  }
  return {
    match(text, start = 0) {
      const matcher = compiled.matcher(text);
      if (!matcher.find(start)) return null;
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
      return { start: matcher.start(), end: matcher.end(), groups };
    },
  };
}

function gnuReason(source: string): string {
  if (/\[[^\]]*$/.test(source)) return 'Unmatched [, [^, [:, [., or [=';
  if (/\((?!.*\))/.test(source)) return String.raw`Unmatched ( or \(`;
  if (/^[^(]*\)/.test(source)) return String.raw`Unmatched ) or \)`;
  return 'Invalid preceding regular expression';
}

/** A basic expression in extended syntax: `\(`, `\{`, `\|`, `\+`, `\?` are the operators and the plain ones are not. */
function basicToExtended(pattern: string): string {
  let result = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '[') {
      const set = /^\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/.exec(pattern.slice(index));
      if (set !== null) {
        result += set[0];
        index += set[0].length - 1;
        continue;
      }
    }
    if (character === '\\') {
      const next = pattern[index + 1] ?? '\\';
      index += 1;
      result += '(){}|+?'.includes(next) ? next : next === '<' || next === '>' ? '\\b' : `\\${next}`;
      continue;
    }
    if ('(){}|+?'.includes(character)) result += `\\${character}`;
    // A star that stands first is itself.
    else if (character === '*' && (result === '' || result.endsWith('(') || result.endsWith('|') || result === '^'))
      result += '\\*';
    else result += character;
  }
  return result;
}
