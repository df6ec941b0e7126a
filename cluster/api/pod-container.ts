import { type RunningContainer } from '../containers/runtime.ts';
import { ApiError, badRequest, notFound } from '../objects/api-error.ts';
import { type Container, type Pod } from '../objects/kinds/pod-types.ts';
import { type KubernetesObject } from '../objects/object.ts';
import { type ObjectReader } from '../objects/object.ts';
import { type PodAccess } from './pod-access.ts';
import { type ResourcePath } from './request.ts';

/** @throws ApiError when there is no such pod */
export function podOf(objects: ObjectReader, namespace: string | undefined, name: string): Pod {
  const pod: KubernetesObject | undefined = objects.get('pods', namespace, name);
  if (!pod) throw notFound({ plural: 'pods', group: '' }, name);
  return pod as Pod;
}

/**
 * The container that a request names, or the only one.
 * Kubernetes 1.32, pkg/registry/core/pod/strategy.go, LogLocation and streamLocation.
 * @throws ApiError
 */
export function containerOf(pod: Pod, name: string | null): string {
  const { initContainers = [], ephemeralContainers = [] } = pod.spec;
  const containers: Container[] = [...pod.spec.containers, ...initContainers, ...ephemeralContainers];
  if (name) {
    if (!containers.some((container) => container.name === name)) {
      throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
    }
    return name;
  }
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (annotated && containers.some((container) => container.name === annotated)) return annotated;
  const [only, ...others] = pod.spec.containers;
  if (!only) throw badRequest(`a container name must be specified for pod ${pod.metadata.name}`);
  if (others.length === 0) return only.name;
  const names = (list: readonly Container[]) => list.map((container) => container.name).join(' ');
  const initial = pod.spec.initContainers ?? [];
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names(pod.spec.containers)}]${initial.length > 0 ? ` or one of the init containers: [${names(initial)}]` : ''}`,
  );
}

/**
 * The container that a process is to run in, or that is to be attached to; `container` is undefined when it does not
 * run. @throws ApiError
 */
export function locateContainer(
  objects: ObjectReader,
  pods: PodAccess,
  { namespace, name = '', subresource }: Pick<ResourcePath, 'namespace' | 'name' | 'subresource'>,
  query: URLSearchParams,
): { pod: Pod; containerName: string; container: RunningContainer | undefined } {
  const pod = podOf(objects, namespace, name);
  const containerName = containerOf(pod, query.get('container'));
  const phase = pod.status.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot ${subresource} a container in a completed pod; current phase is ${phase}`);
  }
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  return { pod, containerName, container: pods.container(pod.metadata.uid ?? '', containerName) };
}

/** The kubelet cannot reach the container. */
export function containerNotRunning(pod: Pod, name: string): ApiError {
  return new ApiError(
    500,
    'InternalError',
    `Internal error occurred: unable to upgrade connection: container not found (${JSON.stringify(name)})`,
    {
      causes: [
        {
          reason: '',
          message: `unable to upgrade connection: container not found (${JSON.stringify(name)}) in pod ${pod.metadata.name}`,
        },
      ],
    },
  );
}
