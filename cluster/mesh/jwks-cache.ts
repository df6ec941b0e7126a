import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import type { PodNetwork } from '../network/network.ts';
import { PROXY_UID } from '../network/network.ts';
import { parseKeySet, type WebKey } from './json-web-token.ts';
import type { JwtRule } from './request-authentication.ts';

/** istiod asks again after 20 minutes (PILOT_JWT_PUB_KEY_REFRESH_INTERVAL). */
const REFRESH_MS = 20 * 60_000;

/** And after one minute where it got none (pilot/pkg/model/jwks_resolver.go, JwtPubKeyRefreshIntervalOnFailure). */
const RETRY_MS = 60_000;

/** istiod waits no longer for an answer. */
const TIMEOUT_MS = 5000;

/** Roots that istiod trusts besides the public ones; its chart makes it of `jwksResolverExtraRootCA`. */
const EXTRA_ROOTS = { namespace: 'istio-system', name: 'pilot-jwks-extra-cacerts', key: 'extra.pem' };

/** A key set is at most 1 MiB here; istiod has no limit of its own. */
const MAX_BYTES = 1024 * 1024;

/**
 * Key sets of rules. Upstream istiod fetches a `jwksUri`, and gives proxies a set that matches nothing while it cannot;
 * here the proxy of the server asks itself, as uid 1337, which is plaintext from a meshed address as istiod's is. Only
 * addresses inside of the cluster can be had: there is no world outside. `https` needs a certificate that
 * ConfigMap `pilot-jwks-extra-cacerts` of istio-system vouches for.
 */
export class JwksCache {
  readonly #clock: Clock;
  readonly #objects: ObjectReader;
  /** By address; also of those that gave none, which are not asked for each request. */
  readonly #fetched = new Map<string, { keys: readonly WebKey[]; until: number }>();
  /** Questions on their way. */
  readonly #asking = new Map<string, Promise<readonly WebKey[]>>();
  readonly #parsed = new Map<string, readonly WebKey[]>();

  constructor(clock: Clock, objects: ObjectReader) {
    this.#clock = clock;
    this.#objects = objects;
  }

  async keysOf(rule: JwtRule, network: PodNetwork): Promise<readonly WebKey[]> {
    if (rule.jwks !== undefined && rule.jwks !== '') return this.#inline(rule.jwks);
    const uri = rule.jwksUri ?? rule.jwks_uri;
    if (uri === undefined || uri === '') return [];
    const known = this.#fetched.get(uri);
    if (known !== undefined && this.#clock.now() < known.until) return known.keys;
    let asking = this.#asking.get(uri);
    if (asking === undefined) {
      asking = this.#ask(uri, network).finally(() => this.#asking.delete(uri));
      this.#asking.set(uri, asking);
    }
    return asking;
  }

  async #ask(uri: string, network: PodNetwork): Promise<readonly WebKey[]> {
    let keys: readonly WebKey[] | null;
    const abort = new AbortController();
    const cancel = this.#clock.schedule(TIMEOUT_MS, () => abort.abort());
    try {
      keys = parseKeySet(await fetchText(uri, network, this.#extraRoots(), abort.signal));
    } catch {
      // Nobody answers there: the last good set stays in force, and without one no token is signed by a known key.
      keys = null;
    } finally {
      cancel();
    }
    const until = this.#clock.now() + (keys === null ? RETRY_MS : REFRESH_MS);
    keys ??= this.#fetched.get(uri)?.keys ?? [];
    this.#fetched.set(uri, { keys, until });
    return keys;
  }

  #extraRoots(): string[] {
    const { namespace, name, key } = EXTRA_ROOTS;
    const map = this.#objects.get('configmaps', namespace, name) as
      | (KubernetesObject & { data?: Record<string, string> })
      | undefined;
    const pem = map?.data?.[key];
    return pem === undefined ? [] : [pem];
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

async function fetchText(
  uri: string,
  network: PodNetwork,
  extraRoots: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(uri);
  const isSecure = url.protocol === 'https:';
  if (!isSecure && url.protocol !== 'http:') throw new Error(`${uri}: neither http nor https`);
  const address = isIP(url.hostname) === 0 ? network.resolve(url.hostname)?.addresses[0] : url.hostname;
  if (address === undefined) throw new Error(`${uri}: no such host`);
  const port = Number(url.port || (isSecure ? 443 : 80));
  const plain = await network.connect({ ip: address, port }, { uid: PROXY_UID, signal });
  signal.addEventListener('abort', () => plain.destroy(), { once: true });
  const connection: Duplex = isSecure
    ? connectTls({
        socket: plain as never,
        servername: url.hostname,
        ca: [...rootCertificates, ...extraRoots],
      })
    : plain;
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
