import type { ObjectReader } from '../objects/object.ts';
import { policiesFor, type AuthorizationPolicy } from './authorization-policy.ts';
import { findDestinationRule, type DestinationRule, type MergedRule } from './destination-rule.ts';
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
import { jwtRulesFor, type NamedJwtRule, type RequestAuthentication } from './request-authentication.ts';
import { findForMesh, type VirtualService } from './virtual-service.ts';
import type { Workload } from './workload.ts';
import type { KubernetesObject } from '../objects/object.ts';
import { selects } from './workload-selector.ts';

export const ROOT_NAMESPACE = 'istio-system';

interface SidecarResource extends KubernetesObject {
  spec?: { workloadSelector?: { labels?: Record<string, string> }; outboundTrafficPolicy?: { mode?: string } };
}

/** What the objects of the mesh say now, remembered until one of them changes. */
export interface MeshConfig {
  serverMode(workload: Workload, port: number): EffectiveMode;
  /** What clients expect of a whole namespace. */
  namespaceMode(namespace: string): MutualTlsMode;
  destinationRule(client: Workload, host: string, serviceNamespace: string | null): MergedRule | null;
  authorizationPolicies(workload: Workload): readonly AuthorizationPolicy[];
  jwtRules(workload: Workload): readonly NamedJwtRule[];
  virtualServiceFor(client: Workload, host: string): VirtualService | null;
  /** Oldest first. */
  virtualServices(): readonly VirtualService[];
  /** Oldest first. */
  gateways(): readonly Gateway[];
  /** The Sidecar object that keeps a workload to registered hosts, as `namespace/name`; null where all may be called. */
  registryOnly(workload: Workload): string | null;
  dispose(): void;
}

export function createMeshConfig(objects: ObjectReader): MeshConfig {
  const lists: LiveList<KubernetesObject>[] = [];
  const live = <T extends KubernetesObject>(resource: string): LiveList<T> => {
    const list = createLiveList<T>(objects, resource);
    lists.push(list as unknown as LiveList<KubernetesObject>);
    return list;
  };
  const peers = live<PeerAuthentication>('peerauthentications.security.istio.io');
  const authorizations = live<AuthorizationPolicy>('authorizationpolicies.security.istio.io');
  const authentications = live<RequestAuthentication>('requestauthentications.security.istio.io');
  const rules = live<DestinationRule>('destinationrules.networking.istio.io');
  const routes = live<VirtualService>('virtualservices.networking.istio.io');
  const gateways = live<Gateway>('gateways.networking.istio.io');
  const sidecars = live<SidecarResource>('sidecars.networking.istio.io');
  const peersOf = (namespace: string): PolicyIndex =>
    peers.cached(`in ${namespace}`, (all) => indexPolicies(all, namespace, ROOT_NAMESPACE));

  return {
    serverMode: (workload, port) =>
      peers.cached(`${workload.selectionKey} ${port}`, () =>
        modeIn(peersOf(workload.namespace), workload.labels, port),
      ),
    namespaceMode: (namespace) => modeIn(peersOf(namespace), {}, null).mode,
    destinationRule: (client, host, serviceNamespace) =>
      rules.cached(`${client.selectionKey} ${host} ${serviceNamespace ?? ''}`, (all) =>
        findDestinationRule(all, client, host, serviceNamespace, ROOT_NAMESPACE),
      ),
    authorizationPolicies: (workload) =>
      authorizations.cached(workload.selectionKey, (all) => policiesFor(all, workload, ROOT_NAMESPACE)),
    jwtRules: (workload) =>
      authentications.cached(workload.selectionKey, (all) => jwtRulesFor(all, workload, ROOT_NAMESPACE)),
    virtualServiceFor: (client, host) =>
      routes.cached(`${client.namespace} ${host}`, (all) => findForMesh(all, client.namespace, host)),
    virtualServices: () => routes.all(),
    gateways: () => gateways.all(),
    registryOnly: (workload) =>
      sidecars.cached(workload.selectionKey, (all) => {
        const own = all.filter(({ metadata }) => metadata.namespace === workload.namespace);
        // The one that selects the workload, then its namespace's, then the mesh's (push_context.go, getSidecarScope).
        const chosen =
          own.find(
            ({ spec }) =>
              spec?.workloadSelector !== undefined && selects(spec.workloadSelector.labels, workload.labels),
          ) ??
          own.find(({ spec }) => spec?.workloadSelector === undefined) ??
          all.find(
            ({ metadata, spec }) => metadata.namespace === ROOT_NAMESPACE && spec?.workloadSelector === undefined,
          );
        return chosen?.spec?.outboundTrafficPolicy?.mode === 'REGISTRY_ONLY'
          ? `${chosen.metadata.namespace ?? ''}/${chosen.metadata.name}`
          : null;
      }),
    dispose() {
      for (const list of lists) list.dispose();
    },
  };
}
