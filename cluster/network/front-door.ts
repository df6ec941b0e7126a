import { isIP } from 'node:net';
import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import { type Connection, type Endpoint, NetworkError } from './connection.ts';
import type { Network } from './network.ts';
import type { ServiceObject } from './services.ts';

/**
 * The way in from the world: what its DNS, the load balancers and OpenShift's router would do with a connection to a
 * name or an address. A router's own work (TLS, paths, weights) is left out: a route's host leads to its service.
 */
export interface FrontDoor {
  /** As `Cluster.dial`. */
  dial(host: string, port: number, signal?: AbortSignal): Promise<Connection> | null;
  /** As `Cluster.ingressAddress`. */
  ingressAddress(): string | null;
}

interface RouteObject extends KubernetesObject {
  spec?: { host?: string; to?: { name?: string }; port?: { targetPort?: number | string } };
}
interface GatewayObject extends KubernetesObject {
  spec?: { servers?: { hosts?: string[] }[] };
}
interface VirtualServiceObject extends KubernetesObject {
  spec?: { hosts?: string[]; gateways?: string[] };
}

const INGRESS_GATEWAY = 'ingressgateway';
/** Ranges of the node's network, of pods and of services, here and on OpenShift. */
const OWN_ADDRESS = /^(?:172\.18\.|10\.244\.|10\.96\.|172\.30\.)/;

export function createFrontDoor(objects: ObjectReader, network: Network): FrontDoor {
  const ingressAddress = (): string | null => {
    for (const object of objects.list('services')) {
      if (object.metadata.labels?.['istio'] !== INGRESS_GATEWAY) continue;
      const ip = (object as ServiceObject).status?.loadBalancer?.ingress?.[0]?.ip;
      if (ip !== undefined) return ip;
    }
    return null;
  };

  /** Where a route's host leads: the service's port that it names, else its first. */
  const routeTarget = (name: string): Endpoint | null => {
    for (const object of objects.list('routes.route.openshift.io')) {
      const { spec, metadata } = object as RouteObject;
      if (spec?.host?.toLowerCase() !== name) continue;
      const service = network.services.byName(metadata.namespace ?? 'default', spec.to?.name ?? '');
      const wanted = spec.port?.targetPort;
      const ports = service?.spec?.ports ?? [];
      const port = ports.find((one) => one.name === wanted || (one.targetPort ?? one.port) === wanted) ?? ports[0];
      const ip = service?.spec?.clusterIP;
      if (port && ip) return { ip, port: port.port };
    }
    return null;
  };

  const gatewayHosts = (): string[] => [
    ...objects
      .list('gateways.networking.istio.io')
      .flatMap((object) => ((object as GatewayObject).spec?.servers ?? []).flatMap(({ hosts }) => hosts ?? [])),
    ...objects.list('virtualservices.networking.istio.io').flatMap((object) => {
      const { gateways = [], hosts = [] } = (object as VirtualServiceObject).spec ?? {};
      return gateways.some((name) => name !== 'mesh') ? hosts : [];
    }),
  ];
  // A host may stand behind a namespace: `default/shop.example.com`.
  const covers = (written: string, name: string): boolean => {
    const pattern = written.slice(written.lastIndexOf('/') + 1).toLowerCase();
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : pattern === name;
  };

  return {
    ingressAddress,
    dial(host, port, signal) {
      const name = host.toLowerCase();
      if (isIP(name) === 4) return OWN_ADDRESS.test(name) ? network.connectFromNode({ ip: name, port }, signal) : null;
      const route = routeTarget(name);
      // The router listens on 80 and, with certificates, on 443.
      if (route && port !== 80) return Promise.reject(new NetworkError('ECONNREFUSED', 'connect ECONNREFUSED'));
      if (route) return network.connectFromNode(route, signal);
      const ingress = gatewayHosts().some((pattern) => covers(pattern, name)) ? ingressAddress() : null;
      return ingress === null ? null : network.connectFromNode({ ip: ingress, port }, signal);
    },
  };
}
