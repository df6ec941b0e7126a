import type { KubernetesObject } from '../../objects/object.ts';
import type { ClientTlsSettings, DestinationRule, TrafficPolicy } from '../destination-rule.ts';

export function* destinationRuleProblems(object: KubernetesObject): Generator<string> {
  const { trafficPolicy, subsets = [] } = (object as DestinationRule).spec ?? {};
  yield* trafficPolicyProblems(trafficPolicy);
  for (const subset of subsets) {
    if (!/^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(subset.name))
      yield `subset name is invalid: ${subset.name}`;
    yield* trafficPolicyProblems(subset.trafficPolicy);
  }
}

function* trafficPolicyProblems(policy: TrafficPolicy | undefined): Generator<string> {
  if (policy === undefined) return;
  if (Object.keys(policy).length === 0) {
    yield 'traffic policy must have at least one field';
    return;
  }
  yield* tlsProblems(policy.tls);
  for (const { port, ...settings } of policy.portLevelSettings ?? []) {
    if (port === undefined) yield 'portTrafficPolicy must have valid port';
    if (Object.keys(settings).length === 0) yield 'port traffic policy must have at least one field';
    yield* tlsProblems(settings.tls);
  }
}

function* tlsProblems(settings: ClientTlsSettings | undefined): Generator<string> {
  const { mode, credentialName, clientCertificate, privateKey, caCertificates } = settings ?? {};
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credentialName) {
    if (clientCertificate || caCertificates || privateKey) {
      yield 'cannot specify client certificates or CA certificate If credentialName is set';
    }
  } else if (mode === 'MUTUAL') {
    if (!clientCertificate) yield 'client certificate required for mutual tls';
    if (!privateKey) yield 'private key required for mutual tls';
  }
}
