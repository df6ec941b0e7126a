import { createApiServer, type ApiServer } from './api/server.ts';
import { bootstrap } from './bootstrap.ts';
import { type Clock, type RandomBytes } from './clock.ts';
import { type ContainerRuntime } from './containers/runtime.ts';
import { type Controller, type ControllerDeps } from './controllers/controller.ts';
import { createDeploymentController } from './controllers/deployments.ts';
import { createEndpointsController } from './controllers/endpoints.ts';
import { createEventRecorder } from './controllers/event-recorder.ts';
import { createGarbageCollector } from './controllers/garbage-collector.ts';
import { createKubelet } from './controllers/kubelet/kubelet.ts';
import { createNamespaceContents, createNamespaceDeletion } from './controllers/namespaces.ts';
import { createReplicaSetController } from './controllers/replica-sets.ts';
import { createScheduler } from './controllers/scheduler.ts';
import { injectSidecar } from './mesh/injection.ts';
import { admitPodDefaults, admitServiceAccount, admitSidecar } from './objects/admission.ts';
import { type KindRegistry } from './objects/kinds/registry.ts';
import { type ObjectReader } from './objects/object.ts';
import { createRandom } from './objects/random.ts';
import { createStore, type ObjectStore } from './objects/store.ts';
import { createWriter, type ObjectWriter } from './objects/writer.ts';

export interface ControlPlaneOptions {
  clock: Clock;
  randomBytes: RandomBytes;
  kinds: KindRegistry;
  /** Called once, with the store to read. */
  createRuntime(objects: ObjectReader): ContainerRuntime & { dispose(): void };
}

/** Store, API server and controllers of one cluster, running. */
export interface ControlPlane {
  store: ObjectStore;
  writer: ObjectWriter;
  api: ApiServer;
  /** Ends pods, watches and connections. */
  dispose(): void;
}

export function createControlPlane({ clock, randomBytes, kinds, createRuntime }: ControlPlaneOptions): ControlPlane {
  const random = createRandom(randomBytes);
  const store = createStore();
  const admission = [admitSidecar(injectSidecar), admitServiceAccount, admitPodDefaults];
  const writer = createWriter({ store, clock, random, admission });
  const events = createEventRecorder({ store, clock, random });
  const deps: ControllerDeps = { store, writer, kinds, clock, random, events };
  bootstrap(deps);
  const runtime = createRuntime(store);
  const kubelet = createKubelet({ ...deps, runtime });
  const controllers: Controller[] = [
    createNamespaceContents(deps, {}),
    createNamespaceDeletion(deps),
    createGarbageCollector(deps),
    createDeploymentController(deps),
    createReplicaSetController(deps),
    createScheduler(deps),
    createEndpointsController(deps),
    kubelet,
  ];
  const api = createApiServer({ store, writer, kinds, clock, pods: kubelet.access });
  return {
    store,
    writer,
    api,
    dispose() {
      api.dispose();
      for (const controller of controllers) controller.dispose();
      runtime.dispose();
      store.dispose();
    },
  };
}
