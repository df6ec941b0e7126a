import { type ApiList, type ApiObject, type ObjectMeta } from '../kubectl/api/object.ts';
import { resourcePath, type Resource } from '../kubectl/api/resource.ts';
import { isNotFound } from '../kubectl/errors.ts';
import type { Session } from '../kubectl/session.ts';

/** An object as the API gives it. */
export interface KubernetesObject extends ApiObject {
  metadata: ObjectMeta & { name: string };
}

function kind(group: string, version: string, name: string, kind: string, namespaced = true): Resource {
  const singular = kind.toLowerCase();
  return { group, version, name, singular, kind, namespaced, verbs: [], shortNames: [], categories: [] };
}

/** What istioctl reads. Of Istio's kinds the version that every release since has served. */
export const KINDS = {
  namespaces: kind('', 'v1', 'namespaces', 'Namespace', false),
  pods: kind('', 'v1', 'pods', 'Pod'),
  services: kind('', 'v1', 'services', 'Service'),
  secrets: kind('', 'v1', 'secrets', 'Secret'),
  configMaps: kind('', 'v1', 'configmaps', 'ConfigMap'),
  deployments: kind('apps', 'v1', 'deployments', 'Deployment'),
  destinationRules: kind('networking.istio.io', 'v1alpha3', 'destinationrules', 'DestinationRule'),
  virtualServices: kind('networking.istio.io', 'v1alpha3', 'virtualservices', 'VirtualService'),
  gateways: kind('networking.istio.io', 'v1alpha3', 'gateways', 'Gateway'),
  serviceEntries: kind('networking.istio.io', 'v1alpha3', 'serviceentries', 'ServiceEntry'),
  sidecars: kind('networking.istio.io', 'v1alpha3', 'sidecars', 'Sidecar'),
  telemetries: kind('telemetry.istio.io', 'v1alpha1', 'telemetries', 'Telemetry'),
  authorizationPolicies: kind('security.istio.io', 'v1beta1', 'authorizationpolicies', 'AuthorizationPolicy'),
  peerAuthentications: kind('security.istio.io', 'v1beta1', 'peerauthentications', 'PeerAuthentication'),
  requestAuthentications: kind('security.istio.io', 'v1beta1', 'requestauthentications', 'RequestAuthentication'),
  policies: kind('authentication.istio.io', 'v1alpha1', 'policies', 'Policy'),
  meshPolicies: kind('authentication.istio.io', 'v1alpha1', 'meshpolicies', 'MeshPolicy', false),
} satisfies Record<string, Resource>;

export type KindName = keyof typeof KINDS;

/** All objects of a kind, or of one namespace; none when the cluster has no such kind. */
export async function listObjects<T extends KubernetesObject>(
  session: Session,
  name: KindName,
  namespace?: string,
  labelSelector?: string,
): Promise<T[]> {
  const client = await session.client();
  const query = labelSelector === undefined ? {} : { labelSelector };
  try {
    const { items = [] } = await client.json<ApiList>('GET', resourcePath(KINDS[name], namespace), { query });
    return items as T[];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Undefined when there is none. */
export async function findObject<T extends KubernetesObject>(
  session: Session,
  name: KindName,
  namespace: string,
  own: string,
): Promise<T | undefined> {
  try {
    return await getObject<T>(session, name, namespace, own);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** @throws StatusError NotFound */
export async function getObject<T extends KubernetesObject>(
  session: Session,
  name: KindName,
  namespace: string,
  own: string,
): Promise<T> {
  const client = await session.client();
  const subject = { resource: KINDS[name].name, name: own };
  return client.json<T>('GET', resourcePath(KINDS[name], namespace, own), { subject });
}
