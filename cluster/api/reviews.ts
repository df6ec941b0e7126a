import { badRequest } from '../objects/api-error.ts';
import { type JsonObject } from '../objects/json.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject, type ObjectReader } from '../objects/object.ts';
import { isAllowed, rulesOf, type Attributes } from './authorizer.ts';
import { type Identity } from './identity.ts';

interface AccessReview extends KubernetesObject {
  spec?: {
    user?: string;
    groups?: string[];
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

/** Answers a question about who someone is or what they may do. @throws ApiError when it asks nothing */
export function answerReview(objects: ObjectReader, user: Identity, kind: Kind, object: KubernetesObject): JsonObject {
  return { ...object, metadata: { creationTimestamp: null }, status: answer(objects, user, kind.kind, object) };
}

function answer(objects: ObjectReader, user: Identity, kind: string, object: KubernetesObject): JsonObject {
  const { spec = {} } = object as AccessReview;
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: user };
    case 'TokenReview':
      return { authenticated: false, user: {}, error: 'this cluster issues no tokens' };
    case 'SelfSubjectRulesReview':
      return listRules(objects, user, spec.namespace ?? '');
    case 'SelfSubjectAccessReview':
      return access(objects, user, attributesOf(spec));
    default:
      return access(objects, { username: spec.user ?? '', groups: spec.groups ?? [] }, attributesOf(spec));
  }
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
