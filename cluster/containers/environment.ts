import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import type { ServiceObject } from '../network/services.ts';
import type { ContainerSpec, EnvVar, PodObject } from './pod-spec.ts';

/**
 * Variables of a container: the image's, those of services, `envFrom`, `env`, each over the one before.
 * Models kubernetes pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables.
 */
export function containerEnvironment(
  objects: ObjectReader,
  pod: PodObject,
  container: ContainerSpec,
  ip: string,
  imageEnvironment: Readonly<Record<string, string>>,
): Map<string, string> {
  const namespace = pod.metadata.namespace ?? 'default';
  const result = new Map<string, string>(Object.entries(imageEnvironment));
  result.set('HOSTNAME', pod.spec?.hostname ?? pod.metadata.name);
  for (const [name, value] of serviceVariables(objects, namespace, pod.spec?.enableServiceLinks !== false)) {
    result.set(name, value);
  }
  for (const source of container.envFrom ?? []) {
    const data =
      source.configMapRef === undefined
        ? secretData(objects.get('secrets', namespace, source.secretRef?.name ?? ''))
        : configMapData(objects.get('configmaps', namespace, source.configMapRef.name ?? ''));
    for (const [key, value] of Object.entries(data)) result.set((source.prefix ?? '') + key, value.toString('utf8'));
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(objects, pod, container, ip, variable);
    if (value !== undefined) result.set(variable.name, expandReferences(value, result));
  }
  return result;
}

/** `$(NAME)` of an earlier variable; `$$` is a dollar; what is not known stays. */
export function expandReferences(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (environment.get(name) ?? whole),
  );
}

export function configMapData(object: KubernetesObject | undefined): Record<string, Buffer> {
  const result: Record<string, Buffer> = {};
  const { data, binaryData } = (object ?? {}) as {
    data?: Record<string, string>;
    binaryData?: Record<string, string>;
  };
  for (const [key, value] of Object.entries(data ?? {})) result[key] = Buffer.from(value);
  for (const [key, value] of Object.entries(binaryData ?? {})) result[key] = Buffer.from(value, 'base64');
  return result;
}

export function secretData(object: KubernetesObject | undefined): Record<string, Buffer> {
  const result: Record<string, Buffer> = {};
  const { data } = (object ?? {}) as { data?: Record<string, string> };
  for (const [key, value] of Object.entries(data ?? {})) result[key] = Buffer.from(value, 'base64');
  return result;
}

/** A field of the downward API, as text; undefined when it is not one that may be asked for. */
export function podField(pod: PodObject, path: string, ip: string): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript !== null) {
    return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? 'default';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'metadata.labels':
      return mapText(pod.metadata.labels);
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec?.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
      return ip;
    case 'status.hostIP':
    case 'status.hostIPs':
      return pod.status?.hostIP ?? '';
    default:
      return undefined;
  }
}

function mapText(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort()
    .join('\n');
}

function valueOf(
  objects: ObjectReader,
  pod: PodObject,
  container: ContainerSpec,
  ip: string,
  { value, valueFrom }: EnvVar,
): string | undefined {
  const namespace = pod.metadata.namespace ?? 'default';
  if (valueFrom === undefined) return value ?? '';
  if (valueFrom.fieldRef !== undefined) return podField(pod, valueFrom.fieldRef.fieldPath, ip);
  if (valueFrom.configMapKeyRef !== undefined) {
    const { name = '', key } = valueFrom.configMapKeyRef;
    return configMapData(objects.get('configmaps', namespace, name))[key]?.toString('utf8');
  }
  if (valueFrom.secretKeyRef !== undefined) {
    const { name = '', key } = valueFrom.secretKeyRef;
    return secretData(objects.get('secrets', namespace, name))[key]?.toString('utf8');
  }
  const resource = valueFrom.resourceFieldRef?.resource ?? '';
  const [list, name = ''] = resource.split('.');
  const amount = list === 'limits' || list === 'requests' ? container.resources?.[list]?.[name] : undefined;
  // Without a limit the node's capacity is given; ours has 2 CPUs and 8 GiB.
  return amount === undefined ? (name === 'cpu' ? '2' : '8589934592') : wholeUnits(name, amount);
}

/** A quantity in the divisor 1 of its resource, rounded up: whole CPUs, bytes. */
function wholeUnits(resource: string, quantity: string): string {
  const [, digits = '0', suffix = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const powers: Record<string, number> = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };
  const amount = Math.ceil(Number(digits) * (powers[suffix] ?? 1));
  return String(resource === 'cpu' ? Math.max(1, amount) : amount);
}

/** The `NAME_SERVICE_HOST` family; that of `kubernetes` is there even without service links. */
function serviceVariables(objects: ObjectReader, namespace: string, links: boolean): [string, string][] {
  const result: [string, string][] = [];
  const add = (service: ServiceObject | undefined): void => {
    const ip = service?.spec?.clusterIP;
    const ports = service?.spec?.ports ?? [];
    const first = ports[0];
    if (service === undefined || ip === undefined || ip === 'None' || ip === '' || first === undefined) return;
    const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
    result.push([`${prefix}_SERVICE_HOST`, ip], [`${prefix}_SERVICE_PORT`, String(first.port)]);
    for (const port of ports) {
      if (port.name === undefined || port.name === '') continue;
      result.push([`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port)]);
    }
    result.push([`${prefix}_PORT`, `tcp://${ip}:${first.port}`]);
    for (const port of ports) {
      const stem = `${prefix}_PORT_${port.port}_TCP`;
      result.push([stem, `tcp://${ip}:${port.port}`], [`${stem}_PROTO`, 'tcp']);
      result.push([`${stem}_PORT`, String(port.port)], [`${stem}_ADDR`, ip]);
    }
  };
  add(objects.get('services', 'default', 'kubernetes') as ServiceObject | undefined);
  if (links) {
    for (const service of objects.list('services', namespace)) {
      if (service.metadata.name !== 'kubernetes' || namespace !== 'default') add(service as ServiceObject);
    }
  }
  return result;
}
