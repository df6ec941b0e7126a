import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A token whose signature, time, issuer and audience hold. */
export interface VerifiedToken {
  /** `issuer/subject`. */
  principal: string;
  audiences: readonly string[];
  /** The claim `azp`. */
  presenter: string | null;
  claims: Readonly<Record<string, unknown>>;
  /** The second part of the token, as it came. */
  payload: string;
}

/** What a token says before anybody has checked it. */
export interface ParsedToken {
  algorithm: string;
  keyId: string | null;
  claims: Readonly<Record<string, unknown>>;
  payload: string;
  signed: Buffer;
  signature: Buffer;
}

/** One key of a set (RFC 7517). */
export interface WebKey extends JsonWebKey {
  kid?: string;
  alg?: string;
}

/** Envoy's default: clocks may differ by a minute (kClockSkewInSecond). */
const SKEW_SECONDS = 60;

const ALGORITHMS: Readonly<Record<string, { hash: string | null; keyType: string; pss?: boolean }>> = {
  RS256: { hash: 'sha256', keyType: 'RSA' },
  RS384: { hash: 'sha384', keyType: 'RSA' },
  RS512: { hash: 'sha512', keyType: 'RSA' },
  PS256: { hash: 'sha256', keyType: 'RSA', pss: true },
  PS384: { hash: 'sha384', keyType: 'RSA', pss: true },
  PS512: { hash: 'sha512', keyType: 'RSA', pss: true },
  ES256: { hash: 'sha256', keyType: 'EC' },
  ES384: { hash: 'sha384', keyType: 'EC' },
  ES512: { hash: 'sha512', keyType: 'EC' },
  EdDSA: { hash: null, keyType: 'OKP' },
};

/** What is wrong with a text that is no token at all. */
export const MALFORMED_TOKEN = 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections';

/** @returns the parts, or what is wrong in the words of google/jwt_verify_lib (src/status.cc) */
export function parseToken(token: string): ParsedToken | string {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) return MALFORMED_TOKEN;
  if (!isBase64Url(header)) return 'Jwt header is an invalid Base64url encoded';
  const head = parseObject(header);
  if (head === null) return 'Jwt header is an invalid JSON';
  const { alg, kid } = head;
  if (typeof alg !== 'string') return 'Jwt header [alg] field is required and must be a string';
  if (!(alg in ALGORITHMS)) return 'Jwt header [alg] is not supported';
  if (kid !== undefined && typeof kid !== 'string') return 'Jwt header [kid] field is not a string';
  if (!isBase64Url(payload)) return 'Jwt payload is an invalid Base64url encoded';
  const claims = parseObject(payload);
  if (claims === null) return 'Jwt payload is an invalid JSON';
  if (!isBase64Url(signature)) return 'Jwt signature is an invalid Base64url encoded';
  return {
    algorithm: alg,
    keyId: kid ?? null,
    claims,
    payload,
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** @param now milliseconds since 1970. @returns what is wrong, or null */
export function timeProblem({ claims }: ParsedToken, now: number): string | null {
  const seconds = now / 1000;
  const { exp, nbf } = claims;
  if (typeof nbf === 'number' && nbf > seconds + SKEW_SECONDS) return 'Jwt not yet valid';
  if (typeof exp === 'number' && exp < seconds - SKEW_SECONDS) return 'Jwt is expired';
  return null;
}

export function audiencesOf({ claims }: ParsedToken): string[] {
  return [claims['aud']].flat().filter((entry): entry is string => typeof entry === 'string');
}

/** @returns what is wrong, or null */
export function signatureProblem(token: ParsedToken, keys: readonly WebKey[]): string | null {
  const algorithm = ALGORITHMS[token.algorithm];
  let tried = false;
  for (const key of keys) {
    if (token.keyId !== null && key.kid !== undefined && key.kid !== token.keyId) continue;
    if (key.alg !== undefined && key.alg !== token.algorithm) continue;
    if (algorithm === undefined || key.kty !== algorithm.keyType) continue;
    const publicKey = importKey(key);
    if (publicKey === null) continue;
    tried = true;
    if (isSignedBy(token, publicKey, algorithm)) return null;
  }
  return tried ? 'Jwt verification fails' : "Jwks doesn't have key to match kid or alg from Jwt";
}

export function verifiedToken(token: ParsedToken): VerifiedToken {
  const { iss, sub, azp } = token.claims;
  return {
    principal: `${typeof iss === 'string' ? iss : ''}/${typeof sub === 'string' ? sub : ''}`,
    audiences: audiencesOf(token),
    presenter: typeof azp === 'string' ? azp : null,
    claims: token.claims,
    payload: token.payload,
  };
}

/** The keys of a set in JSON; null when it is none. */
export function parseKeySet(text: string): WebKey[] | null {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    return Array.isArray(keys) ? (keys as WebKey[]) : null;
  } catch {
    // Whoever wrote the text is told by the token's refusal.
    return null;
  }
}

function importKey(key: WebKey): KeyObject | null {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    // As in Envoy, a key that is none leaves the others of its set in force.
    return null;
  }
}

function isSignedBy(
  { signed, signature }: ParsedToken,
  key: KeyObject,
  { hash, pss }: { hash: string | null; pss?: boolean },
): boolean {
  const RSA_PKCS1_PSS_PADDING = 6;
  return verify(
    hash,
    signed,
    { key, dsaEncoding: 'ieee-p1363', ...(pss === true ? { padding: RSA_PKCS1_PSS_PADDING } : {}) },
    signature,
  );
}

function isBase64Url(text: string): boolean {
  return /^[\w-]+$/.test(text) && text.length % 4 !== 1;
}

function parseObject(base64: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
