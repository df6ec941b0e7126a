/** Has the image of a container there before it starts. Kubernetes 1.32, pkg/kubelet/images/image_manager.go. */
import { type Clock } from '../../clock.ts';
import { howToAddImage, imageSize, type ImagePuller } from './image-puller.ts';
import { type PodContainer } from './pod-container.ts';

export interface ContainerImageDeps {
  clock: Clock;
  images: ImagePuller;
  /** An event about the container. */
  record(type: 'Normal' | 'Warning', reason: string, message: string, one: PodContainer): void;
  setWaiting(one: PodContainer, reason: string, message: string): void;
  /** Nothing of the pod is to be started any more. */
  isStopped(): boolean;
  start(one: PodContainer): void;
}

const FIRST_PULL_RETRY_MS = 10_000;
const MAX_PULL_RETRY_MS = 300_000;
// Making a container takes a runtime about a second; long enough here for a watch to see ContainerCreating.
const START_MS = 30;
// How long ErrImagePull shows before it becomes ImagePullBackOff: upstream's next look at the pod.
const PULL_ERROR_SHOWN_MS = 2_000;

/** Pulls the image where it is needed, again and again, and then starts the container. */
export function startWithImage(deps: ContainerImageDeps, one: PodContainer): void {
  const { clock, images, record, start } = deps;
  one.cancel();
  const image = one.spec.image ?? '';
  const present = images.isPresent(image);
  if (one.spec.imagePullPolicy === 'Never' && !present) {
    const text = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`;
    record('Warning', 'ErrImageNeverPull', text, one);
    return deps.setWaiting(one, 'ErrImageNeverPull', text);
  }
  if (present && one.spec.imagePullPolicy !== 'Always') {
    record(
      'Normal',
      'Pulled',
      `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`,
      one,
    );
    if (one.containerId) return start(one);
    one.cancel = clock.schedule(START_MS, () => start(one));
    return;
  }
  record('Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`, one);
  const begun = clock.now();
  one.cancel = images.pull(image, (failure) => {
    if (deps.isStopped()) return;
    if (failure !== undefined) return failPull(deps, one, failure);
    one.pullRetryMs = 0;
    const took = `${Math.max(1, clock.now() - begun)}ms`;
    record(
      'Normal',
      'Pulled',
      `Successfully pulled image ${JSON.stringify(image)} in ${took} (${took} including waiting). Image size: ${imageSize(image)} bytes.`,
      one,
    );
    start(one);
  });
}

function failPull(deps: ContainerImageDeps, one: PodContainer, failure: string): void {
  const { clock, record, setWaiting } = deps;
  const image = one.spec.image ?? '';
  record(
    'Warning',
    'Failed',
    `Failed to pull image ${JSON.stringify(image)}: ${failure.replace(/^failed to pull image "[^"]*": /, '')}`,
    one,
  );
  record('Warning', 'Failed', 'Error: ErrImagePull', one);
  if (!one.pullRetryMs) record('Warning', 'ImageNotSimulated', howToAddImage(image), one);
  setWaiting(one, 'ErrImagePull', failure);
  one.pullRetryMs = Math.min(one.pullRetryMs ? one.pullRetryMs * 2 : FIRST_PULL_RETRY_MS, MAX_PULL_RETRY_MS);
  one.cancel = clock.schedule(PULL_ERROR_SHOWN_MS, () => {
    record('Normal', 'BackOff', `Back-off pulling image ${JSON.stringify(image)}`, one);
    record('Warning', 'Failed', 'Error: ImagePullBackOff', one);
    setWaiting(one, 'ImagePullBackOff', `Back-off pulling image ${JSON.stringify(image)}: ErrImagePull: ${failure}`);
    one.cancel = clock.schedule(one.pullRetryMs - PULL_ERROR_SHOWN_MS, () => startWithImage(deps, one));
  });
}
