/** Who may do what on a new OpenShift cluster: openshift-apiserver/pkg/bootstrap and openshift-controller-manager. */
import { type ControllerDeps } from '../controllers/controller.ts';
import { resourceKeyOf } from '../objects/kinds/kind.ts';
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
    { apiGroups: ['', 'project.openshift.io'], resources: ['projects'], verbs: ['list'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
  ]),
  clusterRole('self-provisioner', [
    { apiGroups: ['', 'project.openshift.io'], resources: ['projectrequests'], verbs: ['create'] },
  ]),
  bindingToGroup('basic-users', 'basic-user', 'system:authenticated'),
  bindingToGroup('cluster-admins', 'cluster-admin', 'system:cluster-admins'),
  bindingToGroup('self-provisioners', 'self-provisioner', 'system:authenticated:oauth'),
];

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const APPS = [
  { apiGroups: ['', 'apps.openshift.io'], resources: ['deploymentconfigs', 'deploymentconfigs/scale'] },
  { apiGroups: ['', 'route.openshift.io'], resources: ['routes'] },
];
const SEE_PROJECT = { apiGroups: ['', 'project.openshift.io'], resources: ['projects'], verbs: ['get'] };
const view = [...APPS.map((one) => ({ ...one, verbs: READ })), SEE_PROJECT];
const edit = [
  ...view,
  ...APPS.map((one) => ({ ...one, verbs: WRITE })),
  { apiGroups: ['', 'apps.openshift.io'], resources: ['deploymentconfigs/instantiate'], verbs: ['create'] },
  { apiGroups: ['', 'image.openshift.io'], resources: ['imagestreamimports'], verbs: ['create'] },
];
/** What OpenShift's own kinds add to the roles of Kubernetes: the system:openshift:aggregate-to-… roles. */
const AGGREGATED: Readonly<Record<string, readonly object[]>> = {
  view,
  edit,
  admin: [...edit, { ...SEE_PROJECT, verbs: ['delete', 'patch', 'update'] }],
};

/** Creates the roles that every OpenShift cluster has, and their bindings. */
export function createOpenShiftRoles(deps: Pick<ControllerDeps, 'kinds' | 'store' | 'writer'>): void {
  for (const object of BOOTSTRAP) create(deps, object);
  const roles = deps.kinds.byWord('clusterroles');
  if (!roles) throw new Error('no kind ClusterRole');
  for (const [name, rules] of Object.entries(AGGREGATED)) {
    const role = deps.store.get(resourceKeyOf(roles), undefined, name);
    if (!role) throw new Error(`no ClusterRole ${name} to add to`);
    deps.writer.update(roles, { ...role, rules: [...(role.rules as object[]), ...rules] });
  }
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
