import { createContainerRuntime } from './containers/create-runtime.ts';
import { createControlPlane, type ControlPlane } from './control-plane.ts';
import { type Cluster, type ClusterOptions } from './index.ts';
import type { MeshObserver } from './mesh/telemetry/mesh-observer.ts';
import type { VerdictLog } from './mesh/verdict-log.ts';
import { createFrontDoor, type FrontDoor } from './network/front-door.ts';
import { applyObject } from './objects/apply.ts';
import { resourceKeyOf } from './objects/kinds/kind.ts';
import { createKindRegistry } from './objects/kinds/registry.ts';
import { OPENSHIFT_KINDS } from './openshift/openshift.ts';

/** A cluster that comes to life with the first question: until then it holds nothing and runs nothing. */
export function createCluster(options: ClusterOptions): Cluster {
  const kinds = createKindRegistry(options.istio);
  if (options.openshift) for (const kind of OPENSHIFT_KINDS) kinds.add(kind);
  let running: ControlPlane | undefined;
  let frontDoor: FrontDoor | undefined;
  let observer: MeshObserver | undefined;
  let verdicts: VerdictLog | undefined;
  let disposed = false;
  const live = (): ControlPlane => {
    if (disposed) throw new Error('the cluster was disposed of');
    running ??= createControlPlane({
      ...options,
      kinds,
      createNode(objects, tokens) {
        const runtime = createContainerRuntime({ ...options, objects, tokens });
        frontDoor = createFrontDoor(objects, runtime.network);
        if (options.mesh !== false) ({ observer, verdicts } = runtime.mesh);
        return {
          runtime,
          listen: (port, accept) => void runtime.network.listenOnNode(port, accept),
          metrics: () => observer?.metrics() ?? '',
          meshIdentities: {
            identity: (namespace, serviceAccount) => runtime.mesh.authority.issue(namespace, serviceAccount),
            root: () => runtime.mesh.authority.root().certificatePem,
          },
          dispose: () => runtime.dispose(),
        };
      },
    });
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
    resources: () => live().store.resources(),
    watch: (resource, listener) => live().store.watch(resource, listener),
    findResource(word) {
      const kind = kinds.byWord(word);
      return kind && { resource: resourceKeyOf(kind), kind: kind.kind, namespaced: kind.namespaced };
    },
    dial(host, port, signal) {
      live();
      return frontDoor?.dial(host, port, signal) ?? null;
    },
    ingressAddress() {
      live();
      return frontDoor?.ingressAddress() ?? null;
    },
    meshGraph(windowSeconds) {
      live();
      return observer?.graph(windowSeconds) ?? null;
    },
    onVerdict(listener) {
      live();
      return verdicts?.follow(listener) ?? (() => undefined);
    },
    metrics() {
      live();
      return observer?.metrics() ?? '';
    },
    dispose() {
      disposed = true;
      running?.dispose();
      running = undefined;
    },
  };
}
