import { createApiServer, type ApiServer } from './api/server.ts';
import { bootstrap } from './bootstrap.ts';
import { createContainerRuntime } from './containers/create-runtime.ts';
import { type Controller, type ControllerDeps } from './controllers/controller.ts';
import { createDeploymentController } from './controllers/deployments.ts';
import { createEndpointsController } from './controllers/endpoints.ts';
import { createEventRecorder } from './controllers/event-recorder.ts';
import { createGarbageCollector } from './controllers/garbage-collector.ts';
import { createKubelet } from './controllers/kubelet/kubelet.ts';
import { createNamespaceContents, createNamespaceDeletion } from './controllers/namespaces.ts';
import { createReplicaSetController } from './controllers/replica-sets.ts';
import { createScheduler } from './controllers/scheduler.ts';
import { type Cluster, type ClusterOptions } from './index.ts';
import { injectSidecar } from './mesh/injection.ts';
import { admitPodDefaults, admitServiceAccount, admitSidecar } from './objects/admission.ts';
import { applyObject } from './objects/apply.ts';
import { createKindRegistry } from './objects/kinds/registry.ts';
import { resourceKeyOf } from './objects/kinds/kind.ts';
import { createRandom } from './objects/random.ts';
import { createStore, type ObjectStore } from './objects/store.ts';
import { createWriter, type ObjectWriter } from './objects/writer.ts';

// The kinds are the same for every cluster of the process.
const kinds = createKindRegistry();

interface Running {
  store: ObjectStore;
  writer: ObjectWriter;
  api: ApiServer;
  dispose(): void;
}

/** A cluster that comes to life with the first question: until then it holds nothing and runs nothing. */
export function createCluster(options: ClusterOptions): Cluster {
  let running: Running | undefined;
  let disposed = false;
  const live = (): Running => {
    if (disposed) throw new Error('the cluster was disposed of');
    running ??= start(options);
    return running;
  };

  return {
    handleRequest(request, response) {
      if (disposed) return void response.writeHead(503).end();
      live().api.handleRequest(request, response);
    },
    handleUpgrade(request, socket, head) {
      if (disposed) return void socket.destroy();
      live().api.handleUpgrade(request, socket, head);
    },
    apply(objects) {
      for (const object of objects) applyObject({ ...live(), clock: options.clock }, kinds, object);
    },
    get: (resource, namespace, name) => live().store.get(resource, namespace, name),
    list: (resource, namespace) => live().store.list(resource, namespace),
    watch: (resource, listener) => live().store.watch(resource, listener),
    findResource(word) {
      const kind = kinds.byWord(word);
      return kind && { resource: resourceKeyOf(kind), kind: kind.kind, namespaced: kind.namespaced };
    },
    dispose() {
      disposed = true;
      running?.dispose();
      running = undefined;
    },
  };
}

function start({ clock, randomBytes }: ClusterOptions): Running {
  const random = createRandom(randomBytes);
  const store = createStore();
  const admission = [admitSidecar(injectSidecar), admitServiceAccount, admitPodDefaults];
  const writer = createWriter({ store, clock, random, admission });
  const events = createEventRecorder({ store, clock, random });
  const deps: ControllerDeps = { store, writer, kinds, clock, random, events };
  bootstrap(deps);
  const runtime = createContainerRuntime({ objects: store, clock, randomBytes });
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
