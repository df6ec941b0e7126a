import { kindOf, serversAt, type BoundServer } from '../gateway.ts';
import { isSince, type Subject } from './subject.ts';

/** A port that a gateway's proxy listens on because a Gateway says so. */
export interface GatewayPort {
  /** Port of the pod. */
  target: number;
  /** Port of the Gateway's first server. */
  number: number;
  bound: readonly BoundServer[];
  /** One per filter chain: all plain HTTP together, others each by the hosts in TLS. */
  servers: GatewayChain[];
}

export interface GatewayChain extends BoundServer {
  /** Name of its route configuration; null where bytes pass. */
  routeName: string | null;
  /** Names in TLS that it takes; null for any, and where there is no TLS. */
  serverNames: string[] | null;
  /** Whether TLS ends here. */
  endsTls: boolean;
}

/** Istio 1.27, pilot/pkg/networking/core/gateway.go: ports of Gateways that select the pod, as its Service maps them. */
export function gatewayPorts(subject: Subject): GatewayPort[] {
  const { mesh, pod, network } = subject.context;
  const { namespace, labels } = mesh.workload(pod);
  const servicePorts = network.services
    .inNamespace(namespace)
    .filter(({ spec }) => {
      const selector = Object.entries(spec?.selector ?? {});
      return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
    })
    .flatMap(({ spec }) => spec?.ports ?? []);
  const numbers = new Set(
    mesh.config.gateways().flatMap(({ spec }) => (spec?.servers ?? []).map(({ port }) => port?.number ?? 0)),
  );
  const targets = new Map<number, number[]>();
  for (const number of numbers) {
    const found = servicePorts.find(({ port }) => port === number)?.targetPort;
    const target = typeof found === 'number' ? found : number;
    targets.set(target, [...(targets.get(target) ?? []), number]);
  }
  return [...targets]
    .flatMap(([target, mapped]): GatewayPort[] => {
      const bound = serversAt(mesh.config.gateways(), labels, target, mapped);
      const number = bound[0]?.server.port?.number;
      if (number === undefined) return [];
      return [{ target, number, bound, servers: chainsOf(subject, bound, target, number) }];
    })
    .sort((a, b) => a.target - b.target);
}

function chainsOf(subject: Subject, bound: readonly BoundServer[], target: number, number: number): GatewayChain[] {
  const [first] = bound;
  if (first === undefined) return [];
  const kind = kindOf(first.server);
  // Up to 1.5 routes had the number of the server, and not of the pod's port.
  const shown = isSince(subject, 6) ? target : number;
  if (kind === 'http') return [{ ...first, routeName: `http.${shown}`, serverNames: null, endsTls: false }];
  if (kind === 'tcp') return [{ ...first, routeName: null, serverNames: null, endsTls: false }];
  return bound.map((each) => {
    const { gateway, server } = each;
    const own = kindOf(server);
    const names = (server.hosts ?? []).map((host) => host.slice(host.indexOf('/') + 1));
    const [namespace, name] = gateway.split('/');
    return {
      ...each,
      routeName: own === 'https' ? `https.${number}.${server.port?.name ?? ''}.${name}.${namespace}` : null,
      serverNames: names.includes('*') ? null : names,
      endsTls: own !== 'passthrough',
    };
  });
}
