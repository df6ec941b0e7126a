/**
 * A value of an AuthorizationPolicy: exact, `prefix*`, `*suffix`, or `*` for anything that is there
 * (Istio 1.27, pilot/pkg/security/authz/matcher/string.go).
 */
export function matchesValue(pattern: string, value: string | null | undefined): boolean {
  if (value === null || value === undefined) return false;
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return value === pattern;
}

/**
 * A path of an AuthorizationPolicy: a value as above, or a template in which `{*}` is one segment and `{**}` any
 * number of them.
 */
export function matchesPath(pattern: string, path: string): boolean {
  if (!pattern.includes('{*}') && !pattern.includes('{**}')) return matchesValue(pattern, path);
  return matchesSegments(pattern.split('/'), path.split('/'));
}

function matchesSegments(patterns: readonly string[], segments: readonly string[]): boolean {
  const [pattern, ...rest] = patterns;
  if (pattern === undefined) return segments.length === 0;
  // Validation allows one `{**}` in a template, so this does not branch further.
  if (pattern === '{**}') return segments.some((_segment, index) => matchesSegments(rest, segments.slice(index + 1)));
  const [segment, ...others] = segments;
  if (segment === undefined) return false;
  return (pattern === '{*}' ? segment !== '' : pattern === segment) && matchesSegments(rest, others);
}
