import { ApiError } from '../../objects/api-error.ts';
import type { Kind } from '../../objects/kinds/kind.ts';
import type { KubernetesObject } from '../../objects/object.ts';
import type { Era } from '../era.ts';
import { authenticationPolicyProblems, unknownMode } from './authentication-policy-problems.ts';
import type { Problem } from './common-problems.ts';
import { destinationRuleProblems, destinationRuleWarnings } from './destination-rule-problems.ts';
import { gatewayProblems, gatewayWarnings } from './gateway-problems.ts';
import { inertFields } from './inert-fields.ts';
import {
  authorizationPolicyProblems,
  authorizationPolicyWarnings,
  peerAuthenticationProblems,
  requestAuthenticationProblems,
} from './security-problems.ts';
import { serviceEntryProblems, serviceEntryWarnings, workloadEntryProblems } from './service-entry-problems.ts';
import { sidecarProblems, sidecarWarnings } from './sidecar-problems.ts';
import { virtualServiceProblems } from './virtual-service-problems.ts';

interface Checks {
  problems(object: KubernetesObject, era: Era): Iterable<Problem>;
  /** Of today's release; earlier ones had no way to warn. */
  warnings?(object: KubernetesObject, era: Era): Iterable<string>;
}

const CHECKS: Readonly<Record<string, Checks>> = {
  AuthorizationPolicy: { problems: authorizationPolicyProblems, warnings: authorizationPolicyWarnings },
  DestinationRule: { problems: destinationRuleProblems, warnings: destinationRuleWarnings },
  Gateway: { problems: gatewayProblems, warnings: gatewayWarnings },
  MeshPolicy: { problems: authenticationPolicyProblems },
  PeerAuthentication: { problems: peerAuthenticationProblems },
  Policy: { problems: authenticationPolicyProblems },
  RequestAuthentication: { problems: requestAuthenticationProblems },
  ServiceEntry: { problems: serviceEntryProblems, warnings: serviceEntryWarnings },
  Sidecar: { problems: sidecarProblems, warnings: sidecarWarnings },
  VirtualService: { problems: virtualServiceProblems },
  WorkloadEntry: { problems: workloadEntryProblems },
};

/**
 * The webhook that refuses objects of Istio which make no sense, in its words (pkg/config/validation/validation.go; before
 * 1.5 pilot/pkg/model/validation.go), which differ little between releases. Left out: whatever the table above does not
 * name, and warnings about routes that are never taken, which `istioctl analyze` has.
 */
export function istioValidation(
  era: Era,
): (kind: Kind, object: KubernetesObject, warn: (text: string) => void) => void {
  return (kind, object, warn) => {
    if (!kind.group.endsWith('.istio.io')) return;
    const mode = unknownMode(object);
    if (mode !== null) throw refused(era, `error decoding configuration: ${mode}`);
    const checks = CHECKS[kind.kind];
    const problems = [...dryRunProblems(object, era), ...(checks?.problems(object, era) ?? [])];
    if (problems.length > 0) throw refused(era, `configuration is invalid: ${asOneText(problems)}`);
    if (era.validation.texts === 'istiod') for (const text of checks?.warnings?.(object, era) ?? []) warn(text);
    for (const text of inertFields(object)) warn(text);
  };
}

/** Only AuthorizationPolicies can be tried without effect. */
function* dryRunProblems({ kind, metadata }: KubernetesObject, { validation }: Era): Generator<string> {
  const key = 'istio.io/dry-run';
  if (validation.texts === 'galley' || metadata.annotations?.[key] === undefined || kind === 'AuthorizationPolicy')
    return;
  yield `${metadata.namespace ?? ''}/${metadata.name} has unsupported annotation ${key}, please remove the annotation`;
}

/** hashicorp/go-multierror; most single errors stand for themselves. */
function asOneText(problems: readonly Problem[]): string {
  const texts = problems.map((problem) => (typeof problem === 'string' ? problem : problem.listed));
  if (problems.length === 1 && typeof problems[0] === 'string') return problems[0];
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  return `${count} occurred:\n${texts.map((text) => `\t* ${text}\n`).join('')}\n`;
}

/** k8s.io/apiserver, pkg/admission/plugin/webhook/errors: a refusal without a code is 400, and has no reason. */
function refused({ validation }: Era, text: string): ApiError {
  return new ApiError(400, '', `admission webhook ${JSON.stringify(validation.webhook)} denied the request: ${text}`);
}
