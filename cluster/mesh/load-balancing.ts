/**
 * Which of a destination's endpoints a request gets. Endpoints are taken in turn, also for LEAST_REQUEST, Istio's
 * default, where Envoy compares the requests under way at two of them: with endpoints alike, that comes to the same. A
 * consistent hash sends equal keys to equal endpoints and moves few of them when an endpoint comes or goes; which key
 * gets which endpoint differs from Envoy's ring. Left out: locality, warm-up, and bounded loads.
 */
import { createHash } from 'node:crypto';
import type { Endpoint } from '../network/connection.ts';
import { parseDuration } from './duration.ts';
import type { RequestHead } from './http-message.ts';

/** What the mesh reads of a traffic policy's `loadBalancer`. */
export interface LoadBalancerSettings {
  simple?: string;
  consistentHash?: {
    httpHeaderName?: string;
    httpCookie?: { name?: string; path?: string; ttl?: string };
    useSourceIp?: boolean;
    httpQueryParameterName?: string;
  };
}

/** What a request is hashed by. */
export interface HashedRequest {
  request: RequestHead;
  sourceIp: string;
}

/** The key of a request, null where it has none; `setCookie` is for a client that had no cookie yet. */
export function hashKey(
  settings: LoadBalancerSettings | undefined,
  { request, sourceIp }: HashedRequest,
  newKey: () => string,
): { key: string | null; setCookie: string | null } {
  const { httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName } = settings?.consistentHash ?? {};
  const found = (key: string | null | undefined): { key: string | null; setCookie: null } => ({
    key: key ?? null,
    setCookie: null,
  });
  if (httpHeaderName !== undefined) return found(request.headers.get(httpHeaderName.toLowerCase()));
  if (httpQueryParameterName !== undefined) {
    return found(new URLSearchParams(request.path.split('?', 2)[1] ?? '').get(httpQueryParameterName));
  }
  if (useSourceIp === true) return found(sourceIp);
  if (httpCookie?.name === undefined) return found(null);
  const { name, path, ttl } = httpCookie;
  const known = (request.headers.get('cookie') ?? '')
    .split(/[;,]/)
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(`${name}=`));
  if (known !== undefined) return found(known.slice(name.length + 1).replace(/^"(.*)"$/, '$1'));
  const ttlMs = parseDuration(ttl);
  // Without a time to live Envoy makes no cookie.
  if (ttlMs === null) return found(null);
  const key = newKey();
  const maxAge = ttlMs > 0 ? `; Max-Age=${Math.round(ttlMs / 1000)}` : '';
  return { key, setCookie: `${name}="${key}"${maxAge}${path === undefined ? '' : `; Path=${path}`}; HttpOnly` };
}

/** The endpoint of a key: the one with the highest hash of both. */
export function endpointOfKey<Chosen extends Endpoint>(endpoints: readonly Chosen[], key: string): Chosen | undefined {
  let best: { endpoint: Chosen; weight: bigint } | undefined;
  for (const endpoint of endpoints) {
    const digest = createHash('sha256').update(`${key} ${endpoint.ip}:${endpoint.port}`).digest();
    const weight = digest.readBigUInt64BE(0);
    if (best === undefined || weight > best.weight) best = { endpoint, weight };
  }
  return best?.endpoint;
}
