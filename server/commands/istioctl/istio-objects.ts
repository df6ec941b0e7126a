/** What istioctl reads of Istio's objects and of those of Kubernetes beside them. */
import type { Container } from '../kubectl/pods.ts';
import type { KubernetesObject } from './resources.ts';

export interface StringMatch {
  exact?: string;
  prefix?: string;
  regex?: string;
}

export interface Destination {
  host?: string;
  subset?: string;
  port?: { number?: number };
}

export interface HttpMatch {
  uri?: StringMatch;
  ignoreUriCase?: boolean;
  headers?: Record<string, StringMatch>;
  [field: string]: unknown;
}

export interface HttpRoute {
  match?: HttpMatch[];
  route?: { destination?: Destination; weight?: number }[];
  fault?: unknown;
  mirror?: Destination;
  mirrors?: { destination?: Destination }[];
  [field: string]: unknown;
}

export interface BytesRoute {
  match?: Record<string, unknown>[];
  route?: { destination?: Destination; weight?: number }[];
}

export interface VirtualService extends KubernetesObject {
  spec?: {
    hosts?: string[];
    gateways?: string[];
    exportTo?: string[];
    http?: HttpRoute[];
    tcp?: BytesRoute[];
    tls?: BytesRoute[];
  };
}

export interface TlsSettings {
  mode?: string;
  caCertificates?: string;
  credentialName?: string;
  clientCertificate?: string;
  privateKey?: string;
}

export interface TrafficPolicy {
  tls?: TlsSettings;
  loadBalancer?: unknown;
  connectionPool?: unknown;
  outlierDetection?: unknown;
  portLevelSettings?: (TrafficPolicy & { port?: { number?: number } })[];
}

export interface Subset {
  name: string;
  labels?: Record<string, string>;
  trafficPolicy?: TrafficPolicy;
}

export interface DestinationRule extends KubernetesObject {
  spec?: { host?: string; trafficPolicy?: TrafficPolicy; subsets?: Subset[]; exportTo?: string[] };
}

export interface GatewayServer {
  port?: { number?: number; name?: string; protocol?: string };
  hosts?: string[];
  tls?: { mode?: string; credentialName?: string; httpsRedirect?: boolean };
}

export interface Gateway extends KubernetesObject {
  spec?: { selector?: Record<string, string>; servers?: GatewayServer[] };
}

/** PeerAuthentication, AuthorizationPolicy and RequestAuthentication. */
export interface SecurityPolicy extends KubernetesObject {
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
    action?: string;
    rules?: {
      from?: { source?: Record<string, string[]> }[];
      to?: { operation?: Record<string, string[]> }[];
      when?: { key?: string; values?: string[]; notValues?: string[] }[];
    }[];
    jwtRules?: { issuer?: string; jwksUri?: string; jwks?: string }[];
  };
}

export interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  appProtocol?: string;
  targetPort?: number | string;
}

export interface Service extends KubernetesObject {
  spec?: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: ServicePort[];
    externalName?: string;
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

export interface ContainerPort {
  containerPort: number;
  name?: string;
  protocol?: string;
}

export interface MeshContainer extends Container {
  ports?: ContainerPort[];
  securityContext?: { runAsUser?: number };
}

export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** A short name is of the namespace of the object that holds it. */
export function qualifyHost(host: string, namespace: string): string {
  return host.startsWith('*') || host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`;
}

export function hostOf({ metadata }: KubernetesObject): string {
  return `${metadata.name}.${metadata.namespace ?? 'default'}.svc.cluster.local`;
}

/** From `appProtocol` or the name up to its first dash; `UnsupportedProtocol` for any other word (pkg/config/protocol). */
export function protocolOf({ name = '', appProtocol, protocol = 'TCP' }: ServicePort): string {
  if (protocol === 'UDP') return 'UDP';
  const word = (appProtocol ?? name).toLowerCase();
  if (word.startsWith('grpc-web')) return 'GRPC-Web';
  return PROTOCOLS[appProtocol === undefined ? (word.split('-')[0] ?? '') : word] ?? 'UnsupportedProtocol';
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  http: 'HTTP',
  http2: 'HTTP2',
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  grpc: 'GRPC',
  https: 'HTTPS',
  tcp: 'TCP',
  tls: 'TLS',
  mongo: 'Mongo',
  mysql: 'MySQL',
  redis: 'Redis',
};
