import type { ServiceTable } from '../network/services.ts';
import type { ObjectReader } from '../objects/object.ts';
import {
  indexAuthenticationPolicies,
  modeOfPolicy,
  namespacePolicyIn,
  policyIn,
  type AuthenticationPolicy,
  type AuthenticationPolicyIndex,
} from './authentication-policy.ts';
import { logWriters, type LogMode, type LogWriter, type TelemetryObject } from './access-logging.ts';
import type { Era } from './era.ts';
import { createLiveSettings } from './live-settings.ts';
import type { MeshSettings } from './mesh-settings.ts';
import { originRequirement } from './origin-authentication.ts';
import { policiesFor, type AuthorizationPolicy } from './authorization-policy.ts';
import { withDelegates } from './delegates.ts';
import type { MeshService } from './destination.ts';
import { entryServices, type ServiceEntry } from './service-entry.ts';
import { findDestinationRule, findMeshWideRule, type DestinationRule, type MergedRule } from './destination-rule.ts';
import type { Gateway } from './gateway.ts';
import { createLiveList, type LiveList } from './live-list.ts';
import {
  indexPolicies,
  modeIn,
  type EffectiveMode,
  type MutualTlsMode,
  type PeerAuthentication,
  type PolicyIndex,
} from './peer-authentication.ts';
import { jwtRulesFor, type RequestAuthentication, type TokenRequirement } from './request-authentication.ts';
import { serviceOfPort } from './service-protocol.ts';
import {
  importsRoutes,
  isTold,
  routedHosts,
  scopeOf,
  sidecarFor,
  type SidecarResource,
  type SidecarScope,
} from './sidecar-scope.ts';
import { isExported, isVisible } from './visibility.ts';
import { findForMesh, namespaceOf, type VirtualService } from './virtual-service.ts';
import type { Verdict } from './verdict-log.ts';
import type { Workload } from './workload.ts';
import type { KubernetesObject } from '../objects/object.ts';

export const ROOT_NAMESPACE = 'istio-system';

/** What of {@link MeshConfig.registryOnly} a verdict names. */
export function blockedBy(policy: string): Pick<Verdict, 'kind' | 'policy'> {
  return { kind: policy === MESH_CONFIG ? null : 'Sidecar', policy };
}

/** The ConfigMap with the settings of the mesh, in its entry `mesh`. */
const MESH_CONFIG = `${ROOT_NAMESPACE}/istio`;

/** What the objects of the mesh say now, remembered until one of them changes. */
export interface MeshConfig {
  /** What a server demands of its clients at a container port. */
  serverMode(workload: Workload, port: number): EffectiveMode;
  /** Whether clients without a DestinationRule's word speak mutual TLS to this port of a service's endpoint. */
  isAutomatic(server: Workload, port: number, serviceNamespace: string): boolean;
  /** Whether clients find out by themselves where mutual TLS is spoken. */
  readonly automaticMutualTls: boolean;
  /** How a workload's proxy writes its requests to its output; empty where it does not. */
  logWriters(workload: Workload, mode: LogMode): readonly LogWriter[];
  /** What is said for a whole namespace, and for the whole mesh where the name is empty. */
  namespacePolicy(namespace: string): EffectiveMode;
  /** What clients expect of a whole namespace. */
  namespaceMode(namespace: string): MutualTlsMode;
  destinationRule(client: Workload, host: string, serviceNamespace: string | null): MergedRule | null;
  authorizationPolicies(workload: Workload): readonly AuthorizationPolicy[];
  /** Which tokens a container port takes. */
  tokens(workload: Workload, port: number): TokenRequirement;
  virtualServiceFor(client: Workload, host: string): VirtualService | null;
  /** Oldest first, those that are exported to a proxy's namespace. */
  virtualServices(namespace: string): readonly VirtualService[];
  /** Oldest first. */
  gateways(): readonly Gateway[];
  /** Hosts of ServiceEntries, those of the oldest first. */
  entryServices(): readonly MeshService[];
  /** Whether a workload's proxy is told of a service or a host: by Sidecar objects, and by whom it is exported to. */
  knows(workload: Workload, service: MeshService): boolean;
  /** The Sidecar object, or the mesh's ConfigMap, that keeps a workload to registered hosts, as `namespace/name`; null where all may be called. */
  registryOnly(workload: Workload): string | null;
  dispose(): void;
}

/** The Sidecar object that counts for a workload, and what it tells. */
interface KnownScope {
  object: SidecarResource | undefined;
  scope: SidecarScope | null;
  /** Equal for equal scopes; 0 where everything is told. */
  number: number;
}

export function createMeshConfig({
  objects,
  services,
  era,
}: {
  objects: ObjectReader;
  /** Policies of v1alpha1 name services. */
  services: Pick<ServiceTable, 'inNamespace'>;
  era: Era;
}): MeshConfig {
  const lists: LiveList<KubernetesObject>[] = [];
  const live = <T extends KubernetesObject>(resource: string): LiveList<T> => {
    const list = createLiveList<T>(objects, resource);
    lists.push(list as unknown as LiveList<KubernetesObject>);
    return list;
  };
  const peers = live<PeerAuthentication>('peerauthentications.security.istio.io');
  const policies = live<AuthenticationPolicy>('policies.authentication.istio.io');
  const meshPolicies = live<AuthenticationPolicy>('meshpolicies.authentication.istio.io');
  const authorizations = live<AuthorizationPolicy>('authorizationpolicies.security.istio.io');
  const authentications = live<RequestAuthentication>('requestauthentications.security.istio.io');
  const rules = live<DestinationRule>('destinationrules.networking.istio.io');
  const routes = live<VirtualService>('virtualservices.networking.istio.io');
  const gateways = live<Gateway>('gateways.networking.istio.io');
  const sidecars = live<SidecarResource>('sidecars.networking.istio.io');
  const entries = live<ServiceEntry>('serviceentries.networking.istio.io');
  const telemetries = live<TelemetryObject>('telemetries.telemetry.istio.io');

  const settings = createLiveSettings(objects, ROOT_NAMESPACE, era);
  // Asked for with every request: kept by workload until one of the two changes.
  let written: {
    settings: MeshSettings;
    telemetries: readonly TelemetryObject[];
    writers: WeakMap<Workload, Partial<Record<LogMode, readonly LogWriter[]>>>;
  } | null = null;
  const writersOf = (workload: Workload): Partial<Record<LogMode, readonly LogWriter[]>> => {
    const [now, all] = [settings.now(), telemetries.all()];
    if (written === null || written.settings !== now || written.telemetries !== all) {
      written = { settings: now, telemetries: all, writers: new WeakMap() };
    }
    let own = written.writers.get(workload);
    if (own === undefined) written.writers.set(workload, (own = {}));
    return own;
  };

  const peersOf = (namespace: string): PolicyIndex =>
    peers.cached(`in ${namespace}`, (all) => indexPolicies(all, namespace, ROOT_NAMESPACE));

  const exportedRoutes = (namespace: string): readonly VirtualService[] =>
    routes.cached(`exported to ${namespace}`, () =>
      routes
        .cached('', withDelegates)
        .filter((service) => isVisible(service.spec?.exportTo, namespaceOf(service), namespace)),
    );

  let lastScope = 0;
  const everything: KnownScope = { object: undefined, scope: null, number: 0 };
  const sidecarOf = (workload: Workload): KnownScope => {
    if (sidecars.all().length === 0) return everything;
    return sidecars.cached(workload.isGateway ? 'gateway' : workload.selectionKey, (all) => {
      const object = sidecarFor(all, workload, ROOT_NAMESPACE);
      const scope = scopeOf(object, workload.namespace);
      return { object, scope, number: scope === null ? 0 : (lastScope += 1) };
    });
  };
  const routedFrom = (workload: Workload, scope: SidecarScope): ReadonlySet<string> =>
    routes.cached(`from ${sidecarOf(workload).number}`, () => routedHosts(scope, exportedRoutes(workload.namespace)));

  const selectsServices = era.serverPolicies === 'Policy';

  const policyIndex = (): AuthenticationPolicyIndex => policies.cached('index', indexAuthenticationPolicies);

  /** The one of v1alpha1 that counts for a container port; null where none does, or where no service leads to it. */
  const policyOf = (workload: Workload, containerPort: number): AuthenticationPolicy | null => {
    const candidates = services.inNamespace(workload.namespace);
    const target = serviceOfPort(candidates, workload.labels, containerPort, workload.portNames);
    if (target === undefined) return null;
    return policyIn(policyIndex(), meshPolicies.all(), target.service, target.port);
  };
  const namespaceMode = (namespace: string): EffectiveMode =>
    selectsServices
      ? modeOfPolicy(namespacePolicyIn(policyIndex(), meshPolicies.all(), namespace))
      : peers.cached(`of ${namespace}`, () => modeIn(peersOf(namespace), {}, null));
  const serverMode = (workload: Workload, port: number): EffectiveMode =>
    selectsServices
      ? modeOfPolicy(policyOf(workload, port))
      : peers.cached(`${workload.selectionKey} ${port}`, () =>
          modeIn(peersOf(workload.namespace), workload.labels, port),
        );

  return {
    serverMode,
    get automaticMutualTls() {
      return settings.now().automaticMutualTls;
    },
    logWriters: (workload, mode) =>
      (writersOf(workload)[mode] ??= logWriters(telemetries.all(), settings.now(), workload, mode, {
        rootNamespace: ROOT_NAMESPACE,
        format: era.accessLog,
      })),
    namespacePolicy: namespaceMode,
    namespaceMode: (namespace) => namespaceMode(namespace).mode,
    isAutomatic: (server, port, serviceNamespace) =>
      settings.now().automaticMutualTls &&
      server.labels['security.istio.io/tlsMode'] === 'istio' &&
      namespaceMode(serviceNamespace).mode !== 'DISABLE' &&
      (era.automaticMutualTls !== 'by-workload' || serverMode(server, port).mode !== 'DISABLE'),
    destinationRule: (client, host, serviceNamespace) =>
      era.destinationRules === 'mesh-wide'
        ? rules.cached(host, (all) => findMeshWideRule(all, host))
        : rules.cached(`${client.selectionKey} ${host} ${serviceNamespace ?? ''}`, (all) =>
            findDestinationRule(all, client, host, serviceNamespace, ROOT_NAMESPACE),
          ),
    authorizationPolicies: (workload) =>
      authorizations.cached(workload.selectionKey, (all) => policiesFor(all, workload, ROOT_NAMESPACE)),
    tokens: (workload, port) =>
      selectsServices
        ? originRequirement(policyOf(workload, port))
        : authentications.cached(workload.selectionKey, (all) => ({
            by: 'RequestAuthentication',
            rules: jwtRulesFor(all, workload, ROOT_NAMESPACE),
          })),
    virtualServiceFor: (client, host) => {
      const { scope, number } = sidecarOf(client);
      return routes.cached(`${number} ${client.namespace} ${host}`, () => {
        const all = exportedRoutes(client.namespace);
        const told = scope === null ? all : all.filter((service) => importsRoutes(scope, service));
        return findForMesh(told, client.namespace, host);
      });
    },
    virtualServices: exportedRoutes,
    gateways: () => gateways.all(),
    entryServices: () => entries.cached('', entryServices),
    registryOnly(workload) {
      const sidecar = sidecarOf(workload).object;
      const mode = sidecar?.spec?.outboundTrafficPolicy?.mode;
      if (sidecar !== undefined && mode !== undefined) {
        return mode === 'REGISTRY_ONLY' ? `${sidecar.metadata.namespace ?? ''}/${sidecar.metadata.name}` : null;
      }
      return settings.now().registryOnly ? MESH_CONFIG : null;
    },
    knows(workload, service) {
      if (!isExported(service, workload.namespace)) return false;
      const { scope } = sidecarOf(workload);
      return scope === null || isTold(scope, routedFrom(workload, scope), service);
    },
    dispose() {
      settings.dispose();
      for (const list of lists) list.dispose();
    },
  };
}
