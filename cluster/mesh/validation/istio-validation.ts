import { ApiError } from '../../objects/api-error.ts';
import type { Kind } from '../../objects/kinds/kind.ts';
import type { KubernetesObject } from '../../objects/object.ts';
import type { Era } from '../era.ts';
import { authenticationPolicyProblems, unknownMode } from './authentication-policy-problems.ts';
import { destinationRuleProblems } from './destination-rule-problems.ts';
import { gatewayProblems } from './gateway-problems.ts';
import {
  authorizationPolicyProblems,
  authorizationPolicyWarnings,
  peerAuthenticationProblems,
  requestAuthenticationProblems,
} from './security-problems.ts';
import { virtualServiceProblems } from './virtual-service-problems.ts';

type Check = (object: KubernetesObject, era: Era) => Iterable<string>;

const CHECKS: Readonly<Record<string, Check>> = {
  AuthorizationPolicy: authorizationPolicyProblems,
  DestinationRule: destinationRuleProblems,
  Gateway: gatewayProblems,
  MeshPolicy: authenticationPolicyProblems,
  PeerAuthentication: peerAuthenticationProblems,
  Policy: authenticationPolicyProblems,
  RequestAuthentication: requestAuthenticationProblems,
  VirtualService: virtualServiceProblems,
};

/**
 * The webhook that refuses objects of Istio which make no sense, in its words (pkg/config/validation/validation.go; before
 * 1.5 pilot/pkg/model/validation.go): the common mistakes. Left out: whatever the table above does not name, names of
 * headers and domains, and most warnings.
 */
export function istioValidation(
  era: Era,
): (kind: Kind, object: KubernetesObject, warn: (text: string) => void) => void {
  return (kind, object, warn) => {
    if (!kind.group.endsWith('.istio.io')) return;
    const mode = unknownMode(object);
    if (mode !== null) throw refused(era, `error decoding configuration: ${mode}`);
    const problems = [...(CHECKS[kind.kind]?.(object, era) ?? [])];
    if (problems.length > 0) throw refused(era, `configuration is invalid: ${asOneText(problems)}`);
    if (kind.kind === 'AuthorizationPolicy') for (const text of authorizationPolicyWarnings(object, era)) warn(text);
  };
}

/** hashicorp/go-multierror; a single error stands for itself. */
function asOneText(problems: readonly string[]): string {
  if (problems.length === 1) return problems[0] ?? '';
  return `${problems.length} errors occurred:\n${problems.map((problem) => `\t* ${problem}\n`).join('')}\n`;
}

/** k8s.io/apiserver, pkg/admission/plugin/webhook/errors: a refusal without a code is 400, and has no reason. */
function refused({ validation }: Era, text: string): ApiError {
  return new ApiError(400, '', `admission webhook ${JSON.stringify(validation.webhook)} denied the request: ${text}`);
}
