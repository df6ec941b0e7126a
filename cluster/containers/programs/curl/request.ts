import { FileError } from '../../files/file-system.ts';
import type { Process } from '../../process/process.ts';
import { readFile } from '../tool.ts';
import { CurlError } from './errors.ts';
import type { CurlOptions } from './options.ts';
import type { CurlUrl } from './url.ts';

/** What is sent besides the URL: built once, used again for redirects and retries. */
export interface RequestPlan {
  method: string;
  body: Buffer | null;
  contentType: string | null;
  /** Appended to the URL by `-G`. */
  query: string | null;
}

/** @throws CurlError 26 for a file that cannot be read */
export async function planRequest(process: Process, options: CurlOptions): Promise<RequestPlan> {
  let body: Buffer | null = null;
  let contentType: string | null = null;
  if (options.data.length > 0) {
    const parts: string[] = [];
    for (const piece of options.data) parts.push(await dataPiece(process, piece));
    body = Buffer.from(parts.join('&'), 'latin1');
    contentType = 'application/x-www-form-urlencoded';
  } else if (options.form.length > 0) {
    const boundary = `------------------------${Buffer.from(process.container.randomBytes(8)).toString('hex')}`;
    body = multipart(process, options.form, boundary);
    contentType = `multipart/form-data; boundary=${boundary}`;
  }
  if (options.asQuery && body !== null) {
    return {
      method: options.method ?? (options.head ? 'HEAD' : 'GET'),
      body: null,
      contentType: null,
      query: body.toString('latin1'),
    };
  }
  if (options.upload !== null) {
    body = options.upload === '-' ? await process.readAll() : fileContent(process, options.upload);
    return { method: options.method ?? 'PUT', body, contentType: null, query: null };
  }
  const usual = options.head ? 'HEAD' : body === null ? 'GET' : 'POST';
  return { method: options.method ?? usual, body, contentType, query: null };
}

function fileContent(process: Process, path: string): Buffer {
  try {
    return Buffer.from(readFile(process, path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new CurlError(26, `Failed to open ${path}`);
  }
}

/** As latin1, so that bytes stay bytes. */
async function dataPiece(process: Process, { kind, text }: CurlOptions['data'][number]): Promise<string> {
  const given = Buffer.from(text).toString('latin1');
  if (kind === 'raw') return given;
  if (kind === 'urlencode') {
    const [, name = '', mark = '', rest = ''] = /^([^=@]*)([=@]?)(.*)$/s.exec(text) ?? [];
    const content = mark === '@' ? fileContent(process, rest) : Buffer.from(mark === '' ? name : rest);
    const encoded = encodeURIComponent(content.toString('utf8'))
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+');
    return mark === '' || name === '' ? encoded : `${name}=${encoded}`;
  }
  if (!text.startsWith('@')) return given;
  const content = text === '@-' ? await process.readAll() : fileContent(process, text.slice(1));
  const bytes = content.toString('latin1');
  // `-d @file` leaves out line ends, `--data-binary` does not.
  return kind === 'binary' ? bytes : bytes.replace(/[\r\n\0]/g, '');
}

function multipart(process: Process, fields: readonly string[], boundary: string): Buffer {
  const parts = fields.map((field) => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(field) ?? [];
    if (!value.startsWith('@')) {
      return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    }
    const path = value.slice(1).replace(/;.*$/, '');
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${path.split('/').at(-1) ?? ''}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), fileContent(process, path), Buffer.from('\r\n')]);
  });
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
}

/** Request line and headers, in curl's order (lib/http.c, Curl_http). */
export function requestHead(
  options: CurlOptions,
  url: CurlUrl,
  plan: RequestPlan,
  method: string,
  body: Buffer | null,
  kept: string | null,
): string {
  // `--json` is short for three options, two of them headers.
  const given = options.json
    ? [...options.headers, 'Content-Type: application/json', 'Accept: application/json']
    : options.headers;
  const custom = given.flatMap((text): { name: string; line: string | null }[] => {
    const match = /^([^:;]+)([:;])(.*)$/s.exec(text);
    if (match === null) return [];
    const [, name = '', mark = '', value = ''] = match;
    if (mark === ';') return [{ name: name.toLowerCase(), line: value.trim() === '' ? `${name}:` : null }];
    return [{ name: name.toLowerCase(), line: value.trim() === '' ? null : `${name}: ${value.trim()}` }];
  });
  const isCustom = (name: string): boolean => custom.some((entry) => entry.name === name);
  const lines: string[] = [];
  const standard = (name: string, value: string | null): void => {
    if (value !== null && value !== '' && !isCustom(name.toLowerCase())) lines.push(`${name}: ${value}`);
  };
  const user = options.user ?? url.user;
  const target = plan.query === null ? url.target : `${url.target}${url.target.includes('?') ? '&' : '?'}${plan.query}`;
  lines.push(`${method} ${target} HTTP/${options.http10 ? '1.0' : '1.1'}`);
  const host = custom.find((entry) => entry.name === 'host');
  if (host === undefined) lines.push(`Host: ${hostHeader(url)}`);
  else if (host.line !== null) lines.push(host.line);
  if (options.bearer !== null) standard('Authorization', `Bearer ${options.bearer}`);
  else if (user !== null)
    standard('Authorization', `Basic ${Buffer.from(user.includes(':') ? user : `${user}:`).toString('base64')}`);
  standard('Range', options.range === null ? null : `bytes=${options.range}`);
  standard('User-Agent', options.userAgent);
  standard('Accept', '*/*');
  standard('Accept-Encoding', options.compressed ? 'deflate, gzip, br, zstd' : null);
  standard('Referer', options.referer);
  // Those that were kept stand before those of the command line.
  standard('Cookie', [kept, options.cookie].filter((part) => part !== null).join('; '));
  for (const { name, line } of custom) if (name !== 'host' && line !== null) lines.push(line);
  if (body !== null) {
    if (!sendsChunked(options)) standard('Content-Length', String(body.length));
    standard('Content-Type', plan.contentType);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Whether the command line asks for a chunked request, as `-H 'Transfer-Encoding: chunked'`. */
export function sendsChunked(options: CurlOptions): boolean {
  return options.headers.some((text) => /^transfer-encoding:\s*chunked/i.test(text));
}

function hostHeader(url: CurlUrl): string {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  return url.port === (url.scheme === 'https' ? 443 : 80) ? host : `${host}:${url.port}`;
}
