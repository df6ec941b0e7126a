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

/** The mode that a server enforces, and the policy that says so; null where none does. */
export interface EffectiveMode {
  mode: MutualTlsMode;
  policy: DecidingPolicy | null;
}

export interface DecidingPolicy {
  kind: 'PeerAuthentication' | 'Policy' | 'MeshPolicy';
  /** Empty for a MeshPolicy. */
  namespace: string;
  name: string;
}

/** `namespace/name`, or the name alone of what has no namespace. */
export function policyPath({ namespace, name }: DecidingPolicy): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** The policies of one namespace and of the mesh, so that a workload's mode needs a look at those with its labels. */
export interface PolicyIndex {
  mesh: PeerAuthentication | undefined;
  namespace: PeerAuthentication | undefined;
  /** With a selector, by its first label. */
  byLabel: ReadonlyMap<string, readonly PeerAuthentication[]>;
}

/** @param policies in any order; those of other namespaces are passed over */
export function indexPolicies(
  policies: readonly PeerAuthentication[],
  namespace: string,
  rootNamespace = 'istio-system',
): PolicyIndex {
  const inRoot = policies.filter((policy) => policy.metadata.namespace === rootNamespace);
  const inNamespace =
    namespace === rootNamespace ? [] : policies.filter((policy) => policy.metadata.namespace === namespace);
  const byLabel = new Map<string, PeerAuthentication[]>();
  for (const policy of inNamespace) {
    const [label] = Object.entries(policy.spec?.selector?.matchLabels ?? {});
    if (label === undefined) continue;
    const key = labelKey(...label);
    const bucket = byLabel.get(key);
    if (bucket === undefined) byLabel.set(key, [policy]);
    else bucket.push(policy);
  }
  return { mesh: oldest(inRoot.filter(isBroad)), namespace: oldest(inNamespace.filter(isBroad)), byLabel };
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
 * @param port container port; null for the workload's own mode
 */
export function modeIn(
  index: PolicyIndex,
  labels: Readonly<Record<string, string>>,
  port: number | null,
): EffectiveMode {
  const candidates = Object.entries(labels).flatMap((label) => index.byLabel.get(labelKey(...label)) ?? []);
  const selecting = oldest(candidates.filter((policy) => selects(policy, labels)));
  let result: EffectiveMode = { mode: 'PERMISSIVE', policy: null };
  for (const policy of [index.mesh, index.namespace, selecting]) {
    const mode = modeOf(policy?.spec?.mtls?.mode);
    if (policy !== undefined && mode !== null) result = { mode, policy: nameOf(policy) };
  }
  if (port === null || selecting === undefined) return result;
  const portMode = modeOf(selecting.spec?.portLevelMtls?.[String(port)]?.mode);
  return portMode === null ? result : { mode: portMode, policy: nameOf(selecting) };
}

/**
 * {@link modeIn} for a single question.
 * @param policies those of the workload's namespace and of the root namespace; others are passed over
 */
export function effectiveMode(
  policies: readonly PeerAuthentication[],
  workload: WorkloadLabels,
  port: number | null,
  rootNamespace = 'istio-system',
): EffectiveMode {
  return modeIn(indexPolicies(policies, workload.namespace, rootNamespace), workload.labels, port);
}

function labelKey(key: string, value: string): string {
  return `${key}=${value}`;
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

function nameOf({ metadata }: PeerAuthentication): DecidingPolicy {
  return { kind: 'PeerAuthentication', namespace: metadata.namespace ?? '', name: metadata.name };
}
