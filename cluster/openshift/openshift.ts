/** What OpenShift adds to a cluster: its kinds, its controllers, and requests that no stored object answers. */
import { type AnswerRequest } from '../api/answer-request.ts';
import { type Identity } from '../api/identity.ts';
import { type Controller, type ControllerDeps } from '../controllers/controller.ts';
import { resourceKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type ResourceKey } from '../objects/object.ts';
import { DEPLOYMENT_CONFIG } from './deployment-config.ts';
import { createDeploymentConfigController, instantiate } from './deployment-configs.ts';
import { IMAGE_STREAM_IMPORT, importImages, type InspectImage } from './image-imports.ts';
import { createProjectMirror, isOwnProject, PROJECT, PROJECT_REQUEST, requestProject } from './projects.ts';
import { createOpenShiftRoles } from './roles.ts';
import { createRouteAdmission, ROUTE } from './routes.ts';
import { CURRENT_USER, KUBE_ADMIN, renderUser, SYSTEM_ADMIN, USER } from './users.ts';

export const OPENSHIFT_KINDS: readonly Kind[] = [
  DEPLOYMENT_CONFIG,
  IMAGE_STREAM_IMPORT,
  PROJECT,
  PROJECT_REQUEST,
  ROUTE,
  USER,
];

export interface OpenShift extends Controller {
  answers: ReadonlyMap<ResourceKey, AnswerRequest>;
  /** Who clients are, in place of a kubeadm administrator. */
  administrator: Identity;
}

export interface OpenShiftOptions {
  inspectImage: InspectImage;
  /** Whether it stands for OpenShift 3.11. */
  isVersion3: boolean;
}

/** @param deps of a cluster whose registry has {@link OPENSHIFT_KINDS} */
export function createOpenShift(deps: ControllerDeps, { inspectImage, isVersion3 }: OpenShiftOptions): OpenShift {
  createOpenShiftRoles(deps);
  const parts = [createProjectMirror(deps), createRouteAdmission(deps), createDeploymentConfigController(deps)];
  const answers = new Map<ResourceKey, AnswerRequest>([
    [
      resourceKeyOf(PROJECT_REQUEST),
      // The list is how oc asks whether it may create one.
      ({ verb, user, object }) =>
        verb === 'list'
          ? { form: 'plain', status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } }
          : { form: 'plain', status: 201, body: requestProject(deps, object(), user.username) },
    ],
    [
      resourceKeyOf(PROJECT),
      // Whoever asks is shown the projects that are theirs.
      ({ verb, user, list }) => {
        if (verb !== 'list') return undefined;
        const { objects, ...rest } = list();
        return { ...rest, objects: objects.filter(({ metadata }) => isOwnProject(deps.store, user, metadata.name)) };
      },
    ],
    [
      resourceKeyOf(DEPLOYMENT_CONFIG),
      ({ verb, namespace, name = '', subresource }) =>
        verb === 'create' && subresource === 'instantiate'
          ? { form: 'object', status: 201, object: instantiate(deps, namespace, name) }
          : undefined,
    ],
    [
      resourceKeyOf(IMAGE_STREAM_IMPORT),
      ({ object }) => ({ form: 'plain', status: 201, body: importImages(object(), inspectImage) }),
    ],
    [
      resourceKeyOf(USER),
      ({ verb, name, user }) =>
        verb === 'get' && name === CURRENT_USER ? { form: 'object', status: 200, object: renderUser(user) } : undefined,
    ],
  ]);
  return {
    answers,
    administrator: isVersion3 ? SYSTEM_ADMIN : KUBE_ADMIN,
    dispose() {
      for (const part of parts) part.dispose();
    },
  };
}
