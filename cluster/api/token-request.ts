/** Tokens of service accounts. Kubernetes 1.36, pkg/registry/core/serviceaccount/storage/token.go. */
import { invalid, invalidObject, notFound, type FieldError } from '../objects/api-error.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { timestamp } from '../objects/timestamp.ts';
import { TOKEN_ISSUER, type ServiceAccountTokens } from '../service-account-tokens.ts';
import { parseBody } from './body.ts';
import { type ResourceCall, type ResourceDeps, type ResourceResult } from './resource-requests.ts';

interface TokenRequest extends KubernetesObject {
  spec?: { audiences?: string[]; expirationSeconds?: number; boundObjectRef?: { kind: string; name: string } };
}

const HOUR_SECONDS = 3_600;
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;

/** POST to serviceaccounts/token. @throws ApiError */
export function requestToken(
  { store, kinds, now }: ResourceDeps,
  tokens: ServiceAccountTokens,
  call: ResourceCall,
): ResourceResult {
  const { namespace = '', name = '' } = call;
  const account = store.get('serviceaccounts', namespace, name);
  if (!account) throw notFound({ plural: 'serviceaccounts', group: '' }, name);
  const request = parseBody(call.body, call.contentType, kinds).value as unknown as TokenRequest;
  const seconds = request.spec?.expirationSeconds ?? HOUR_SECONDS;
  const errors = validate(seconds);
  if (errors.length > 0) throw invalidObject({ kind: 'TokenRequest', group: 'authentication.k8s.io' }, '', errors);
  const audiences = request.spec?.audiences?.length ? request.spec.audiences : [TOKEN_ISSUER];
  const bound = request.spec?.boundObjectRef;
  const issuedAt = Math.floor(now() / 1000);
  const pod = bound?.kind === 'Pod' ? store.get('pods', namespace, bound.name) : undefined;
  const token = tokens.issue({ namespace, account: name, pod, audiences, seconds });
  const body = {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: bound ?? null },
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
