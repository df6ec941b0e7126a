import type { KubernetesObject } from '../objects/object.ts';
import type { ServiceObject, ServicePort } from '../network/services.ts';
import { qualifyHost } from './host-name.ts';
import { hostOf } from './destination.ts';
import type { EffectiveMode, MutualTlsMode } from './peer-authentication.ts';

/** What the mesh reads of a Policy or a MeshPolicy (authentication.istio.io/v1alpha1, Istio 1.0 to 1.5). */
export interface AuthenticationPolicy extends KubernetesObject {
  spec?: {
    targets?: { name?: string; ports?: { number?: number; name?: string }[] }[];
    peers?: PeerMethod[];
    peerIsOptional?: boolean;
    origins?: OriginMethod[];
    originIsOptional?: boolean;
    principalBinding?: string;
  };
}

interface PeerMethod {
  /** Nothing in it, or null, is STRICT. */
  mtls?: { mode?: string; allowTls?: boolean } | null;
  /** Tokens of peers were never enforced. */
  jwt?: object;
}

export interface OriginMethod {
  jwt?: {
    issuer?: string;
    audiences?: string[];
    jwks?: string;
    jwksUri?: string;
    jwtHeaders?: string[];
    jwtParams?: string[];
    triggerRules?: TriggerRule[];
  };
}

export interface TriggerRule {
  excludedPaths?: PathMatch[];
  includedPaths?: PathMatch[];
}

export interface PathMatch {
  exact?: string;
  prefix?: string;
  suffix?: string;
  regex?: string;
}

/** The only name that counts for a MeshPolicy. */
const DEFAULT_NAME = 'default';

/** Policies by what they are for, so that a question needs a look at those of its service. */
export interface AuthenticationPolicyIndex {
  /** Those with targets, by the service's full name, oldest first. */
  byService: ReadonlyMap<string, readonly AuthenticationPolicy[]>;
  /** The first without targets, by namespace. */
  byNamespace: ReadonlyMap<string, AuthenticationPolicy>;
}

/** @param policies oldest first */
export function indexAuthenticationPolicies(policies: readonly AuthenticationPolicy[]): AuthenticationPolicyIndex {
  const byService = new Map<string, AuthenticationPolicy[]>();
  const byNamespace = new Map<string, AuthenticationPolicy>();
  for (const policy of policies) {
    const { namespace = 'default' } = policy.metadata;
    const targets = targetsOf(policy);
    if (targets.length === 0 && !byNamespace.has(namespace)) byNamespace.set(namespace, policy);
    for (const host of new Set(targets.map(({ name = '' }) => qualifyHost(name, namespace)))) {
      const bucket = byService.get(host);
      if (bucket === undefined) byService.set(host, [policy]);
      else bucket.push(policy);
    }
  }
  return { byService, byNamespace };
}

/**
 * The one policy of a service's port (Istio 1.0, pilot/pkg/model/config.go, AuthenticationPolicyByDestination): a Policy
 * of the service's namespace that targets the service, and the port if it names any; then one without targets; then the
 * MeshPolicy `default`. The first of a level stays, and says everything: nothing is inherited from the levels below.
 */
export function policyIn(
  { byService, byNamespace }: AuthenticationPolicyIndex,
  meshPolicies: readonly AuthenticationPolicy[],
  service: ServiceObject,
  port: ServicePort,
): AuthenticationPolicy | null {
  const host = hostOf(service);
  const { namespace = 'default' } = service.metadata;
  return (
    byService
      .get(host)
      ?.find(
        (policy) =>
          policy.metadata.namespace === namespace &&
          targetsOf(policy).some((target) => covers(target, namespace, host, port)),
      ) ??
    byNamespace.get(namespace) ??
    meshPolicyIn(meshPolicies)
  );
}

/** {@link policyIn} for a single question. @param policies oldest first */
export function findAuthenticationPolicy(
  policies: readonly AuthenticationPolicy[],
  meshPolicies: readonly AuthenticationPolicy[],
  service: ServiceObject,
  port: ServicePort,
): AuthenticationPolicy | null {
  return policyIn(indexAuthenticationPolicies(policies), meshPolicies, service, port);
}

/** The policy of a whole namespace, for who looks at no single service. */
export function namespacePolicyIn(
  { byNamespace }: AuthenticationPolicyIndex,
  meshPolicies: readonly AuthenticationPolicy[],
  namespace: string,
): AuthenticationPolicy | null {
  return byNamespace.get(namespace) ?? meshPolicyIn(meshPolicies);
}

function meshPolicyIn(meshPolicies: readonly AuthenticationPolicy[]): AuthenticationPolicy | null {
  return meshPolicies.find(({ metadata }) => metadata.name === DEFAULT_NAME) ?? null;
}

/** What a policy demands of clients; DISABLE without any. */
export function modeOfPolicy(policy: AuthenticationPolicy | null): EffectiveMode {
  if (policy === null) return { mode: 'DISABLE', policy: null };
  const { name, namespace = '' } = policy.metadata;
  const kind = policy.kind === 'MeshPolicy' ? 'MeshPolicy' : 'Policy';
  return { mode: modeOf(policy), policy: { kind, namespace, name } };
}

/** Istio 1.0, pilot/pkg/networking/plugin/authn/authentication.go, GetMutualTLS: the first method that is mutual TLS. */
function modeOf({ spec }: AuthenticationPolicy): MutualTlsMode {
  const method = (spec?.peers ?? []).find(({ jwt }) => jwt === undefined);
  if (method === undefined) return 'DISABLE';
  return method.mtls?.mode === 'PERMISSIVE' || method.mtls?.allowTls === true ? 'PERMISSIVE' : 'STRICT';
}

type Target = NonNullable<NonNullable<AuthenticationPolicy['spec']>['targets']>[number];

function targetsOf({ spec }: AuthenticationPolicy): readonly Target[] {
  return spec?.targets ?? [];
}

function covers({ name = '', ports = [] }: Target, namespace: string, host: string, port: ServicePort): boolean {
  if (qualifyHost(name, namespace) !== host) return false;
  return ports.length === 0 || ports.some((wanted) => wanted.number === port.port || wanted.name === (port.name ?? ''));
}
