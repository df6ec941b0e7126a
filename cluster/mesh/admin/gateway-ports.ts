import { endsTls, serversAt } from '../gateway.ts';
import { isSince, type Subject } from './subject.ts';

/** A port that a gateway's proxy listens on because a Gateway says so. */
export interface GatewayPort {
  /** Port of the pod. */
  target: number;
  /** Port of the Gateway's server. */
  number: number;
  servicePorts: readonly number[];
  /** Names of the hosts whose TLS ends here; null for plain HTTP. */
  tls: { hosts: string[] }[] | null;
  /** Names of its route configurations. */
  routeNames: string[];
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
  const ports: GatewayPort[] = [];
  for (const [target, mapped] of targets) {
    const bound = serversAt(mesh.config.gateways(), labels, target, mapped);
    const [first] = bound;
    if (first === undefined) continue;
    const number = first.server.port?.number ?? target;
    const secure = bound.filter(({ server }) => endsTls(server));
    // Up to 1.5 routes had the number of the server, and not of the pod's port.
    const shown = isSince(subject, 6) ? target : number;
    ports.push({
      target,
      number,
      servicePorts: mapped,
      tls: secure.length === 0 ? null : secure.map(({ server }) => ({ hosts: server.hosts ?? [] })),
      routeNames:
        secure.length === 0
          ? [`http.${shown}`]
          : secure.map(({ gateway, server }) => {
              const [gatewayNamespace, name] = gateway.split('/');
              return `https.${number}.${server.port?.name ?? ''}.${name}.${gatewayNamespace}`;
            }),
    });
  }
  return ports.sort((a, b) => a.target - b.target);
}
