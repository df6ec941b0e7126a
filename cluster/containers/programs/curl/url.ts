import { CurlError } from './errors.ts';

export interface CurlUrl {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** Path and query, at least `/`. */
  target: string;
  /** `user:password` of the URL. */
  user: string | null;
  /** As `%{url_effective}` shows it. */
  text: string;
}

/** @throws CurlError 1 or 3 */
export function parseUrl(text: string, { pathAsIs = false } = {}): CurlUrl {
  const [, schemeText, rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(text) ?? [];
  const scheme = (schemeText ?? 'http').toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    throw new CurlError(1, `Protocol "${scheme}" not supported or disabled in libcurl`);
  }
  const [, authority = '', targetText = ''] = /^([^/?#]*)([^#]*)/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const hostPort = authority.slice(at + 1);
  const [, host = '', portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(hostPort) ?? [];
  if (host === '') throw new CurlError(3, 'URL using bad/illegal format or missing URL');
  // curl, lib/urlapi.c: junkscan and hostname_check. Behind the host anything goes but blanks.
  if (/\s/.test(text) || /[{}\\^`"<>|]/.test(authority)) {
    throw new CurlError(3, 'URL using bad/illegal format or missing URL');
  }
  const port = portText === undefined || portText === '' ? (scheme === 'https' ? 443 : 80) : Number(portText);
  if (!Number.isInteger(port) || port > 65_535) throw new CurlError(3, 'URL using bad/illegal format or missing URL');
  const target = targetText.startsWith('/') ? targetText : `/${targetText}`;
  return {
    scheme,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    target: pathAsIs ? target : removeDotSegments(target),
    user: at === -1 ? null : decodeURIComponent(authority.slice(0, at)),
    text: `${schemeText === undefined ? 'http://' : ''}${text}${targetText === '' ? '/' : ''}`,
  };
}

/** Where a `location` header leads, seen from a URL. */
export function resolveLocation(from: CurlUrl, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location;
  const isDefault = from.port === (from.scheme === 'https' ? 443 : 80);
  const origin = `${from.scheme}://${from.host}${isDefault ? '' : `:${from.port}`}`;
  if (location.startsWith('//')) return `${from.scheme}:${location}`;
  if (location.startsWith('/')) return origin + location;
  const path = from.target.replace(/\?.*$/s, '');
  return location.startsWith('?') ? origin + path + location : origin + path.replace(/[^/]*$/, '') + location;
}

function removeDotSegments(target: string): string {
  const cut = target.indexOf('?');
  const path = cut === -1 ? target : target.slice(0, cut);
  if (!/\/\.{1,2}(\/|$)/.test(path)) return target;
  const output: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') output.pop();
    else if (segment !== '.') output.push(segment);
    if (isLast && (segment === '.' || segment === '..')) output.push('');
  }
  return `/${output.join('/')}${cut === -1 ? '' : target.slice(cut)}`;
}

/** Most URLs that one pattern may stand for. */
const MAX_URLS = 1000;

/** `{a,b}` and `[1-3]` of a URL. @throws CurlError 3 */
export function expandUrl(pattern: string): string[] {
  const match = /\{([^{}]*)\}|\[(\d+)-(\d+)(?::(\d+))?\]|\[([a-z])-([a-z])\]/.exec(pattern);
  if (match === null) {
    const open = pattern.indexOf('[');
    // An IPv6 address is no pattern.
    if (open !== -1 && !/^[^[]*\/\/\[[0-9a-fA-F:.]+\]/.test(pattern)) {
      const position = open + 2 + (/^\d+-/.exec(pattern.slice(open + 1))?.[0].length ?? 0);
      throw new CurlError(3, `bad range in URL position ${position}:\n${pattern}\n${' '.repeat(position - 1)}^`);
    }
    const brace = pattern.indexOf('{');
    if (brace !== -1) {
      throw new CurlError(3, `unmatched brace in URL position ${brace + 1}:\n${pattern}\n${' '.repeat(brace)}^`);
    }
    return [pattern];
  }
  const [whole, list, from, to, step, firstLetter, lastLetter] = match;
  const values: string[] = [];
  if (list !== undefined) values.push(...list.split(','));
  else if (from !== undefined && to !== undefined) {
    for (
      let number = Number(from);
      number <= Number(to) && values.length < MAX_URLS;
      number += Number(step ?? 1) || 1
    ) {
      values.push(String(number).padStart(from.startsWith('0') ? from.length : 0, '0'));
    }
  } else if (firstLetter !== undefined && lastLetter !== undefined) {
    for (let code = firstLetter.charCodeAt(0); code <= lastLetter.charCodeAt(0); code += 1)
      values.push(String.fromCharCode(code));
  }
  const before = pattern.slice(0, match.index);
  const after = pattern.slice(match.index + whole.length);
  return values.flatMap((value) => expandUrl(before + value + after)).slice(0, MAX_URLS);
}
