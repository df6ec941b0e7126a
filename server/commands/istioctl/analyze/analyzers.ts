import type { Finding } from './finding.ts';
import { findAnnotations } from './annotations.ts';
import { findAuthorization } from './authorization.ts';
import { findDeploymentServices } from './deployments.ts';
import { findSubsets, findUnverified } from './destination-rules.ts';
import { findCertificates, findConflicts, findPorts, findSecrets } from './gateways.ts';
import { findInjection } from './injection.ts';
import { findReservedUsers } from './reserved-user.ts';
import { findRouteRules } from './route-rules.ts';
import { findPortNames } from './services.ts';
import { findSelectors, findUnselected } from './sidecars.ts';
import {
  findClaimRoutes,
  findDestinationHosts,
  findDestinationSubsets,
  findMeshConflicts,
  findReferencedGateways,
} from './virtual-services.ts';
import type { Snapshot } from './snapshot.ts';

export interface Analyzer {
  name: string;
  description: string;
  /** First minor release that has it. */
  since: number;
  run(snapshot: Snapshot): Finding[];
}

/** pkg/config/analysis/analyzers/all.go, as far as they look at what is simulated, in upstream's words. */
export const ANALYZERS: readonly Analyzer[] = [
  of(
    'annotations.K8sAnalyzer',
    'Checks for misplaced and invalid Istio annotations in Kubernetes resources',
    4,
    findAnnotations,
  ),
  of('applicationUID.Analyzer', 'Checks invalid application UID', 12, findReservedUsers),
  of('auth.AuthorizationPoliciesAnalyzer', 'Checks the validity of authorization policies', 8, findAuthorization),
  of('deployment.MultiServiceAnalyzer', 'Checks association between services and pods', 6, findDeploymentServices),
  of(
    'destinationrule.CaCertificateAnalyzer',
    'Checks if caCertificates is set when TLS mode is SIMPLE/MUTUAL',
    8,
    findUnverified,
  ),
  of(
    'destinationrule.SubsetSelectPodAnalyzer',
    'Checks if pods are selected by subsets in destination rules.',
    25,
    findSubsets,
  ),
  of('gateway.CertificateAnalyzer', 'Checks a gateway certificate', 10, findCertificates),
  of('gateway.ConflictingGatewayAnalyzer', "Checks a gateway's selector, port number and hosts", 12, findConflicts),
  of(
    'gateway.IngressGatewayPortAnalyzer',
    "Checks a gateway's ports against the gateway's Kubernetes service ports",
    4,
    findPorts,
  ),
  of('gateway.SecretAnalyzer', "Checks a gateway's referenced secrets for correctness", 4, findSecrets),
  of('injection.Analyzer', 'Checks conditions related to Istio sidecar injection', 4, findInjection),
  of(
    'schema.ValidationAnalyzer.VirtualService',
    "Runs schema validation as an analyzer on 'VirtualService' resources",
    4,
    findRouteRules,
  ),
  of('service.PortNameAnalyzer', 'Checks the port names associated with each service', 6, findPortNames),
  of(
    'sidecar.DefaultSelectorAnalyzer',
    "Validates that there aren't multiple sidecar resources that have no selector",
    5,
    findUnselected('sidecars'),
  ),
  of(
    'sidecar.SelectorAnalyzer',
    "Validates that sidecars that define a workload selector match at least one pod, and that there aren't multiple sidecar resources that select overlapping pods",
    5,
    findSelectors,
  ),
  of(
    'telemetry.DefaultSelectorAnalyzer',
    "Validates that there aren't multiple telemetry resources that have no selector",
    17,
    findUnselected('telemetries'),
  ),
  of(
    'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
    'Checks if multiple virtual services associated with the mesh gateway have conflicting hosts',
    5,
    findMeshConflicts,
  ),
  of(
    'virtualservice.DestinationHostAnalyzer',
    'Checks the destination hosts associated with each virtual service',
    4,
    findDestinationHosts,
  ),
  of(
    'virtualservice.DestinationRuleAnalyzer',
    'Checks the destination rules associated with each virtual service',
    4,
    findDestinationSubsets,
  ),
  of(
    'virtualservice.GatewayAnalyzer',
    'Checks the gateways associated with each virtual service',
    4,
    findReferencedGateways,
  ),
  of(
    'virtualservice.JWTClaimRouteAnalyzer',
    'Checks the VirtualService using JWT claim based routing has corresponding RequestAuthentication',
    13,
    findClaimRoutes,
  ),
];

function of(name: string, description: string, since: number, run: Analyzer['run']): Analyzer {
  return { name, description, since, run };
}
