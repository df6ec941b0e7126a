import type { KubernetesObject } from '../objects/object.ts';
import { byAge } from './age.ts';
import { selects as selectsLabels } from './workload-selector.ts';

export type MutualTlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** What the mesh reads of a PeerAuthentication. */
export interface PeerAuthentication extends KubernetesObject {
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
  };
}

export interface WorkloadLabels {
  namespace: string;
  labels: Readonly<Record<string, string>>;
}

/** The mode that a server enforces, and the policy that says so; null where none does (PERMISSIVE by default). */
export interface EffectiveMode {
  mode: MutualTlsMode;
  policy: { namespace: string; name: string } | null;
}

/**
 * The mode for one port of a workload, by the rules of Istio (pilot/pkg/security/authn/policy_applier.go,
 * ComposePeerAuthentication; pilot/pkg/model/authentication.go):
 *
 * - mesh (root namespace, no selector), then namespace (no selector), then workload (selector) each overwrite what came
 *   before; a level whose mode is absent or UNSET leaves it; without any the mode is PERMISSIVE;
 * - of several policies of one scope the oldest counts, and only that one; equal ages by name;
 * - a policy with a selector in the root namespace has no effect;
 * - `portLevelMtls` counts in the winning workload policy only. Its keys are container ports; UNSET there is the
 *   workload's mode.
 *
 * @param policies those of the workload's namespace and of the root namespace; others are passed over
 * @param port container port; null for the workload's own mode
 */
export function effectiveMode(
  policies: readonly PeerAuthentication[],
  workload: WorkloadLabels,
  port: number | null,
  rootNamespace = 'istio-system',
): EffectiveMode {
  const inRoot = policies.filter((policy) => policy.metadata.namespace === rootNamespace);
  const inNamespace =
    workload.namespace === rootNamespace
      ? []
      : policies.filter((policy) => policy.metadata.namespace === workload.namespace);
  const selecting = oldest(inNamespace.filter((policy) => hasSelector(policy) && selects(policy, workload.labels)));

  let result: EffectiveMode = { mode: 'PERMISSIVE', policy: null };
  for (const policy of [oldest(inRoot.filter(isBroad)), oldest(inNamespace.filter(isBroad)), selecting]) {
    const mode = modeOf(policy?.spec?.mtls?.mode);
    if (policy !== undefined && mode !== null) result = { mode, policy: nameOf(policy) };
  }
  if (port === null || selecting === undefined) return result;
  const portMode = modeOf(selecting.spec?.portLevelMtls?.[String(port)]?.mode);
  return portMode === null ? result : { mode: portMode, policy: nameOf(selecting) };
}

/** The mode that clients expect of a whole service: mesh and namespace only (auto mTLS' first look). */
export function namespaceMode(
  policies: readonly PeerAuthentication[],
  namespace: string,
  rootNamespace = 'istio-system',
): MutualTlsMode {
  return effectiveMode(policies.filter(isBroad), { namespace, labels: {} }, null, rootNamespace).mode;
}

function hasSelector(policy: PeerAuthentication): boolean {
  return Object.keys(policy.spec?.selector?.matchLabels ?? {}).length > 0;
}

function isBroad(policy: PeerAuthentication): boolean {
  return !hasSelector(policy);
}

function selects(policy: PeerAuthentication, labels: Readonly<Record<string, string>>): boolean {
  return selectsLabels(policy.spec?.selector?.matchLabels, labels);
}

function oldest(policies: readonly PeerAuthentication[]): PeerAuthentication | undefined {
  return policies.reduce<PeerAuthentication | undefined>(
    (first, policy) => (first === undefined || byAge(policy, first) < 0 ? policy : first),
    undefined,
  );
}

function modeOf(text: string | undefined): MutualTlsMode | null {
  return text === 'DISABLE' || text === 'PERMISSIVE' || text === 'STRICT' ? text : null;
}

function nameOf({ metadata }: PeerAuthentication): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}
