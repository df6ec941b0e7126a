/**
 * Tokens of service accounts: signed JSON Web Tokens, as the kubelet mounts them into pods and `kubectl create token`
 * prints them. Kubernetes 1.36, pkg/serviceaccount/{claims,jwt}.go, pkg/kubelet/token/token_manager.go. Keys are P-256
 * (ES256), which upstream takes as well: an RSA key costs a hundred times as long.
 */
import { createHash, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import type { Identity } from './api/identity.ts';
import type { Clock, RandomBytes } from './clock.ts';
import type { KubernetesObject, ObjectReader } from './objects/object.ts';
import { createRandom } from './objects/random.ts';

/** Who signs, and whom tokens are for unless they say otherwise. */
export const TOKEN_ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** What admission writes into pods; such tokens live for a year and ask clients to read a new one long before. */
const EXTENDED_SECONDS = 3_607;
const YEAR_SECONDS = 31_536_000;

/** The kubelet writes a new one after this share of its time. */
const RENEWAL_RATIO = 0.8;

export interface TokenWish {
  namespace: string;
  account: string;
  /** The pod that it is bound to: without the pod it is worth nothing. */
  pod?: KubernetesObject | undefined;
  /** Default the API server. */
  audiences?: readonly string[] | undefined;
  seconds: number;
}

export interface ServiceAccountTokens {
  issue(wish: TokenWish): string;
  /** The content of a mounted token: the same until it is renewed. */
  mounted(pod: KubernetesObject, wish: { audience: string | undefined; seconds: number | undefined }): string;
  /** What verifies them, as a JSON Web Key Set. */
  keySet(): { keys: object[] };
  /**
   * Whose token it is; null when nobody's: not signed here, of another time, for another audience, or of an account or
   * pod that is gone. @param audiences one of which it must be for; default the API server
   */
  identify(token: string, audiences?: readonly string[]): { user: Identity; audiences: string[] } | null;
}

interface Claims {
  aud: string[];
  exp: number;
  iat: number;
  iss: string;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    node?: Reference;
    pod?: Reference;
    serviceaccount: Reference;
    warnafter?: number;
  };
  nbf: number;
  sub: string;
}

interface Reference {
  name: string;
  uid?: string | undefined;
}

/** The key is made with the first token, so that idle clusters have none. */
export function createServiceAccountTokens({
  objects,
  clock,
  randomBytes,
}: {
  objects: ObjectReader;
  clock: Clock;
  randomBytes: RandomBytes;
}): ServiceAccountTokens {
  const random = createRandom(randomBytes);
  const mountedTokens = new WeakMap<KubernetesObject, Map<string, { token: string; renewAt: number }>>();
  let key: { id: string; privateKey: KeyObject; publicKey: KeyObject } | null = null;

  const signingKey = (): NonNullable<typeof key> => {
    if (key === null) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const info = publicKey.export({ type: 'spki', format: 'der' });
      key = { id: createHash('sha256').update(info).digest('base64url'), privateKey, publicKey };
    }
    return key;
  };

  const issue = ({ namespace, account, pod, audiences = [TOKEN_ISSUER], seconds }: TokenWish): string => {
    const now = Math.floor(clock.now() / 1000);
    const isExtended = pod !== undefined && seconds === EXTENDED_SECONDS && audiences.includes(TOKEN_ISSUER);
    const { nodeName } = ((pod as { spec?: { nodeName?: string } } | undefined)?.spec ?? {}) as { nodeName?: string };
    const claims: Claims = {
      aud: [...audiences],
      exp: now + (isExtended ? YEAR_SECONDS : seconds),
      iat: now,
      iss: TOKEN_ISSUER,
      jti: random.uuid(),
      'kubernetes.io': {
        namespace,
        ...(nodeName === undefined
          ? {}
          : { node: { name: nodeName, uid: objects.get('nodes', undefined, nodeName)?.metadata.uid } }),
        ...(pod === undefined ? {} : { pod: { name: pod.metadata.name, uid: pod.metadata.uid } }),
        serviceaccount: { name: account, uid: objects.get('serviceaccounts', namespace, account)?.metadata.uid },
        ...(isExtended ? { warnafter: now + seconds } : {}),
      },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${account}`,
    };
    const { id, privateKey } = signingKey();
    const signed = `${encode({ alg: 'ES256', kid: id })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };

  const isGone = (resource: string, namespace: string, { name, uid }: Reference): boolean => {
    const object = objects.get(resource, namespace, name);
    return object === undefined || object.metadata.uid !== uid;
  };

  return {
    keySet() {
      const { id, publicKey } = signingKey();
      return { keys: [{ use: 'sig', kid: id, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) }] };
    },
    issue,
    mounted(pod, { audience = TOKEN_ISSUER, seconds = 3_600 }) {
      let tokens = mountedTokens.get(pod);
      if (tokens === undefined) mountedTokens.set(pod, (tokens = new Map()));
      const known = tokens.get(`${audience} ${seconds}`);
      if (known !== undefined && clock.now() < known.renewAt) return known.token;
      const { serviceAccountName: account = 'default' } = ((pod as { spec?: { serviceAccountName?: string } }).spec ??
        {}) as { serviceAccountName?: string };
      const namespace = pod.metadata.namespace ?? 'default';
      const token = issue({ namespace, account, pod, audiences: [audience], seconds });
      tokens.set(`${audience} ${seconds}`, { token, renewAt: clock.now() + seconds * 1000 * RENEWAL_RATIO });
      return token;
    },
    identify(token, audiences = [TOKEN_ISSUER]) {
      if (key === null) return null;
      const claims = readClaims(token, key.publicKey);
      if (claims === null) return null;
      const now = clock.now() / 1000;
      const common = claims.aud.filter((audience) => audiences.includes(audience));
      const { namespace, pod, node, serviceaccount } = claims['kubernetes.io'];
      if (now >= claims.exp || now < claims.nbf || common.length === 0) return null;
      if (isGone('serviceaccounts', namespace, serviceaccount)) return null;
      if (pod !== undefined && isGone('pods', namespace, pod)) return null;
      return { user: userOf(claims, { pod, node }), audiences: common };
    },
  };
}

function userOf(
  { sub, jti, 'kubernetes.io': { namespace, serviceaccount } }: Claims,
  bound: { pod: Reference | undefined; node: Reference | undefined },
): Identity {
  const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] };
  for (const [kind, reference] of Object.entries(bound)) {
    if (reference === undefined) continue;
    extra[`authentication.kubernetes.io/${kind}-name`] = [reference.name];
    if (reference.uid !== undefined) extra[`authentication.kubernetes.io/${kind}-uid`] = [reference.uid];
  }
  return {
    username: sub,
    ...(serviceaccount.uid === undefined ? {} : { uid: serviceaccount.uid }),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra,
  };
}

/** Null for what this key has not signed; what it has signed was made by {@link ServiceAccountTokens.issue}. */
function readClaims(token: string, publicKey: KeyObject): Claims | null {
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0) return null;
  const signed = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, 'base64url');
  if (!verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes)) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Claims;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
