/** The node's agent: one worker per pod that is bound to the node. */
import { type PodAccess } from '../../api/pod-access.ts';
import { type ContainerRuntime } from '../../containers/runtime.ts';
import { POD } from '../../objects/kinds/pod.ts';
import { type Pod } from '../../objects/kinds/pod-types.ts';
import { type Controller, type ControllerDeps } from '../controller.ts';
import { createImagePuller } from './image-puller.ts';
import { createPodWorker, type PodWorker } from './pod-worker.ts';

export interface Kubelet extends Controller {
  readonly access: PodAccess;
}

export const NODE_NAME = 'node-1';
export const NODE_IP = '172.18.0.2';

export function createKubelet(deps: ControllerDeps & { runtime: ContainerRuntime }): Kubelet {
  const { store, runtime, clock } = deps;
  const images = createImagePuller(clock, (image) => runtime.hasImage(image));
  const workers = new Map<string, PodWorker>();
  let address = 1;

  // 10.244.0.2, .3 … and on to 10.244.1.0; an address is never given twice, so nothing reaches the wrong pod.
  function nextIp(): string {
    address += 1;
    return `10.244.${Math.floor(address / 256) % 256}.${address % 256}`;
  }

  function look(pod: Pod): void {
    const { uid = '', deletionTimestamp } = pod.metadata;
    if (pod.spec.nodeName !== NODE_NAME) return;
    let worker = workers.get(uid);
    if (!worker && !deletionTimestamp && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed') {
      worker = createPodWorker({ ...deps, images, nodeIp: NODE_IP }, pod, nextIp());
      workers.set(uid, worker);
    }
    if (!deletionTimestamp) return worker?.update(pod);
    if (worker) worker.terminate();
    else deps.writer.remove(POD, pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
  }

  const retry = () => {
    for (const worker of workers.values()) worker.retryReferences();
  };
  const stops = [
    store.watch('pods', ({ type, object }) => {
      const uid = object.metadata.uid ?? '';
      if (type !== 'DELETED') return look(object as Pod);
      workers.get(uid)?.dispose();
      workers.delete(uid);
    }),
    store.watch('configmaps', retry),
    store.watch('secrets', retry),
  ];
  for (const pod of store.list('pods')) look(pod as Pod);

  return {
    access: {
      container: (uid, name) => workers.get(uid)?.container(name),
      log: (uid, name, previous) => workers.get(uid)?.log(name, previous),
      sandbox: (uid) => workers.get(uid)?.sandbox(),
    },
    dispose() {
      for (const stop of stops) stop();
      for (const worker of workers.values()) worker.dispose();
      workers.clear();
    },
  };
}
