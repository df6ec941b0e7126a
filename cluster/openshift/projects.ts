/**
 * Projects: namespaces as OpenShift shows them. Upstream keeps none and answers from namespaces
 * (openshift-apiserver/pkg/project). Here a copy of each namespace is kept in step within the turn in which either
 * changes, so that lists, watches and tables of projects are those of any kind.
 */
import { isAllowed } from '../api/authorizer.ts';
import { type Identity } from '../api/identity.ts';
import { type Controller, type ControllerDeps } from '../controllers/controller.ts';
import { alreadyExists, invalid, invalidObject, type FieldError } from '../objects/api-error.ts';
import { equalJson } from '../objects/json.ts';
import { NAMESPACE } from '../objects/kinds/cluster-kinds.ts';
import { column, NAME } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { label1123Error } from '../objects/kinds/names.ts';
import { type KubernetesObject, type ObjectReader } from '../objects/object.ts';
import { createProjectAdmin } from './roles.ts';

const PROJECTS = 'projects.project.openshift.io';
const DISPLAY_NAME = 'openshift.io/display-name';
const DESCRIPTION = 'openshift.io/description';
const REQUESTER = 'openshift.io/requester';

export const PROJECT: Kind = {
  kind: 'Project',
  group: 'project.openshift.io',
  versions: ['v1'],
  plural: 'projects',
  singular: 'project',
  namespaced: false,
  message: 'openshift.Project',
  names: 'label',
  generation: false,
  finalizedBySpec: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  // openshift-apiserver/pkg/project/printers/internalversion/printers.go.
  columns: [
    NAME,
    column('Display Name', 'string', ({ metadata }) => metadata.annotations?.[DISPLAY_NAME] ?? ''),
    column('Status', 'string', ({ status }) => String((status as { phase?: string } | undefined)?.phase ?? '')),
  ],
  prepareCreate(draft) {
    draft.spec = { finalizers: ['kubernetes'] };
    draft.status = { phase: 'Active' };
  },
  prepareUpdate(draft, old) {
    draft.spec = old.spec;
    draft.status = old.status;
  },
};

/** What people who may not make namespaces ask for a project with. Never kept: `requestProject` answers it. */
export const PROJECT_REQUEST: Kind = {
  kind: 'ProjectRequest',
  group: 'project.openshift.io',
  versions: ['v1'],
  plural: 'projectrequests',
  singular: 'projectrequest',
  namespaced: false,
  message: 'openshift.ProjectRequest',
  verbs: ['create', 'list'],
  columns: [NAME],
};

/**
 * Makes the namespace that a ProjectRequest asks for.
 * openshift-apiserver/pkg/project/apiserver/registry/projectrequest/delegated/delegated.go.
 * @param requester name of the user @returns the project @throws ApiError
 */
export function requestProject(
  deps: Pick<ControllerDeps, 'store' | 'writer' | 'kinds'>,
  request: KubernetesObject,
  requester: string,
): KubernetesObject {
  const { store, writer } = deps;
  const { name } = request.metadata;
  const errors = validateProjectName(name);
  if (errors.length > 0) throw invalidObject({ kind: 'Project', group: PROJECT.group }, name, errors);
  if (store.get('namespaces', undefined, name)) throw alreadyExists({ plural: 'project', group: PROJECT.group }, name);
  const { displayName, description } = request as { displayName?: string; description?: string };
  writer.create(NAMESPACE, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      ...(request.metadata.labels ? { labels: request.metadata.labels } : {}),
      annotations: {
        ...request.metadata.annotations,
        [DESCRIPTION]: description ?? '',
        [DISPLAY_NAME]: displayName ?? '',
        [REQUESTER]: requester,
      },
    },
  });
  createProjectAdmin(deps, name, requester);
  const project = store.get(PROJECTS, undefined, name);
  if (!project) throw new Error(`namespace ${name} was made and no project appeared: the mirror does not run`);
  return project;
}

/** openshift-apiserver/pkg/project/apis/project/validation/validation.go: two characters at least. */
function validateProjectName(name: string): FieldError[] {
  const problem = name.length < 2 ? 'must be at least 2 characters long' : label1123Error(name);
  return problem === undefined ? [] : [invalid('metadata.name', name, problem)];
}

/** Whether someone may see a project: openshift-apiserver/pkg/project/auth, which asks who may get it. */
export function isOwnProject(objects: ObjectReader, user: Identity, name: string): boolean {
  return isAllowed(objects, user, { verb: 'get', group: PROJECT.group, resource: 'projects', namespace: name, name });
}

/** Keeps projects and namespaces in step. */
export function createProjectMirror({ store, writer }: ControllerDeps): Controller {
  /** Revisions of projects that were written here: only what clients write must go into the namespace. */
  const own = new Set<string>();

  function toProject(namespace: KubernetesObject): void {
    const { name, annotations, labels, uid, creationTimestamp, deletionTimestamp } = namespace.metadata;
    const known = store.get(PROJECTS, undefined, name);
    const project: KubernetesObject = {
      apiVersion: 'project.openshift.io/v1',
      kind: 'Project',
      metadata: {
        name,
        ...(uid ? { uid } : {}),
        ...(creationTimestamp ? { creationTimestamp } : {}),
        ...(deletionTimestamp ? { deletionTimestamp } : {}),
        ...(labels ? { labels } : {}),
        ...(annotations ? { annotations } : {}),
      },
      spec: namespace.spec,
      status: namespace.status,
    };
    if (known && isSame(known, project)) return;
    const written = known ? store.replace(PROJECTS, project) : store.insert(PROJECTS, project);
    own.add(written.metadata.resourceVersion ?? '');
  }

  function fromProject(project: KubernetesObject): void {
    const { name, annotations, labels, deletionTimestamp } = project.metadata;
    const namespace = store.get('namespaces', undefined, name);
    if (!namespace) {
      // Made directly, as an administrator may.
      if (!deletionTimestamp && store.get(PROJECTS, undefined, name)) {
        writer.create(NAMESPACE, {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name, ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) },
        });
      }
      return;
    }
    if (deletionTimestamp && !namespace.metadata.deletionTimestamp) {
      writer.remove(NAMESPACE, undefined, name);
      return;
    }
    const isChanged =
      !equalJson(annotations ?? {}, namespace.metadata.annotations ?? {}) ||
      !equalJson(labels ?? {}, namespace.metadata.labels ?? {});
    if (!isChanged) return;
    const { annotations: _, labels: __, resourceVersion: ___, ...metadata } = namespace.metadata;
    writer.update(NAMESPACE, {
      ...namespace,
      metadata: { ...metadata, ...(annotations ? { annotations } : {}), ...(labels ? { labels } : {}) },
    });
  }

  for (const namespace of store.list('namespaces')) toProject(namespace);
  own.clear();
  const stops = [
    store.watchChanges('namespaces', ({ type, object }) => {
      const project = store.get(PROJECTS, undefined, object.metadata.name);
      if (type !== 'DELETED') {
        // What is told here may be older than what is there now.
        const current = store.get('namespaces', undefined, object.metadata.name);
        if (current) toProject(current);
      } else if (project) store.remove(PROJECTS, project);
    }),
    store.watchChanges(PROJECTS, ({ type, object }) => {
      if (!own.delete(object.metadata.resourceVersion ?? '') && type !== 'DELETED') fromProject(object);
    }),
  ];
  return {
    dispose() {
      for (const stop of stops) stop();
    },
  };
}

function isSame(left: KubernetesObject, right: KubernetesObject): boolean {
  const essence = ({ metadata, spec, status }: KubernetesObject) => {
    const { resourceVersion: _, managedFields: __, deletionGracePeriodSeconds: ___, ...rest } = metadata;
    return { metadata: rest, spec, status };
  };
  return equalJson(essence(left), essence(right));
}
