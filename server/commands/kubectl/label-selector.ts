import { CommandError } from './errors.ts';

/**
 * Whether labels of a file fit `-l`: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b,c)`, joined by commas.
 * @throws CommandError for a selector that is none.
 */
export function matchesLabels(labels: Record<string, string> | undefined, selector: string): boolean {
  const terms = selector.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return terms.every((term) => matchesTerm(labels ?? {}, term.trim(), selector));
}

function matchesTerm(labels: Record<string, string>, term: string, selector: string): boolean {
  const [, key = '', operator, listed = ''] = /^(\S+)\s+(in|notin)\s*\((.*)\)$/.exec(term) ?? [];
  if (operator !== undefined) {
    const has = listed.split(',').some((value) => labels[key] === value.trim());
    return operator === 'in' ? has : !has;
  }
  const pair = /^([^=!\s]+)\s*(==?|!=)\s*([^=!\s]*)$/.exec(term);
  if (pair) return (labels[pair[1] ?? ''] === pair[3]) === (pair[2] !== '!=');
  if (/^![^=\s]+$/.test(term)) return !(term.slice(1) in labels);
  if (/^[^=!\s]+$/.test(term)) return term in labels;
  throw new CommandError(`unable to parse requirement: ${JSON.stringify(selector)} is no label selector`);
}
