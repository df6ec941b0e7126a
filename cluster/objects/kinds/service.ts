import { duplicate, invalid, notSupported, required, type FieldError } from '../api-error.ts';
import { type KubernetesObject } from '../object.ts';
import { AGE, column, labelsText, NAME, wide } from './columns.ts';
import { type Kind, type KindContext } from './kind.ts';
import { label1123Error } from './names.ts';

export interface Service extends KubernetesObject {
  spec: ServiceSpec;
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

export interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  externalIPs?: string[];
  externalName?: string;
  loadBalancerIP?: string;
  selector?: Record<string, string>;
  ports?: ServicePort[];
  sessionAffinity?: string;
  publishNotReadyAddresses?: boolean;
  [field: string]: unknown;
}

export interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const NODE_PORTS = { first: 30_000, count: 2_768 };

const serviceOf = (object: KubernetesObject) => object as Service;

export const SERVICE: Kind = {
  kind: 'Service',
  group: '',
  versions: ['v1'],
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  message: 'core.Service',
  status: true,
  generation: false,
  names: 'label1035',
  columns: [
    NAME,
    column('Type', 'string', (object) => serviceOf(object).spec.type ?? ''),
    column('Cluster-IP', 'string', (object) => serviceOf(object).spec.clusterIP || '<none>'),
    column('External-IP', 'string', (object) => externalAddress(serviceOf(object))),
    column('Port(s)', 'string', (object) => portsText(serviceOf(object).spec.ports)),
    AGE,
    wide('Selector', 'string', (object) => labelsText(serviceOf(object).spec.selector)),
  ],
  selectableFields: {
    'spec.clusterIP': (object) => serviceOf(object).spec.clusterIP ?? '',
    'spec.type': (object) => serviceOf(object).spec.type ?? '',
  },
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec } = serviceOf(draft);
    spec.sessionAffinity ??= 'None';
    spec.type ??= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ??= 'TCP';
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.clusterIP && !spec.clusterIPs) spec.clusterIPs = [spec.clusterIP];
  },
  prepareCreate(draft, context) {
    const service = serviceOf(draft);
    allocate(service, context);
    service.status ??= { loadBalancer: {} };
  },
  prepareUpdate(draft, old, context) {
    const service = serviceOf(draft);
    if (service.spec.type !== 'ExternalName') {
      service.spec.clusterIP ??= serviceOf(old).spec.clusterIP;
      service.spec.clusterIPs ??= serviceOf(old).spec.clusterIPs;
      if (service.spec.clusterIP && service.spec.clusterIPs?.[0] !== service.spec.clusterIP) {
        service.spec.clusterIPs = [service.spec.clusterIP];
      }
    }
    for (const port of service.spec.ports ?? []) {
      port.nodePort ??= serviceOf(old).spec.ports?.find((one) => one.port === port.port)?.nodePort;
      if (port.nodePort === undefined) delete port.nodePort;
    }
    allocate(service, context);
  },
  validate: (object) => validateService(serviceOf(object)),
  validateUpdate(object, old) {
    const before = serviceOf(old).spec;
    const after = serviceOf(object).spec;
    if (before.clusterIP && after.type !== 'ExternalName' && before.clusterIP !== after.clusterIP) {
      return [invalid('spec.clusterIPs[0]', after.clusterIPs, 'may not change once set')];
    }
    return [];
  },
};

function allocate(service: Service, context: KindContext): void {
  const { spec } = service;
  if (spec.type === 'ExternalName') {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    return;
  }
  spec.clusterIP ??= freeClusterIp(context);
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  for (const port of spec.ports ?? []) {
    if (spec.type === 'ClusterIP') delete port.nodePort;
    else port.nodePort ??= freeNodePort(service, context);
  }
}

function freeClusterIp({ objects, random }: KindContext): string {
  const used = new Set(objects.list('services').map((object) => serviceOf(object).spec.clusterIP));
  for (;;) {
    const ip = `10.96.${random(256)}.${1 + random(254)}`;
    // Upstream keeps the first addresses of the range for services that ask for one.
    if (!used.has(ip) && !ip.startsWith('10.96.0.')) return ip;
  }
}

function freeNodePort(service: Service, { objects, random }: KindContext): number {
  const used = new Set(
    [service, ...objects.list('services').map(serviceOf)].flatMap((one) =>
      one.spec.ports?.map((port) => port.nodePort),
    ),
  );
  for (;;) {
    const port = NODE_PORTS.first + random(NODE_PORTS.count);
    if (!used.has(port)) return port;
  }
}

/** Kubernetes 1.32, pkg/apis/core/validation/validation.go, ValidateService. */
function validateService({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (ports.length === 0 && spec.clusterIP !== 'None' && spec.type !== 'ExternalName')
    errors.push(required('spec.ports'));
  if (spec.type === 'ExternalName' && !spec.externalName) errors.push(required('spec.externalName'));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    errors.push(...validatePort(port, `spec.ports[${index}]`, ports.length > 1, names));
  }
  if (spec.type && !TYPES.includes(spec.type)) errors.push(notSupported('spec.type', spec.type, TYPES));
  const seen = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const key = `${port.protocol}/${port.port}`;
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${index}]`, portAsGo(port)));
    seen.add(key);
    if (
      port.nodePort !== undefined &&
      (port.nodePort < NODE_PORTS.first || port.nodePort >= NODE_PORTS.first + NODE_PORTS.count)
    ) {
      errors.push(
        invalid(
          `spec.ports[${index}].nodePort`,
          port.nodePort,
          'provided port is not in the valid range. The range of valid ports is 30000-32767',
        ),
      );
    }
  }
  return errors;
}

function validatePort(port: ServicePort, path: string, nameRequired: boolean, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (!port.name) {
    if (nameRequired) errors.push(required(`${path}.name`));
  } else {
    const problem = label1123Error(port.name);
    if (problem) errors.push(invalid(`${path}.name`, port.name, problem));
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
    names.add(port.name);
  }
  const range = 'must be between 1 and 65535, inclusive';
  if (!(port.port >= 1 && port.port <= 65535)) errors.push(invalid(`${path}.port`, port.port ?? 0, range));
  if (!PROTOCOLS.includes(port.protocol ?? '')) errors.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
  if (typeof port.targetPort === 'number' && !(port.targetPort >= 1 && port.targetPort <= 65535)) {
    errors.push(invalid(`${path}.targetPort`, port.targetPort, range));
  }
  return errors;
}

// Upstream prints its own type here, without what the check does not compare.
function portAsGo(port: ServicePort): Record<string, unknown> {
  return { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 };
}

function externalAddress(service: Service): string {
  const { spec, status } = service;
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type === 'LoadBalancer') {
    const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
    return [...given, ...external].join(',') || '<pending>';
  }
  return external.join(',') || '<none>';
}

function portsText(ports: readonly ServicePort[] | undefined): string {
  const texts = (ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.join(',') || '<none>';
}
