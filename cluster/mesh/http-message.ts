/**
 * Heads of HTTP/1.1 messages and how their bodies end (RFC 9112), as strictly as a proxy has to read them: whatever two
 * readers could understand in two ways is refused, or a request could be smuggled past one of them.
 */
import { METHODS } from 'node:http';
import { HttpHeaders } from './http-headers.ts';

export interface RequestHead {
  method: string;
  /** With its query; of an absolute form the part behind the host. */
  path: string;
  version: '1.0' | '1.1';
  headers: HttpHeaders;
}

export interface ResponseHead {
  status: number;
  version: '1.0' | '1.1';
  headers: HttpHeaders;
}

/** How a message's body ends. */
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  /** With the connection; of responses only. */
  | { kind: 'until-close' }
  /** No message at all, another follows: a status of 1xx. */
  | { kind: 'interim' }
  /** HTTP ends here: status 101. */
  | { kind: 'tunnel' };

/** Envoy's names of what is wrong with a message, for the access log. */
export type MalformedDetails =
  | 'http1.codec_error'
  | 'http1.headers_too_large'
  | 'http1.too_many_headers'
  | 'http1.invalid_transfer_encoding'
  | 'http1.content_length_and_chunked_not_allowed'
  | 'http1.invalid_url'
  | 'low_version'
  | 'missing_host_header';

/** What was read is no HTTP/1.1, or more than is read. `status` is how a server answers it. */
export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
  readonly status: 400 | 426 | 431 | 501;
  readonly details: MalformedDetails;
  constructor(status: 400 | 426 | 431 | 501, details: MalformedDetails, message: string) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** Envoy's default, max_request_headers_kb. */
export const MAX_HEAD_BYTES = 60 * 1024;

/** Envoy's default, max_headers_count. */
const MAX_FIELDS = 100;

const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };

/** Control characters, and line ends that are not CRLF; a tab may stand in values. */
// oxlint-disable-next-line no-control-regex -- these are what must not be in a head
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REQUEST_LINE = /^([A-Z-]+) ([!-~]+) HTTP\/1\.([01])$/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const AUTHORITY = /^[A-Za-z0-9\-._~!$&'()*+,;=:%[\]@]*$/;
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

function broken(message: string): MalformedMessage {
  return new MalformedMessage(400, 'http1.codec_error', message);
}

/** @param text without the empty line at its end. @throws MalformedMessage */
export function readRequestHead(text: string): RequestHead {
  refuseControls(text);
  const lineEnd = text.indexOf('\r\n');
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
  const match = REQUEST_LINE.exec(line);
  const method = match?.[1] ?? '';
  if (match === null || !KNOWN_METHODS.has(method)) throw broken(`no request line: ${line}`);
  const headers = readFields(text, lineEnd);
  const version = match[3] === '0' ? '1.0' : '1.1';
  const hosts = headers.count('host');
  if (hosts > 1) throw broken('several host headers');
  let path = match[2] ?? '';
  if (!path.startsWith('/') && path !== '*' && method !== 'CONNECT') path = absolute(path, headers);
  const host = headers.get('host');
  if (host === undefined || host === '') {
    if (version === '1.1') throw new MalformedMessage(400, 'missing_host_header', 'no host header');
  } else if (!AUTHORITY.test(host)) throw broken(`no host: ${host}`);
  return { method, path, version, headers };
}

/** `GET http://host/path`: the host in the line counts (RFC 9112, 3.2.2). */
function absolute(target: string, headers: HttpHeaders): string {
  const match = /^https?:\/\/([^/?#]+)([/?].*)?$/i.exec(target);
  if (match === null) throw new MalformedMessage(400, 'http1.invalid_url', `no path: ${target}`);
  headers.set('host', match[1] ?? '');
  const rest = match[2] ?? '/';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** @param text without the empty line at its end. @throws MalformedMessage */
export function readResponseHead(text: string): ResponseHead {
  refuseControls(text);
  const lineEnd = text.indexOf('\r\n');
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
  const match = STATUS_LINE.exec(line);
  if (match === null) throw broken(`no status line: ${line}`);
  return {
    status: Number(match[2]),
    version: match[1] === '0' ? '1.0' : '1.1',
    headers: readFields(text, lineEnd),
  };
}

function refuseControls(text: string): void {
  if (FORBIDDEN.test(text)) throw broken('a control character or a bare line end in the head');
}

/** Lower-case forms of names, which are always the same few. */
const lowerNames = new Map<string, string>();
const MAX_NAMES_KEPT = 500;

function lowerName(name: string): string {
  const known = lowerNames.get(name);
  if (known !== undefined) return known;
  if (!TOKEN.test(name)) throw broken(`no header name: ${name}`);
  const lower = name.toLowerCase();
  if (lowerNames.size < MAX_NAMES_KEPT) lowerNames.set(name, lower);
  return lower;
}

function readFields(text: string, lineEnd: number): HttpHeaders {
  const fields: string[] = [];
  for (let start = lineEnd < 0 ? text.length : lineEnd + 2; start < text.length;) {
    let end = text.indexOf('\r\n', start);
    if (end < 0) end = text.length;
    const first = text.charCodeAt(start);
    if (first === 0x20 || first === 0x09) throw broken('a folded header');
    const colon = text.indexOf(':', start);
    if (colon <= start || colon >= end) throw broken(`no header: ${text.slice(start, end)}`);
    fields.push(lowerName(text.slice(start, colon)), trimmed(text, colon + 1, end));
    start = end + 2;
  }
  if (fields.length > 2 * MAX_FIELDS) throw new MalformedMessage(431, 'http1.too_many_headers', 'too many headers');
  return new HttpHeaders(fields);
}

/** Without blanks and tabs at both ends. */
function trimmed(text: string, start: number, end: number): string {
  let [from, to] = [start, end];
  const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** Length and transfer encoding of a message; undefined where it says nothing. @throws MalformedMessage */
function declared(headers: HttpHeaders): Framing | undefined {
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (encoding !== undefined) {
    if (length !== undefined) {
      throw new MalformedMessage(400, 'http1.content_length_and_chunked_not_allowed', 'both length and encoding');
    }
    if (encoding.toLowerCase() !== 'chunked') {
      throw new MalformedMessage(501, 'http1.invalid_transfer_encoding', `unsupported transfer encoding: ${encoding}`);
    }
    return CHUNKED;
  }
  if (length === undefined) return undefined;
  // Two of them are joined by a comma, and refused, equal or not. 15 digits are exact in a number.
  if (!/^\d{1,15}$/.test(length)) throw broken(`no length: ${length}`);
  return length === '0' ? NO_BODY : { kind: 'length', bytes: Number(length) };
}

/** @throws MalformedMessage */
export function requestFraming({ headers }: RequestHead): Framing {
  return declared(headers) ?? NO_BODY;
}

/** @param method of the request that is answered. @throws MalformedMessage */
export function responseFraming({ status, headers }: ResponseHead, method: string): Framing {
  if (status === 101) return { kind: 'tunnel' };
  if (status < 200) return { kind: 'interim' };
  const framing = declared(headers);
  if (method === 'HEAD' || status === 204 || status === 304) return NO_BODY;
  return framing ?? { kind: 'until-close' };
}

/** Whether bytes can still become a request's head; false as soon as they cannot, so that nobody waits for the rest. */
export function mayBecomeRequest(text: string): boolean {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd >= 0) {
    const method = REQUEST_LINE.exec(text.slice(0, lineEnd))?.[1];
    return method !== undefined && KNOWN_METHODS.has(method);
  }
  const space = text.indexOf(' ');
  if (space >= 0) return KNOWN_METHODS.has(text.slice(0, space));
  return METHODS.some((method) => method.startsWith(text));
}

/** As {@link mayBecomeRequest}, for responses. */
export function mayBecomeResponse(text: string): boolean {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd >= 0) return STATUS_LINE.test(text.slice(0, lineEnd));
  return 'HTTP/1.'.startsWith(text.slice(0, 7));
}
