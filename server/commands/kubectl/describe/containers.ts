import { longTime } from '../output/human-time.ts';
import type { Container, ContainerState, ContainerStatus } from '../pods.ts';
import { type Lines, orNone, yesNo } from './lines.ts';

/** The fields of a container that a description shows. */
interface FullContainer extends Container {
  ports?: { name?: string; containerPort: number; hostPort?: number; protocol?: string }[];
  command?: string[];
  args?: string[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  env?: { name: string; value?: string; valueFrom?: ValueFrom }[];
  envFrom?: { prefix?: string; configMapRef?: Reference; secretRef?: Reference }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

interface Reference {
  name?: string;
  key?: string;
  optional?: boolean;
}

interface ValueFrom {
  fieldRef?: { apiVersion?: string; fieldPath: string };
  resourceFieldRef?: { containerName?: string; resource: string };
  secretKeyRef?: Reference;
  configMapKeyRef?: Reference;
}

interface Probe {
  exec?: { command?: string[] };
  httpGet?: { path?: string; port: number | string; host?: string; scheme?: string };
  tcpSocket?: { port: number | string; host?: string };
  grpc?: { port: number; service?: string };
  initialDelaySeconds?: number;
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
}

/** Value of a pod's field for `fieldRef`; '' where it is not known. */
export type FieldResolver = (fieldPath: string) => string;

/**
 * @param space indentation of the whole part: '' for a pod, '  ' within a template, where names stand one deeper.
 * @param statuses undefined for a template.
 */
export function addContainers(
  lines: Lines,
  label: string,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[] | undefined,
  resolve: FieldResolver,
  space: string,
): void {
  lines.raw(containers.length === 0 ? `${space}${label}: <none>\n` : `${space}${label}:\n`);
  for (const each of containers) {
    const container = each as FullContainer;
    const status = statuses?.find(({ name }) => name === container.name);
    lines.add(1, `${space === '' ? '' : ' '}${container.name}:`);
    if (status) lines.add(2, 'Container ID:', status.containerID ?? '');
    lines.add(2, 'Image:', container.image ?? '');
    if (status) lines.add(2, 'Image ID:', status.imageID ?? '');
    addPorts(lines, container);
    addWords(lines, 'Command', container.command);
    addWords(lines, 'Args', container.args);
    if (status) addStatus(lines, status);
    addResources(lines, container);
    for (const [name, probe] of probesOf(container)) lines.add(2, `${name}:`, renderProbe(probe));
    addEnvironmentFrom(lines, container);
    addEnvironment(lines, container, resolve);
    addMounts(lines, container);
  }
}

function addPorts(lines: Lines, { ports = [] }: FullContainer): void {
  const render = (pick: (port: NonNullable<FullContainer['ports']>[number]) => number) =>
    ports.map((port) => `${pick(port)}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`).join(', ');
  const inside = render((port) => port.containerPort);
  const outside = render((port) => port.hostPort ?? 0);
  lines.add(2, inside.includes(',') ? 'Ports:' : 'Port:', orNone(inside));
  lines.add(2, outside.includes(',') ? 'Host Ports:' : 'Host Port:', orNone(outside));
}

function addWords(lines: Lines, title: string, words: readonly string[] | undefined): void {
  if (!words || words.length === 0) return;
  lines.add(2, `${title}:`);
  for (const word of words) for (const line of word.split('\n')) lines.add(3, line);
}

function addStatus(lines: Lines, status: ContainerStatus): void {
  addState(lines, 'State', status.state);
  if (status.lastState?.terminated) addState(lines, 'Last State', status.lastState);
  lines.add(2, 'Ready:', yesNo(status.ready ?? false));
  lines.add(2, 'Restart Count:', String(status.restartCount ?? 0));
}

function addState(lines: Lines, title: string, state: ContainerState = {}): void {
  const { running, waiting, terminated } = state;
  if (running) {
    lines.add(2, `${title}:`, 'Running').add(3, 'Started:', longTime(running.startedAt));
  } else if (terminated) {
    lines.add(2, `${title}:`, 'Terminated');
    if (terminated.reason) lines.add(3, 'Reason:', terminated.reason);
    if (terminated.message) lines.add(3, 'Message:', terminated.message);
    lines.add(3, 'Exit Code:', String(terminated.exitCode));
    if (terminated.signal) lines.add(3, 'Signal:', String(terminated.signal));
    lines.add(3, 'Started:', longTime(terminated.startedAt)).add(3, 'Finished:', longTime(terminated.finishedAt));
  } else {
    lines.add(2, `${title}:`, 'Waiting');
    if (waiting?.reason) lines.add(3, 'Reason:', waiting.reason);
  }
}

function addResources(lines: Lines, { resources = {} }: FullContainer): void {
  for (const [title, list] of [
    ['Limits', resources.limits],
    ['Requests', resources.requests],
  ] as const) {
    const entries = Object.entries(list ?? {}).sort();
    if (entries.length > 0) lines.add(2, `${title}:`);
    for (const [name, quantity] of entries) lines.add(3, `${name}:`, quantity);
  }
}

function probesOf(container: FullContainer): [name: string, probe: Probe][] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  const named: [string, Probe | undefined][] = [
    ['Liveness', livenessProbe],
    ['Readiness', readinessProbe],
    ['Startup', startupProbe],
  ];
  return named.filter((each): each is [string, Probe] => each[1] !== undefined);
}

function renderProbe(probe: Probe): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 0}s period=${probe.periodSeconds ?? 0}s #success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${attributes}`;
  if (httpGet) {
    const path = (httpGet.path ?? '').replace(/^(?!\/)(?=.)/, '/');
    return `http-get ${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${httpGet.host ?? ''}:${httpGet.port}${path} ${attributes}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${attributes}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}

function addEnvironmentFrom(lines: Lines, { envFrom = [] }: FullContainer): void {
  if (envFrom.length === 0) return;
  lines.add(2, 'Environment Variables from:');
  for (const { prefix, configMapRef, secretRef } of envFrom) {
    const reference = configMapRef ?? secretRef ?? {};
    const from = `${configMapRef ? 'ConfigMap' : 'Secret'}${prefix ? ` with prefix '${prefix}'` : ''}`;
    lines.add(3, reference.name ?? '', from, `Optional: ${String(reference.optional ?? false)}`);
  }
}

function addEnvironment(lines: Lines, { env = [] }: FullContainer, resolve: FieldResolver): void {
  if (env.length === 0) {
    lines.add(2, 'Environment:', '<none>');
    return;
  }
  lines.add(2, 'Environment:');
  for (const { name, value = '', valueFrom } of env) {
    if (!valueFrom) {
      value.split('\n').forEach((line, index) => lines.add(3, index === 0 ? `${name}:` : '', line));
      continue;
    }
    lines.add(3, `${name}:`, ...renderSource(valueFrom, resolve));
  }
}

function renderSource(
  { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef }: ValueFrom,
  resolve: FieldResolver,
): string[] {
  const optional = (reference: Reference) => `Optional: ${String(reference.optional ?? false)}`;
  if (fieldRef) return [`${resolve(fieldRef.fieldPath)} (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`];
  if (resourceFieldRef) return [` (${resourceFieldRef.resource})`];
  if (secretKeyRef)
    return [`<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>`, optional(secretKeyRef)];
  if (configMapKeyRef) {
    return [
      `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`,
      optional(configMapKeyRef),
    ];
  }
  return [''];
}

function addMounts(lines: Lines, { volumeMounts = [] }: FullContainer): void {
  lines.add(2, ...(volumeMounts.length === 0 ? ['Mounts:', '<none>'] : ['Mounts:']));
  const sorted = [...volumeMounts].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  for (const { name, mountPath, readOnly, subPath } of sorted) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path=${JSON.stringify(subPath)}`] : [])].join(',');
    lines.add(3, `${mountPath} from ${name} (${flags})`);
  }
}
