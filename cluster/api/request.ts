import { type IncomingMessage } from 'node:http';
import { badRequest, tooLarge } from '../objects/api-error.ts';

/** Where a request goes. */
export interface RequestTarget {
  /** Decoded segments of the path. */
  segments: readonly string[];
  query: URLSearchParams;
}

/** A request for objects: `/api/v1/namespaces/NS/pods/NAME/log`. */
export interface ResourcePath {
  group: string;
  version: string;
  plural: string;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

/** Kubernetes 1.32, k8s.io/apiserver/pkg/server/config.go: MaxRequestBodyBytes. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
const MAX_URL_LENGTH = 16 * 1024;

/** @throws ApiError on a path that is no URL. */
export function parseTarget(url: string): RequestTarget {
  if (url.length > MAX_URL_LENGTH) throw badRequest('the request URI is too long');
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  try {
    return {
      segments: path.split('/').filter(Boolean).map(decodeURIComponent),
      query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
    };
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid URL escape in "${path}"`);
    throw error;
  }
}

/** What the segments behind `/api/v1` or `/apis/GROUP/VERSION` name; undefined for anything else. */
export function parseResourcePath(segments: readonly string[]): ResourcePath | undefined {
  const [root, ...rest] = segments;
  let group = '';
  if (root === 'apis') group = rest.shift() ?? '';
  else if (root !== 'api') return undefined;
  const version = rest.shift();
  if (!version || rest.length === 0) return undefined;
  let namespace: string | undefined;
  // `/namespaces/NS/pods` is in a namespace, `/namespaces/NS` and `/namespaces/NS/status` are the namespace itself.
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1];
    rest.splice(0, 2);
  }
  const [plural = '', name, subresource, ...more] = rest;
  if (more.length > 0) return undefined;
  return { group, version, plural, namespace, name, subresource };
}

/** @throws ApiError when it is larger than {@link MAX_BODY_BYTES}. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Upstream reads `1`, `t`, `true` and their like as true and an empty value as well (`?watch`). */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && !['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value);
}

/** A number of the query; undefined when absent. @throws ApiError when it is none. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (!/^-?\d{1,15}$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

/** The verb that roles name; undefined for a method that none does. */
export function verbOf(method: string, named: boolean): string | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return named ? 'update' : undefined;
    case 'PATCH':
      return named ? 'patch' : undefined;
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}
