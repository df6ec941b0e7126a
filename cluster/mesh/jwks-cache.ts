import { request as httpRequest } from 'node:http';
import type { Clock } from '../clock.ts';
import type { PodNetwork } from '../network/network.ts';
import { PROXY_UID } from '../network/network.ts';
import { parseKeySet, type WebKey } from './json-web-token.ts';
import type { JwtRule } from './request-authentication.ts';

/** istiod asks again after 20 minutes (PILOT_JWT_PUB_KEY_REFRESH_INTERVAL). */
const REFRESH_MS = 20 * 60_000;

/** A key set is at most 1 MiB here; istiod has no limit of its own. */
const MAX_BYTES = 1024 * 1024;

/**
 * Key sets of rules. Upstream istiod fetches a `jwksUri`, and gives proxies a set that matches nothing while it cannot;
 * here the proxy of the server asks itself, as uid 1337, which is plaintext from a meshed address as istiod's is. Only
 * `http` addresses inside of the cluster can be had: there is no world outside.
 */
export class JwksCache {
  readonly #clock: Clock;
  readonly #fetched = new Map<string, { keys: readonly WebKey[]; at: number }>();
  readonly #parsed = new Map<string, readonly WebKey[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async keysOf(rule: JwtRule, network: PodNetwork): Promise<readonly WebKey[]> {
    if (rule.jwks !== undefined && rule.jwks !== '') return this.#inline(rule.jwks);
    const uri = rule.jwksUri ?? rule.jwks_uri;
    if (uri === undefined || uri === '') return [];
    const known = this.#fetched.get(uri);
    if (known !== undefined && this.#clock.now() - known.at < REFRESH_MS) return known.keys;
    let keys: readonly WebKey[] | null;
    try {
      keys = parseKeySet(await fetchText(uri, network));
    } catch {
      // Nobody answers there: the last good set stays in force, and without one no token is signed by a known key.
      keys = null;
    }
    if (keys === null) return known?.keys ?? [];
    this.#fetched.set(uri, { keys, at: this.#clock.now() });
    return keys;
  }

  #inline(text: string): readonly WebKey[] {
    let keys = this.#parsed.get(text);
    if (keys === undefined) {
      keys = parseKeySet(text) ?? [];
      this.#parsed.set(text, keys);
    }
    return keys;
  }
}

async function fetchText(uri: string, network: PodNetwork): Promise<string> {
  const url = new URL(uri);
  if (url.protocol !== 'http:') throw new Error(`${uri}: only http can be fetched inside of the cluster`);
  const address = network.resolve(url.hostname)?.addresses[0] ?? url.hostname;
  const connection = await network.connect({ ip: address, port: Number(url.port || 80) }, { uid: PROXY_UID });
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host },
      createConnection: () => connection as never,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BYTES) response.destroy(new Error(`${uri}: more than 1 MiB`));
      });
      response.on('end', () => {
        connection.destroy();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${uri}: status ${response.statusCode ?? 0}`));
      });
    });
    request.end();
  });
}
