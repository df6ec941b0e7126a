import { readAuthentication } from '../authn.ts';
import { hostOf, type Service, type ServicePort } from '../istio-objects.ts';
import { shortName, type MeshPod, type Report } from './report.ts';

/** What 1.3 to 1.5 said of a port: whether servers and clients fit. istioctl/cmd/describe.go of release 1.4. */
export async function mutualTlsLines(
  report: Report,
  service: Service,
  port: ServicePort,
  pod: MeshPod,
): Promise<string[]> {
  const proxy = `${pod.metadata.name}.${pod.metadata.namespace ?? ''}`;
  const entries = await readAuthentication(report.invocation, `?proxyID=${proxy}`);
  const entry = entries.find(({ host, port: own }) => host === hostOf(service) && own === port.port);
  if (entry === undefined) return [];
  const { server_protocol: server, client_protocol: client } = entry;
  if (entry.TLS_conflict_status === 'AUTO') return [`Pod is ${server}, clients configured automatically`];
  if (entry.TLS_conflict_status !== 'OK') {
    return [
      `WARNING TLS Conflict on ${shortName(report, pod)} port ${port.port} (pod enforces ${ENFORCED[server] ?? server}, clients speak ${SPOKEN[client] ?? client})`,
      entry.destination_rule_name === '-'
        ? `  There is no DestinationRule.  Check AuthenticationPolicy ${entry.authentication_policy_name}`
        : `  Check DestinationRule ${entry.destination_rule_name} and AuthenticationPolicy ${entry.authentication_policy_name}`,
    ];
  }
  if (client === '-') return [`Pod is ${server}, client protocol unspecified`];
  return server === 'PERMISSIVE'
    ? [`Pod is ${server} (enforces ${ENFORCED[server]}) and clients speak ${SPOKEN[client] ?? client}`]
    : [`Pod is ${server} and clients are ${client}`];
}

const ENFORCED: Readonly<Record<string, string>> = { STRICT: 'mTLS', PERMISSIVE: 'HTTP/mTLS', DISABLE: 'HTTP' };
const SPOKEN: Readonly<Record<string, string>> = {
  ISTIO_MUTUAL: 'mTLS',
  MUTUAL: 'custom mTLS',
  SIMPLE: 'TLS',
  DISABLE: 'HTTP',
  '-': 'HTTP',
};
