import { badRequest } from '../objects/api-error.ts';
import { type JsonObject } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject, type ObjectReader } from '../objects/object.ts';
import { type ServiceAccountTokens } from '../service-account-tokens.ts';
import { isAllowed, rulesOf, type Attributes } from './authorizer.ts';
import { type Identity } from './identity.ts';

interface AccessReview extends KubernetesObject {
  spec?: {
    user?: string;
    groups?: string[];
    token?: string;
    audiences?: string[];
    namespace?: string;
    resourceAttributes?: {
      verb?: string;
      group?: string;
      resource?: string;
      subresource?: string;
      namespace?: string;
      name?: string;
    };
    nonResourceAttributes?: { verb?: string; path?: string };
  };
}

export interface ReviewDeps {
  objects: ObjectReader;
  tokens: ServiceAccountTokens;
}

/** Answers a question about who someone is or what they may do. @throws ApiError when it asks nothing */
export function answerReview(deps: ReviewDeps, user: Identity, kind: Kind, object: KubernetesObject): JsonObject {
  return { ...object, metadata: { creationTimestamp: null }, status: answer(deps, user, kind.kind, object) };
}

function answer({ objects, tokens }: ReviewDeps, user: Identity, kind: string, object: KubernetesObject): JsonObject {
  const { spec = {} } = object as AccessReview;
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: user };
    case 'TokenReview':
      return reviewToken(tokens, spec);
    case 'SelfSubjectRulesReview':
      return listRules(objects, user, spec.namespace ?? '');
    case 'SelfSubjectAccessReview':
      return access(objects, user, attributesOf(spec));
    default:
      return access(objects, { username: spec.user ?? '', groups: spec.groups ?? [] }, attributesOf(spec));
  }
}

/** Kubernetes 1.36, pkg/registry/authentication/tokenreview/storage.go. */
function reviewToken(
  tokens: ServiceAccountTokens,
  { token = '', audiences }: NonNullable<AccessReview['spec']>,
): JsonObject {
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const known = tokens.identify(token, audiences?.length ? audiences : undefined);
  if (known === null) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: { ...known.user }, audiences: known.audiences };
}

function access(objects: ObjectReader, user: Identity, attributes: Attributes): JsonObject {
  return { allowed: isAllowed(objects, user, attributes) };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: NonNullable<AccessReview['spec']>): Attributes {
  if (resourceAttributes) {
    const { verb = '', group = '', resource = '', subresource, namespace, name } = resourceAttributes;
    return { verb, group, resource, subresource, namespace: namespace || undefined, name };
  }
  if (nonResourceAttributes) return { verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' };
  throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified');
}

function listRules(objects: ObjectReader, user: Identity, namespace: string): JsonObject {
  const rules = rulesOf(objects, user, namespace);
  return {
    incomplete: false,
    resourceRules: rules
      .filter((rule) => rule.resources)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames?.length ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
  };
}
