/**
 * `/debug/authenticationz` of Pilot, which `istioctl authn tls-check` prints: for each port of each service what its
 * servers demand and what clients are told to speak, whatever runs there. Istio 1.0 to 1.4,
 * pilot/pkg/proxy/envoy/v2/debug.go.
 */
import { byAge } from '../age.ts';
import { findAuthenticationPolicy, modeOfPolicy, type AuthenticationPolicy } from '../authentication-policy.ts';
import { tlsSettings } from '../destination-rule.ts';
import { hostOf } from '../destination.ts';
import type { Mesh } from '../mesh.ts';
import type { MutualTlsMode } from '../peer-authentication.ts';
import type { ObjectReader } from '../../objects/object.ts';
import type { Workload } from '../workload.ts';
import { knownServices, tcpPorts } from './subject.ts';

export interface AuthenticationDebug {
  host: string;
  port: number;
  authentication_policy_name: string;
  destination_rule_name: string;
  server_protocol: string;
  client_protocol: string;
  TLS_conflict_status: string;
}

type Names = (object: { namespace: string; name: string }) => string;

/** @param client null for no client in particular, as 1.0 asked; its rules hold for the whole mesh */
export function authenticationDebug(mesh: Mesh, objects: ObjectReader, client: Workload | null): AuthenticationDebug[] {
  const policies = ([...objects.list('policies.authentication.istio.io')] as AuthenticationPolicy[]).sort(byAge);
  const meshPolicies = objects.list('meshpolicies.authentication.istio.io') as readonly AuthenticationPolicy[];
  const { version } = mesh.era;
  // From 1.4 the namespace stands first.
  const nameOf: Names = ({ namespace, name }) =>
    version === '1.0' || version === '1.1' ? `${name}/${namespace}` : `${namespace}/${name}`;
  const asClient = client ?? ANYBODY;
  return knownServices(objects).flatMap((service) =>
    tcpPorts(service).flatMap((port) => {
      const found = findAuthenticationPolicy(policies, meshPolicies, service, port);
      const { mode, policy } = modeOfPolicy(found);
      const rule = mesh.config.destinationRule(asClient, hostOf(service), service.metadata.namespace ?? 'default');
      const subsets = version === '1.4' ? [null, ...(rule?.subsets.keys() ?? [])] : [null];
      return subsets.map((subset) => {
        const clientMode = tlsSettings(rule, port.port, subset)?.mode;
        const [namespace = '', name = ''] = rule?.name.split('/') ?? [];
        return {
          host: subset === null ? hostOf(service) : `${hostOf(service)}|${subset}`,
          port: port.port,
          authentication_policy_name: policy === null ? '-' : nameOf(policy),
          destination_rule_name: rule === null ? '-' : nameOf({ namespace, name }),
          ...(version === '1.4' ? modesOf(mode, clientMode) : protocolsOf(version, mode, clientMode)),
        };
      });
    }),
  );
}

/** In the mesh's one set of rules it is nowhere. */
const ANYBODY: Workload = {
  namespace: '',
  name: '',
  serviceAccount: '',
  labels: {},
  portNames: new Map(),
  hasSidecar: true,
  isGateway: false,
  selectionKey: '',
};

type Verdict = Pick<AuthenticationDebug, 'server_protocol' | 'client_protocol' | 'TLS_conflict_status'>;

/** 1.0 and 1.1 told of protocols. 1.0 knew no server that takes both. */
function protocolsOf(version: string, mode: MutualTlsMode, clientMode: string | undefined): Verdict {
  const server =
    mode === 'DISABLE' ? ['HTTP'] : mode === 'PERMISSIVE' && version !== '1.0' ? ['HTTP', 'mTLS'] : ['mTLS'];
  const client = clientProtocol(version, clientMode);
  return {
    server_protocol: server.join('/'),
    client_protocol: client,
    TLS_conflict_status: server.includes(client) ? 'OK' : 'CONFLICT',
  };
}

function clientProtocol(version: string, mode: string | undefined): string {
  switch (mode) {
    case 'ISTIO_MUTUAL':
      return 'mTLS';
    case 'SIMPLE':
      return version === '1.0' ? 'HTTP' : 'TLS';
    case 'MUTUAL':
      return version === '1.0' ? 'HTTP' : 'custom mTLS';
    default:
      return 'HTTP';
  }
}

/** 1.4 told of modes. There is no automatic mutual TLS in the 1.4 that is simulated, where it was a choice. */
function modesOf(server: MutualTlsMode, client: string | undefined): Verdict {
  const fits =
    client === undefined ||
    (server === 'DISABLE' && client === 'DISABLE') ||
    (server === 'STRICT' && client === 'ISTIO_MUTUAL') ||
    (server === 'PERMISSIVE' && (client === 'ISTIO_MUTUAL' || client === 'DISABLE'));
  return {
    server_protocol: server,
    client_protocol: client ?? '-',
    TLS_conflict_status: fits ? 'OK' : 'CONFLICT',
  };
}
