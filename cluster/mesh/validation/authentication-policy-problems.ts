import type { KubernetesObject } from '../../objects/object.ts';
import type { AuthenticationPolicy } from '../authentication-policy.ts';
import { jwksUriProblem } from './security-problems.ts';

const DEFAULT = 'default';
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Istio 1.1, pilot/pkg/model/validation.go, ValidateAuthenticationPolicy; for Policy and MeshPolicy. */
export function* authenticationPolicyProblems(object: KubernetesObject): Generator<string> {
  const { kind, metadata, spec = {} } = object as AuthenticationPolicy;
  const { name } = metadata;
  const { targets = [], origins = [] } = spec;
  if (kind === 'MeshPolicy') {
    if (name !== DEFAULT) {
      yield `cluster-scoped authentication policy name must be "${DEFAULT}", found ${JSON.stringify(name)}`;
    }
    if (targets.length > 0) yield 'cluster-scoped authentication policy must not have targets';
  } else {
    // Two blanks, as upstream.
    if (targets.length === 0 && name !== DEFAULT) {
      yield `authentication policy with no target rules  must be named "${DEFAULT}", found ${JSON.stringify(name)}`;
    }
    if (targets.length > 0 && name === DEFAULT) {
      yield `authentication policy with name "${DEFAULT}" must not have any target rules`;
    }
    for (const target of targets) {
      if (!LABEL.test(target.name ?? ''))
        yield `target name ${JSON.stringify(target.name ?? '')} must be a valid label`;
    }
  }
  const issuers = new Set<string>();
  for (const { jwt } of origins) {
    const issuer = jwt?.issuer ?? '';
    if (issuers.has(issuer)) yield `jwt with issuer ${JSON.stringify(issuer)} already defined`;
    issuers.add(issuer);
    if (issuer === '') yield 'issuer must be set';
    if (jwt?.audiences?.includes('')) yield 'audience must be non-empty string';
    const problem = jwksUriProblem(jwt?.jwksUri);
    if (problem !== null) yield problem;
  }
}

/** A mode of mutual TLS that is none: the webhook cannot even read the object. Null where all are known. */
export function unknownMode(object: KubernetesObject): string | null {
  if (object.kind !== 'Policy' && object.kind !== 'MeshPolicy') return null;
  for (const method of (object as AuthenticationPolicy).spec?.peers ?? []) {
    const mode = method.mtls?.mode;
    if (mode !== undefined && mode !== 'STRICT' && mode !== 'PERMISSIVE') {
      return `unknown value ${JSON.stringify(mode)} for enum istio.authentication.v1alpha1.MutualTls_Mode`;
    }
  }
  return null;
}
