/** Who may do what on a new OpenShift cluster: openshift-apiserver/pkg/bootstrap and openshift-controller-manager. */
import { type ControllerDeps } from '../controllers/controller.ts';
import { type KubernetesObject } from '../objects/object.ts';

const RBAC = 'rbac.authorization.k8s.io';

const clusterRole = (name: string, rules: readonly object[]): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});

const bindingToGroup = (name: string, role: string, group: string): KubernetesObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup: RBAC, kind: 'Group', name: group }],
});

const BOOTSTRAP: readonly KubernetesObject[] = [
  clusterRole('basic-user', [
    { apiGroups: ['', 'user.openshift.io'], resources: ['users'], resourceNames: ['~'], verbs: ['get'] },
    { apiGroups: ['', 'project.openshift.io'], resources: ['projectrequests'], verbs: ['list'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
  ]),
  clusterRole('self-provisioner', [
    { apiGroups: ['', 'project.openshift.io'], resources: ['projectrequests'], verbs: ['create'] },
  ]),
  bindingToGroup('basic-users', 'basic-user', 'system:authenticated'),
  bindingToGroup('cluster-admins', 'cluster-admin', 'system:cluster-admins'),
  bindingToGroup('self-provisioners', 'self-provisioner', 'system:authenticated:oauth'),
];

/** Creates the roles that every OpenShift cluster has, and their bindings. */
export function createOpenShiftRoles(deps: Pick<ControllerDeps, 'kinds' | 'writer'>): void {
  for (const object of BOOTSTRAP) create(deps, object);
}

/** Makes the user the administrator of a namespace: what the template for requested projects holds. */
export function createProjectAdmin(
  deps: Pick<ControllerDeps, 'kinds' | 'writer'>,
  namespace: string,
  user: string,
): void {
  create(deps, {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'admin', namespace },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'admin' },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
  });
}

function create({ kinds, writer }: Pick<ControllerDeps, 'kinds' | 'writer'>, object: KubernetesObject): void {
  const kind = kinds.byObject(object.apiVersion, object.kind);
  if (!kind) throw new Error(`no kind ${object.kind} in ${object.apiVersion}`);
  writer.create(kind, object);
}
