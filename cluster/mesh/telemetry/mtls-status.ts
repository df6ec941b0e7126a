import type { KubernetesObject } from '../../objects/object.ts';
import type { DestinationRule } from '../destination-rule.ts';
import { ROOT_NAMESPACE } from '../mesh-config.ts';
import type { MutualTlsMode } from '../peer-authentication.ts';

/** As Kiali sums a scope up: `not-enabled` where nothing is said of mutual TLS at all. */
export type MutualTlsStatus = 'enabled' | 'partial' | 'disabled' | 'not-enabled';

/** What is written for a whole mesh or a whole namespace, and what it comes to. */
export interface ScopeMutualTls {
  status: MutualTlsStatus;
  /** What servers demand, and the object that says so, as `Kind namespace/name`; null where none does. */
  server: { mode: MutualTlsMode; by: string } | null;
  /** What clients send, and the DestinationRule that says so, as `namespace/name`; null where none does. */
  client: { mode: string; by: string } | null;
}

export interface NamespaceMutualTls extends ScopeMutualTls {
  namespace: string;
  /** Whether all of it comes from the whole mesh. */
  inherited: boolean;
}

export interface StatusDeps {
  /** What an object says for a namespace as a whole, or for the empty name for the mesh; null where none does. */
  serverOf(namespace: string): ScopeMutualTls['server'];
  rules: readonly DestinationRule[];
  /** Whether clients choose by themselves where no rule tells them (from 1.5). */
  automatic: boolean;
  /** Whether rules of all namespaces count for the mesh (1.0), or those of the root namespace. */
  rulesOfAllNamespaces: boolean;
}

/**
 * Kiali's logic (business/tls.go; util/mtls/status.go, OverallMtlsStatus): enabled when servers demand STRICT and
 * clients are told ISTIO_MUTUAL or MUTUAL, or choose by themselves; disabled when both say DISABLE in the same way;
 * not enabled when neither says anything; partial otherwise.
 */
export function meshMutualTls(deps: StatusDeps): ScopeMutualTls {
  return scope(deps.serverOf(''), clientOf(deps, '*.local', null), deps.automatic);
}

/** The namespace's own policy and rule for `*.NAMESPACE.svc.cluster.local`, each where it has none the mesh's. */
export function namespaceMutualTls(deps: StatusDeps, namespace: string): NamespaceMutualTls {
  const server = deps.serverOf(namespace);
  const own = clientOf(deps, `*.${namespace}.svc.cluster.local`, namespace);
  const mesh = meshMutualTls(deps);
  return {
    namespace,
    ...scope(server, own ?? mesh.client, deps.automatic),
    inherited: own === null && server?.by === mesh.server?.by,
  };
}

function scope(server: ScopeMutualTls['server'], client: ScopeMutualTls['client'], automatic: boolean): ScopeMutualTls {
  const chooses = client === null && automatic;
  const clientOn = chooses || client?.mode === 'ISTIO_MUTUAL' || client?.mode === 'MUTUAL';
  const clientOff = chooses || client?.mode === 'DISABLE';
  let status: MutualTlsStatus = 'partial';
  if (server?.mode === 'STRICT' && clientOn) status = 'enabled';
  else if (server?.mode === 'DISABLE' && clientOff) status = 'disabled';
  else if (server === null && client === null) status = 'not-enabled';
  return { status, server, client };
}

function clientOf(
  { rules, rulesOfAllNamespaces }: StatusDeps,
  host: string,
  namespace: string | null,
): ScopeMutualTls['client'] {
  const counts = ({ metadata }: KubernetesObject): boolean =>
    rulesOfAllNamespaces || metadata.namespace === ROOT_NAMESPACE || metadata.namespace === namespace;
  const rule = rules.find((one) => one.spec?.host === host && counts(one));
  const mode = rule?.spec?.trafficPolicy?.tls?.mode;
  if (rule === undefined || mode === undefined) return null;
  return { mode, by: `${rule.metadata.namespace ?? 'default'}/${rule.metadata.name}` };
}
