/** Tokens of service accounts. Kubernetes 1.36, pkg/registry/core/serviceaccount/storage/token.go. */
import { createHash } from 'node:crypto';
import { invalid, invalidObject, notFound, type FieldError } from '../objects/api-error.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { timestamp } from '../objects/timestamp.ts';
import { parseBody } from './body.ts';
import { type ResourceCall, type ResourceDeps, type ResourceResult } from './resource-requests.ts';

interface TokenRequest extends KubernetesObject {
  spec?: { audiences?: string[]; expirationSeconds?: number; boundObjectRef?: unknown };
}

const AUDIENCE = 'https://kubernetes.default.svc.cluster.local';
const HOUR_SECONDS = 3_600;
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;

/**
 * POST to serviceaccounts/token. The token has the form and the claims of a real one and a signature that nothing
 * checks: clients of a cluster are known by its address.
 * @throws ApiError
 */
export function requestToken({ store, kinds, now }: ResourceDeps, call: ResourceCall): ResourceResult {
  const { namespace = '', name = '' } = call;
  const account = store.get('serviceaccounts', namespace, name);
  if (!account) throw notFound({ plural: 'serviceaccounts', group: '' }, name);
  const request = parseBody(call.body, call.contentType, kinds).value as unknown as TokenRequest;
  const seconds = request.spec?.expirationSeconds ?? HOUR_SECONDS;
  const errors = validate(seconds);
  if (errors.length > 0) throw invalidObject({ kind: 'TokenRequest', group: 'authentication.k8s.io' }, '', errors);
  const audiences = request.spec?.audiences?.length ? request.spec.audiences : [AUDIENCE];
  const issuedAt = Math.floor(now() / 1000);
  const token = render({
    aud: audiences,
    exp: issuedAt + seconds,
    iat: issuedAt,
    iss: AUDIENCE,
    'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: request.spec?.boundObjectRef ?? null },
    status: { token, expirationTimestamp: timestamp((issuedAt + seconds) * 1000) },
  };
  return { form: 'plain', status: 201, body };
}

function validate(seconds: number): FieldError[] {
  const refuse = (why: string) => [invalid('spec.expirationSeconds', seconds, why)];
  if (seconds < SHORTEST_SECONDS) return refuse('may not specify a duration less than 10 minutes');
  if (seconds > LONGEST_SECONDS) return refuse('may not specify a duration larger than 2^32 seconds');
  return [];
}

function render(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', kid: 'taller' })}.${encode(claims)}`;
  return `${signed}.${createHash('sha512').update(signed).digest('base64url')}`;
}
