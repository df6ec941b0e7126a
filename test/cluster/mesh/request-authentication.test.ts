import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { WebKey } from '../../../cluster/mesh/json-web-token.ts';
import {
  authenticate,
  forwardedHeaders,
  jwtRulesFor,
  type JwtRule,
  type RequestAuthentication,
} from '../../../cluster/mesh/request-authentication.ts';

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

function webKey(key: KeyObject, rest: Record<string, unknown> = {}): WebKey {
  return { ...key.export({ format: 'jwk' }), ...rest } as WebKey;
}
const KEYS = [
  webKey(rsa.publicKey, { kid: 'r' }),
  webKey(ec.publicKey, { kid: 'e' }),
  webKey(ed.publicKey, { kid: 'd' }),
];

function base64(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

function token(claims: Record<string, unknown>, { alg = 'RS256', kid = 'r', key = rsa.privateKey } = {}): string {
  const signed = `${base64({ alg, kid })}.${base64({ iss: 'issuer', sub: 'subject', ...claims })}`;
  const hash = alg === 'EdDSA' ? null : 'sha256';
  const padding = alg.startsWith('PS') ? { padding: 6, saltLength: 32 } : {};
  return `${signed}.${sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363', ...padding }).toString('base64url')}`;
}

async function judge(
  headers: Record<string, string>,
  rule: JwtRule = { issuer: 'issuer' },
  { path = '/', keys = KEYS }: { path?: string; keys?: WebKey[] } = {},
): Promise<string> {
  const result = await authenticate(
    [{ ...rule, policy: 'foo/jwt' }],
    { path, header: (name) => headers[name] },
    NOW,
    async () => keys,
  );
  return result.status === 'verified' ? result.token.principal : result.status === 'none' ? 'none' : result.problem;
}

const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });

describe('a token', () => {
  test.each<[string, string]>([
    ['of RS256', token({})],
    ['of PS256', token({}, { alg: 'PS256' })],
    ['of ES256', token({}, { alg: 'ES256', kid: 'e', key: ec.privateKey })],
    ['of EdDSA', token({}, { alg: 'EdDSA', kid: 'd', key: ed.privateKey })],
    ['that ended less than a minute ago', token({ exp: SECONDS - 59 })],
    ['that begins in less than a minute', token({ nbf: SECONDS + 59 })],
  ])('%s is taken', async (_title, text) => {
    expect(await judge(bearer(text))).toBe('issuer/subject');
  });

  test.each<[string, string, string]>([
    ['that is none', 'a.b', 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
    ['whose header is no base64', '*.b.c', 'Jwt header is an invalid Base64url encoded'],
    ['whose header is no JSON', `${base64('x')}.${base64({})}.c0`, 'Jwt header is an invalid JSON'],
    ['without alg', `${base64({})}.${base64({})}.c0`, 'Jwt header [alg] field is required and must be a string'],
    ['of alg none', `${base64({ alg: 'none' })}.${base64({})}.c0`, 'Jwt header [alg] is not supported'],
    ['of alg HS256', `${base64({ alg: 'HS256' })}.${base64({})}.c0`, 'Jwt header [alg] is not supported'],
    ['whose payload is no JSON', `${base64({ alg: 'RS256' })}.${base64('x')}.c0`, 'Jwt payload is an invalid JSON'],
    ['of another issuer', token({ iss: 'stranger' }), 'Jwt issuer is not configured'],
    ['that ended', token({ exp: SECONDS - 61 }), 'Jwt is expired'],
    ['that has not begun', token({ nbf: SECONDS + 61 }), 'Jwt not yet valid'],
    ['that another key signed', token({}, { key: other.privateKey }), 'Jwt verification fails'],
    ['of an unknown key', token({}, { kid: 'x' }), "Jwks doesn't have key to match kid or alg from Jwt"],
    ['whose alg is not its key’s', token({}, { kid: 'e' }), "Jwks doesn't have key to match kid or alg from Jwt"],
  ])('%s is refused', async (_title, text, problem) => {
    expect(await judge(bearer(text))).toBe(problem);
  });

  test('whose claims were changed is refused', async () => {
    const [header = '', , signature = ''] = token({}).split('.');

    expect(await judge(bearer(`${header}.${base64({ iss: 'issuer', sub: 'admin' })}.${signature}`))).toBe(
      'Jwt verification fails',
    );
  });

  test('needs one of the audiences, where there are any', async () => {
    const rule = { issuer: 'issuer', audiences: ['https://a/', 'b'] };

    expect(await judge(bearer(token({ aud: ['x', 'a'] })), rule)).toBe('issuer/subject');
    expect(await judge(bearer(token({ aud: 'b' })), rule)).toBe('issuer/subject');
    expect(await judge(bearer(token({ aud: 'c' })), rule)).toBe('Audiences in Jwt are not allowed');
    expect(await judge(bearer(token({})), rule)).toBe('Audiences in Jwt are not allowed');
  });
});

describe('where a token is looked for', () => {
  const good = token({});
  test('is the header Authorization and the parameter access_token', async () => {
    expect(await judge({})).toBe('none');
    expect(await judge({ authorization: 'Basic abc' })).toBe('none');
    expect(await judge(bearer(good))).toBe('issuer/subject');
    expect(await judge({}, { issuer: 'issuer' }, { path: `/x?access_token=${good}` })).toBe('issuer/subject');
  });

  test('is what the rule says, and then nothing else', async () => {
    const rule = {
      issuer: 'issuer',
      fromHeaders: [{ name: 'X-Jwt', prefix: 'T ' }],
      fromParams: ['t'],
      fromCookies: ['session'],
    };

    expect(await judge(bearer(good), rule)).toBe('none');
    expect(await judge({ 'x-jwt': `T ${good}` }, rule)).toBe('issuer/subject');
    expect(await judge({ 'x-jwt': good }, rule)).toBe('none');
    expect(await judge({}, rule, { path: `/?a=b&t=${good}` })).toBe('issuer/subject');
    expect(await judge({ cookie: `a=b; session=${good}` }, rule)).toBe('issuer/subject');
  });
});

test('the token goes no further unless the rule says so, and its claims go as headers', async () => {
  const rule = {
    issuer: 'issuer',
    outputPayloadToHeader: 'X-Payload',
    outputClaimToHeaders: [{ header: 'X-Group', claim: 'nested.group' }],
  };
  const ask = async (one: JwtRule): Promise<Record<string, string | null>> => {
    const result = await authenticate(
      [{ ...one, policy: 'foo/jwt' }],
      { path: '/', header: (name) => bearer(token({ nested: { group: 'g' } }))[name] },
      NOW,
      async () => KEYS,
    );
    if (result.status !== 'verified') throw new Error(result.status);
    return forwardedHeaders(result);
  };

  const headers = await ask(rule);
  expect(headers['authorization']).toBeNull();
  expect(JSON.parse(Buffer.from(headers['x-payload'] ?? '', 'base64url').toString())).toMatchObject({ sub: 'subject' });
  expect(headers['x-group']).toBe('g');
  expect((await ask({ ...rule, forwardOriginalToken: true }))['authorization']).toBeUndefined();
});

test('rules of several objects are united, by namespace, root namespace and labels', () => {
  const make = (
    namespace: string,
    name: string,
    issuer: string,
    labels?: Record<string, string>,
  ): RequestAuthentication => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
    metadata: { name, namespace },
    spec: { ...(labels === undefined ? {} : { selector: { matchLabels: labels } }), jwtRules: [{ issuer }] },
  });

  const rules = jwtRulesFor(
    [
      make('foo', 'a', '1'),
      make('istio-system', 'b', '2'),
      make('bar', 'c', '3'),
      make('foo', 'd', '4', { app: 'db' }),
    ],
    { namespace: 'foo', labels: { app: 'web' } },
  );

  expect(rules.map(({ issuer, policy }) => [issuer, policy])).toEqual([
    ['1', 'foo/a'],
    ['2', 'istio-system/b'],
  ]);
});
