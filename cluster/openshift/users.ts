/** Users: nobody is kept, and `users/~` is who asks. openshift-apiserver/pkg/user/apiserver/registry/user/etcd/etcd.go. */
import { column, NAME } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { type KubernetesObject } from '../objects/object.ts';

/** What `oc whoami` asks for. */
export const CURRENT_USER = '~';

/** Who an administrator is after `oc login -u kubeadmin`. */
export const KUBE_ADMIN = { username: 'kube:admin', groups: ['system:authenticated', 'system:cluster-admins'] };

/** Who the administrator of a cluster of OpenShift 3 is, by certificate. */
export const SYSTEM_ADMIN = {
  username: 'system:admin',
  groups: ['system:authenticated', 'system:cluster-admins', 'system:masters'],
};

interface User extends KubernetesObject {
  fullName?: string;
  identities?: string[];
}

export const USER: Kind = {
  kind: 'User',
  group: 'user.openshift.io',
  versions: ['v1'],
  plural: 'users',
  singular: 'user',
  namespaced: false,
  message: 'openshift.User',
  names: 'path',
  inertNote: 'nobody can log in as it',
  // openshift-apiserver/pkg/user/printers/internalversion/printers.go.
  columns: [
    NAME,
    column('UID', 'string', ({ metadata }) => metadata.uid ?? ''),
    column('Full Name', 'string', (object) => (object as User).fullName ?? ''),
    column('Identities', 'string', (object) => ((object as User).identities ?? []).join(', ')),
  ],
};

/** A user that has no object of its own, as those that do not come from an identity provider. */
export function renderUser({ username, groups }: { username: string; groups: readonly string[] }): KubernetesObject {
  return {
    kind: 'User',
    apiVersion: 'user.openshift.io/v1',
    metadata: { name: username },
    identities: null,
    groups: [...groups].toSorted(),
  };
}
