/**
 * Role-based access control: what the roles that are bound to someone let them do.
 * Kubernetes 1.36, plugin/pkg/auth/authorizer/rbac/rbac.go and pkg/apis/rbac/v1/evaluation_helpers.go.
 */
import { ApiError, forbidden } from '../objects/api-error.ts';
import { type KubernetesObject, type ObjectReader } from '../objects/object.ts';
import { type Identity } from './identity.ts';

/** What someone wants to do: to a resource, or with a path that is none. */
export type Attributes =
  | {
      verb: string;
      group: string;
      resource: string;
      subresource?: string | undefined;
      namespace?: string | undefined;
      name?: string | undefined;
    }
  | { verb: string; path: string };

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

interface Role extends KubernetesObject {
  rules?: PolicyRule[] | null;
}

interface RoleBinding extends KubernetesObject {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const ROLES = 'roles.rbac.authorization.k8s.io';
const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';
const ROLE_BINDINGS = 'rolebindings.rbac.authorization.k8s.io';
const CLUSTER_ROLE_BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

/** @throws ApiError 403 */
export function authorize(objects: ObjectReader, user: Identity, attributes: Attributes): void {
  if (isAllowed(objects, user, attributes)) return;
  if ('path' in attributes) {
    throw new ApiError(
      403,
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.username)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`,
      {},
    );
  }
  const { verb, group, resource, subresource, namespace, name = '' } = attributes;
  const full = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  throw forbidden(
    { plural: resource, group },
    name,
    `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`,
  );
}

export function isAllowed(objects: ObjectReader, user: Identity, attributes: Attributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  const namespace = 'path' in attributes ? undefined : attributes.namespace;
  return rulesOf(objects, user, namespace).some((rule) => covers(rule, attributes));
}

/** All rules that hold for the user, those of the namespace included when one is given. */
export function rulesOf(objects: ObjectReader, user: Identity, namespace: string | undefined): PolicyRule[] {
  if (user.groups.includes('system:masters')) {
    return [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
  }
  const bindings = [
    ...objects.list(CLUSTER_ROLE_BINDINGS),
    ...(namespace === undefined ? [] : objects.list(ROLE_BINDINGS, namespace)),
  ] as RoleBinding[];
  return bindings
    .filter((binding) => binding.subjects?.some((subject) => isSubject(subject, user, binding.metadata.namespace)))
    .flatMap(({ roleRef, metadata }) => {
      const role =
        roleRef.kind === 'Role'
          ? objects.get(ROLES, metadata.namespace, roleRef.name)
          : objects.get(CLUSTER_ROLES, undefined, roleRef.name);
      return (role as Role | undefined)?.rules ?? [];
    });
}

function isSubject(
  subject: { kind: string; name: string; namespace?: string },
  user: Identity,
  bindingNamespace: string | undefined,
): boolean {
  if (subject.kind === 'User') return subject.name === user.username;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  return user.username === `system:serviceaccount:${subject.namespace ?? bindingNamespace ?? ''}:${subject.name}`;
}

function covers(rule: PolicyRule, attributes: Attributes): boolean {
  const has = (list: readonly string[] | undefined, value: string) =>
    list !== undefined && (list.includes('*') || list.includes(value));
  if (!has(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) return (rule.nonResourceURLs ?? []).some((url) => coversPath(url, attributes.path));
  const { group, resource, subresource, name } = attributes;
  if (!has(rule.apiGroups, group)) return false;
  const full = subresource ? `${resource}/${subresource}` : resource;
  const resources = rule.resources ?? [];
  if (!has(resources, full) && !(subresource && resources.includes(`*/${subresource}`))) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(name ?? '');
}

function coversPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}
