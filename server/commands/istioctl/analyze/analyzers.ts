import type { Finding } from './finding.ts';
import { findAnnotations } from './annotations.ts';
import { findAuthorization } from './authorization.ts';
import { findDestinationRules } from './destination-rules.ts';
import { findGateways } from './gateways.ts';
import { findInjection } from './injection.ts';
import { findRouteRules } from './route-rules.ts';
import { findPortNames, findPortProtocols, findTargetPorts } from './services.ts';
import { findVirtualServices } from './virtual-services.ts';
import type { Snapshot } from './snapshot.ts';

export interface Analyzer {
  name: string;
  description: string;
  /** First minor release that has it. */
  since: number;
  run(snapshot: Snapshot): Finding[];
}

/** pkg/config/analysis/analyzers, as far as they look at what is simulated. */
export const ANALYZERS: readonly Analyzer[] = [
  {
    name: 'annotations.K8sAnalyzer',
    description: 'Finds misplaced and unknown annotations of Istio',
    since: 4,
    run: findAnnotations,
  },
  {
    name: 'authz.AuthorizationPoliciesAnalyzer',
    description: 'Finds AuthorizationPolicies that select nothing or name namespaces that are not there',
    since: 8,
    run: findAuthorization,
  },
  {
    name: 'destinationrule.Analyzer',
    description: 'Finds DestinationRules without verification, without host, or with subsets of no pods',
    since: 10,
    run: findDestinationRules,
  },
  {
    name: 'gateway.Analyzer',
    description: 'Finds Gateways that select nothing, lack certificates or are in conflict',
    since: 4,
    run: findGateways,
  },
  {
    name: 'injection.Analyzer',
    description: 'Finds namespaces that are not injected and pods without a proxy',
    since: 4,
    run: findInjection,
  },
  {
    name: 'deployment.ServiceAssociationAnalyzer',
    description: 'Finds services of one workload with one port and different protocols',
    since: 5,
    run: findPortProtocols,
  },
  {
    name: 'deployment.TargetPortAnalyzer',
    description: 'Finds services of one workload with one target port and different ports',
    since: 10,
    run: findTargetPorts,
  },
  {
    name: 'service.PortNameAnalyzer',
    description: 'Finds ports whose name tells no protocol',
    since: 6,
    run: findPortNames,
  },
  {
    name: 'virtualservice.Analyzer',
    description: 'Finds VirtualServices that refer to what is not there or are in conflict',
    since: 4,
    run: findVirtualServices,
  },
  {
    name: 'virtualservice.MatchesAnalyzer',
    description: 'Finds rules of VirtualServices that are never used',
    since: 10,
    run: findRouteRules,
  },
];
