import type { Clock, RandomBytes } from '../clock.ts';
import type { Network, PodNetwork } from '../network/network.ts';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { ADMIN_PORT, envoyPages } from './admin/envoy-admin.ts';
import { DEBUG_PORTS, INJECTION_PORT, isControlPlane, istiodPages } from './admin/istiod-pages.ts';
import { servePages } from './admin/serve-pages.ts';
import type { Subject } from './admin/subject.ts';
import type { AccessLogEntry } from './access-log.ts';
import type { LogMode } from './access-logging.ts';
import { createAuthority, type Authority } from './authority.ts';
import type { Identity } from './certificate.ts';
import { eraOf, type Era } from './era.ts';
import { GatewayProxy } from './gateway-proxy.ts';
import { injectSidecar } from './injection.ts';
import { JwksCache } from './jwks-cache.ts';
import { createMeshConfig, ROOT_NAMESPACE, type MeshConfig } from './mesh-config.ts';
import { ProxyStats } from './proxy-stats.ts';
import { MutualTls } from './mutual-tls.ts';
import { policyPath } from './peer-authentication.ts';
import { probesOf } from './probe-rewriting.ts';
import { Sidecar, type Reports } from './sidecar.ts';
import { createMeshObserver, type MeshObserver } from './telemetry/mesh-observer.ts';
import { serveStats } from './telemetry/stats-server.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { AuditLog, VerdictLog } from './verdict-log.ts';
import { workloadOf, type Workload } from './workload.ts';

/** Whose objects decide what servers demand. */
const POLICIES = [
  'peerauthentications.security.istio.io',
  'policies.authentication.istio.io',
  'meshpolicies.authentication.istio.io',
];

/** The service mesh of one cluster. */
export interface Mesh {
  /** Which Istio it is. */
  readonly era: Era;
  readonly authority: Authority;
  /** Connections that the mesh refused, and by which rule. */
  readonly verdicts: VerdictLog;
  /** What AUDIT policies wanted to be told. */
  readonly audits: AuditLog;
  /** The pod as it is stored now: labels may have changed since its sandbox was made. */
  workload(pod: KubernetesObject): Workload;
  /** What the objects say now. */
  readonly config: MeshConfig;
  readonly keySets: JwksCache;
  /** Its graph and its metrics. */
  readonly observer: MeshObserver;
  /** Puts a sidecar between the pod and the network when it has one. `log` takes lines of its access log. */
  attach(pod: KubernetesObject, network: PodNetwork, log: (line: string) => void): { dispose(): void } | null;
  dispose(): void;
}

export function createMesh(deps: {
  objects: ObjectReader;
  clock: Clock;
  randomBytes: RandomBytes;
  network: Network;
  /** Default today's. */
  era?: Era;
}): Mesh {
  const { objects, era = eraOf() } = deps;
  const config = createMeshConfig({ objects, services: deps.network.services, era });
  const authority = createAuthority({ ...deps, certificates: era.certificates });
  const verdicts = new VerdictLog();
  const telemetry = new Telemetry(deps);
  verdicts.follow((verdict) => telemetry.judged(verdict));
  const sidecars = new Set<Sidecar | GatewayProxy>();
  const subjects = new Set<Subject>();
  const workloads = new WeakMap<KubernetesObject, Workload>();
  const stopWatching: (() => void)[] = [];
  // A changed policy ends idle connections, so that the next request is judged anew.
  const watchPolicies = (): void => {
    if (stopWatching.length > 0) return;
    for (const resource of POLICIES) {
      const closeIdle = (): void => {
        for (const sidecar of sidecars) sidecar.closeIdleConnections();
      };
      stopWatching.push(objects.watch(resource, closeIdle));
    }
  };

  const serveControlPlane = (network: PodNetwork): (() => void) => {
    const pages = istiodPages(
      mesh,
      objects,
      () => subjects,
      (pod) => injectAnyway(pod, era),
    );
    const closers = DEBUG_PORTS.map((port) =>
      servePages(network, { port, loopbackOnly: false, identity: null }, pages),
    );
    const identity = (): Identity => authority.issue(ROOT_NAMESPACE, 'istiod');
    closers.push(servePages(network, { port: INJECTION_PORT, loopbackOnly: false, identity }, pages));
    return () => {
      for (const close of closers.splice(0)) close();
    };
  };

  const mesh: Mesh = {
    era,
    authority,
    verdicts,
    audits: new AuditLog(),
    config,
    keySets: new JwksCache(deps.clock, objects),
    observer: createMeshObserver({
      ...deps,
      telemetry,
      serverOf(namespace) {
        const { mode, policy } = config.namespacePolicy(namespace);
        return policy && { mode, by: `${policy.kind} ${policyPath(policy)}` };
      },
      automatic: () => config.automaticMutualTls,
      rulesOfAllNamespaces: era.destinationRules === 'mesh-wide',
      // Mixer counted as long as Citadel signed.
      text: { release: era.release, mixer: era.certificates.delivery === 'files' },
    }),
    workload(pod) {
      const stored = deps.objects.get('pods', pod.metadata.namespace, pod.metadata.name);
      const current = stored !== undefined && stored.metadata.uid === pod.metadata.uid ? stored : pod;
      let workload = workloads.get(current);
      if (workload === undefined) workloads.set(current, (workload = workloadOf(current)));
      return workload;
    },
    attach(pod, network, log) {
      const workload = workloadOf(pod);
      if (isControlPlane(pod)) return { dispose: serveControlPlane(network) };
      if (!workload.hasSidecar) return null;
      watchPolicies();
      const logAccess = (entry: AccessLogEntry, mode: LogMode): void => {
        for (const { admits, line } of config.logWriters(mesh.workload(pod), mode)) {
          if (admits(entry)) log(line(entry));
        }
      };
      const reportsAs = (mode: LogMode): Reports => ({
        logAccess: (entry) => logAccess(entry, mode),
        record(entry) {
          logAccess(entry, mode);
          telemetry.record(pod, entry);
        },
        opened(entry, bytes) {
          const close = telemetry.opened(pod, entry, bytes);
          return (last) => {
            logAccess(last, mode);
            close();
          };
        },
      });
      const closeStats = serveStats(network, () => mesh.observer.metrics(pod), probesOf(pod));
      const own = { workload, pod, podNetwork: network, stats: new ProxyStats(), log };
      const context = { ...deps, mesh, ...own, ...reportsAs('CLIENT') };
      const tls = new MutualTls(authority, deps.clock, workload, era.tlsVersion);
      const sidecar = workload.isGateway
        ? new GatewayProxy(context, tls)
        : new Sidecar(context, tls, reportsAs('SERVER'));
      sidecars.add(sidecar);
      network.capture = sidecar;
      const subject: Subject = { context, tls, era, isEjected: (...what) => sidecar.isEjected(...what) };
      subjects.add(subject);
      const pages = envoyPages(subject, () => mesh.observer.metrics(pod));
      const closeAdmin = servePages(network, { port: ADMIN_PORT, loopbackOnly: true, identity: null }, pages);
      return {
        dispose() {
          sidecars.delete(sidecar);
          subjects.delete(subject);
          closeAdmin();
          closeStats();
          sidecar.dispose();
        },
      };
    },
    dispose() {
      for (const stop of stopWatching) stop();
      config.dispose();
      for (const sidecar of sidecars) sidecar.dispose();
      sidecars.clear();
    },
  };
  return mesh;
}

/** As the injector does for `istioctl kube-inject`: whatever the namespace says. */
function injectAnyway(pod: KubernetesObject, era: Era): KubernetesObject {
  const name = pod.metadata.namespace ?? 'default';
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'istio-injection': 'enabled' } },
  };
  return injectSidecar(pod, namespace, { ...era, injection: { ...era.injection, by: 'namespace-label' } });
}
