import { type Duplex } from 'node:stream';
import { API_PORT, createSecurePort } from './api/secure-port.ts';
import { createApiServer, type ApiServer } from './api/server.ts';
import { bootstrap } from './bootstrap.ts';
import { type Clock, type RandomBytes } from './clock.ts';
import { type ContainerRuntime } from './containers/runtime.ts';
import { type Controller, type ControllerDeps } from './controllers/controller.ts';
import { createCitadel, type WorkloadIdentities } from './controllers/citadel.ts';
import { createCustomResourceDefinitions } from './controllers/custom-resource-definitions.ts';
import { createCronJobController } from './controllers/cron-jobs.ts';
import { createDaemonSetController } from './controllers/daemon-sets.ts';
import { createDeploymentController } from './controllers/deployments.ts';
import { createEndpointsController } from './controllers/endpoints.ts';
import { createEventRecorder } from './controllers/event-recorder.ts';
import { createGarbageCollector } from './controllers/garbage-collector.ts';
import { createJobController } from './controllers/jobs.ts';
import { createLoadBalancerController } from './controllers/load-balancers.ts';
import { createKubelet } from './controllers/kubelet/kubelet.ts';
import { createNamespaceContents, createNamespaceDeletion } from './controllers/namespaces.ts';
import { createReplicaSetController } from './controllers/replica-sets.ts';
import { createReplicationControllerController } from './controllers/replication-controllers.ts';
import { createResourceQuotaController } from './controllers/resource-quotas.ts';
import { createScheduler } from './controllers/scheduler.ts';
import { createStatefulSetController } from './controllers/stateful-sets.ts';
import { createVolumeController } from './controllers/volumes.ts';
import { type IstioVersion } from './istio-version.ts';
import { eraOf } from './mesh/era.ts';
import { injectSidecar } from './mesh/injection.ts';
import { injectorSettings } from './mesh/injector-settings.ts';
import { istioValidation } from './mesh/validation/istio-validation.ts';
import { admitPodDefaults, admitServiceAccount, admitSidecar } from './objects/admission.ts';
import { type KindRegistry } from './objects/kinds/registry.ts';
import { type ObjectReader } from './objects/object.ts';
import { admitWithinQuota } from './objects/quota.ts';
import { createRandom } from './objects/random.ts';
import { createStore, type ObjectStore } from './objects/store.ts';
import { createWriter, type ObjectWriter } from './objects/writer.ts';
import { createOpenShift } from './openshift/openshift.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from './service-account-tokens.ts';

export interface ControlPlaneOptions {
  clock: Clock;
  randomBytes: RandomBytes;
  kinds: KindRegistry;
  /** As in `ClusterOptions`. Default true. */
  mesh?: boolean;
  /** As in `ClusterOptions`; `kinds` must have its kinds. Default `current`. */
  istio?: IstioVersion;
  /** As in `ClusterOptions`; `kinds` must then have its kinds. Default false. */
  openshift?: boolean;
  /** Called once, with the store to read, and who signs tokens for pods. */
  createNode(objects: ObjectReader, tokens: ServiceAccountTokens): NodeRuntime;
}

/** What runs containers, and the mesh around them. */
export interface NodeRuntime {
  runtime: ContainerRuntime;
  /** What the mesh's authority signs. Asked for when somebody needs it first. */
  meshIdentities: WorkloadIdentities;
  /** Takes connections to a port of the node. */
  listen(port: number, accept: (connection: Duplex) => void): void;
  /** Metrics of the mesh in Prometheus' text format. */
  metrics(): string;
  dispose(): void;
}

/** Store, API server and controllers of one cluster, running. */
export interface ControlPlane {
  store: ObjectStore;
  writer: ObjectWriter;
  api: ApiServer;
  /** Ends pods, watches and connections. */
  dispose(): void;
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { clock, randomBytes, kinds, createNode, mesh = true, istio, openshift: isOpenShift = false } = options;
  const era = mesh ? eraOf(istio) : null;
  const random = createRandom(randomBytes);
  const store = createStore();
  const admission = [
    ...(era
      ? [admitSidecar((pod, namespace) => injectSidecar(pod, namespace, era, injectorSettings(store, era)))]
      : []),
    admitServiceAccount,
    admitPodDefaults,
    admitWithinQuota,
  ];
  const writer = createWriter({
    store,
    clock,
    random,
    admission,
    ...(era ? { validate: istioValidation(era) } : {}),
  });
  const events = createEventRecorder({ store, clock, random });
  const deps: ControllerDeps = { store, writer, kinds, clock, random, events };
  bootstrap(deps, { era });
  const tokens = createServiceAccountTokens({ objects: store, clock, randomBytes });
  const node = createNode(store, tokens);
  const openshift = isOpenShift
    ? createOpenShift(deps, {
        inspectImage: (image) => node.runtime.inspectImage(image),
        // Istio of that time ran on OpenShift 3.11.
        isVersion3: istio === '1.0' || istio === '1.1',
      })
    : undefined;
  const securePort = createSecurePort({ clock, randomBytes, tokens, api: () => api });
  node.listen(API_PORT, (connection) => securePort.accept(connection));
  const kubelet = createKubelet({ ...deps, runtime: node.runtime });
  const controllers: Controller[] = [
    createNamespaceContents(deps, {
      'kube-root-ca.crt': () => ({ 'ca.crt': securePort.rootPem() }),
      ...(era?.certificates.delivery === 'sds'
        ? { 'istio-ca-root-cert': () => ({ 'root-cert.pem': node.meshIdentities.root() }) }
        : {}),
    }),
    createCustomResourceDefinitions(deps),
    createNamespaceDeletion(deps),
    createGarbageCollector(deps),
    createDeploymentController(deps),
    createReplicaSetController(deps),
    createReplicationControllerController(deps),
    createStatefulSetController(deps),
    createDaemonSetController(deps),
    createJobController(deps),
    createCronJobController(deps),
    createResourceQuotaController(deps),
    createLoadBalancerController(deps),
    createScheduler(deps),
    createVolumeController(deps),
    createEndpointsController(deps),
    ...(era?.certificates.delivery === 'files' ? [createCitadel(deps, node.meshIdentities)] : []),
    ...(openshift ? [openshift] : []),
    kubelet,
  ];
  const api = createApiServer({
    store,
    writer,
    kinds,
    clock,
    random,
    tokens,
    pods: kubelet.access,
    answers: openshift?.answers,
    administrator: openshift?.administrator,
    metrics: () => node.metrics(),
  });
  return {
    store,
    writer,
    api,
    dispose() {
      securePort.dispose();
      api.dispose();
      for (const controller of controllers) controller.dispose();
      node.dispose();
      store.dispose();
    },
  };
}
