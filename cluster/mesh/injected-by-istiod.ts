import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../objects/object.ts';
import { imageOf, type Era } from './era.ts';
import { probeEnvironment, rewriteProbes } from './probe-rewriting.ts';

export interface Volume {
  name: string;
  [source: string]: unknown;
}

export interface InjectablePod extends KubernetesObject {
  spec: {
    containers: { name: string; [field: string]: unknown }[];
    initContainers?: unknown[];
    volumes?: Volume[];
    hostNetwork?: boolean;
    serviceAccountName?: string;
    [field: string]: unknown;
  };
}

/** The pod with its sidecar as istiod's templates make it (manifests/charts/istio-control/istio-discovery/files). */
export function injectedByIstiod(pod: InjectablePod, era: Era): KubernetesObject {
  const labels = pod.metadata.labels ?? {};
  const workload = workloadName(pod);
  const canonicalName =
    labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels['app'] ?? workload;
  const revision =
    labels['service.istio.io/canonical-revision'] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest';
  const isToday = era.injection.template === 'current';
  const volumes = sidecarVolumes(isToday);
  const status = {
    ...(isToday ? {} : { version: createHash('sha256').update(era.release).digest('hex') }),
    initContainers: ['istio-init'],
    containers: ['istio-proxy'],
    volumes: volumes.map((volume) => volume.name),
    imagePullSecrets: null,
    ...(isToday ? { revision: 'default' } : {}),
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...labels,
        ...(isToday ? {} : { 'istio.io/rev': 'default' }),
        'security.istio.io/tlsMode': labels['security.istio.io/tlsMode'] ?? 'istio',
        'service.istio.io/canonical-name': canonicalName,
        'service.istio.io/canonical-revision': revision,
      },
      annotations: {
        ...pod.metadata.annotations,
        ...(isToday ? todaysAnnotations(pod) : {}),
        'sidecar.istio.io/status': JSON.stringify(status),
      },
    },
    spec: {
      ...pod.spec,
      containers: [...rewriteProbes(pod, era), proxyContainer(pod, workload, era)],
      initContainers: [...(pod.spec.initContainers ?? []), initContainer(era)],
      volumes: [...(pod.spec.volumes ?? []), ...volumes],
    },
  };
}

function todaysAnnotations(pod: InjectablePod): Record<string, string> {
  const first = pod.spec.containers[0]?.name ?? '';
  const container = (key: string): [string, string] => [key, pod.metadata.annotations?.[key] ?? first];
  return {
    'istio.io/rev': 'default',
    ...Object.fromEntries([
      container('kubectl.kubernetes.io/default-container'),
      container('kubectl.kubernetes.io/default-logs-container'),
    ]),
    'prometheus.io/path': '/stats/prometheus',
    'prometheus.io/port': '15020',
    'prometheus.io/scrape': 'true',
  };
}

/** The workload of a controlled pod: its name without the two suffixes that controllers add. */
export function workloadName(pod: InjectablePod): string {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return pod.metadata.name;
  return owner.kind === 'ReplicaSet' ? owner.name.replace(/-[^-]+$/, '') : owner.name;
}

function initContainer(era: Era): unknown {
  return {
    name: 'istio-init',
    image: imageOf(era, 'proxyv2'),
    imagePullPolicy: 'IfNotPresent',
    args: 'istio-iptables -p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x  -b * -d 15090,15021,15020'
      .split(' ')
      .concat('--log_output_level=default:info'),
    resources: proxyResources(),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: false,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
    },
  };
}

export function field(name: string, fieldPath: string): unknown {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function proxyContainer(pod: InjectablePod, workload: string, era: Era): { name: string } {
  const ports = pod.spec.containers.flatMap((container) => (container['ports'] as unknown[] | undefined) ?? []);
  const namespace = pod.metadata.namespace ?? 'default';
  const isToday = era.injection.template === 'current';
  return {
    name: 'istio-proxy',
    image: imageOf(era, 'proxyv2'),
    imagePullPolicy: 'IfNotPresent',
    args: [
      'proxy',
      'sidecar',
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
      ...(isToday ? [] : ['--serviceCluster', `${pod.metadata.labels?.['app'] ?? workload}.$(POD_NAMESPACE)`]),
      '--proxyLogLevel=warning',
      '--proxyComponentLogLevel=misc:error',
      ...(isToday ? ['--log_output_level=default:info'] : ['--trust-domain=cluster.local', '--concurrency', '2']),
    ],
    env: [
      { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
      { name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' },
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      field('INSTANCE_IP', 'status.podIP'),
      field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
      field('HOST_IP', 'status.hostIP'),
      { name: 'PROXY_CONFIG', value: '{}\n' },
      {
        name: 'ISTIO_META_POD_PORTS',
        value: `[\n${ports.map((port) => `    ${JSON.stringify(port)}`).join(',\n')}\n]`,
      },
      { name: 'ISTIO_META_APP_CONTAINERS', value: pod.spec.containers.map((container) => container.name).join(',') },
      { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
      field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
      { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' },
      { name: 'ISTIO_META_WORKLOAD_NAME', value: workload },
      { name: 'ISTIO_META_OWNER', value: `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${workload}` },
      { name: 'ISTIO_META_MESH_ID', value: 'cluster.local' },
      { name: 'TRUST_DOMAIN', value: 'cluster.local' },
      ...probeEnvironment(pod, era),
    ],
    ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
    readinessProbe: {
      failureThreshold: 4,
      httpGet: { path: '/healthz/ready', port: 15021, scheme: 'HTTP' },
      periodSeconds: 15,
      successThreshold: 1,
      timeoutSeconds: 3,
    },
    resources: proxyResources(),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
    },
    volumeMounts: [
      ...(isToday
        ? [
            { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
            { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
            { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
            { name: 'istio-data', mountPath: '/var/lib/istio/data' },
          ]
        : []),
      { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
      { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
      { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
      { name: 'istio-podinfo', mountPath: '/etc/istio/pod' },
    ],
  } as { name: string };
}

function proxyResources(): unknown {
  return { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '10m', memory: '40Mi' } };
}

function item(path: string): unknown {
  return { path, fieldRef: { apiVersion: 'v1', fieldPath: `metadata.${path}` } };
}

function sidecarVolumes(isToday: boolean): Volume[] {
  const sockets = ['workload-socket', 'credential-socket', 'workload-certs'];
  return [
    ...(isToday ? sockets.map((name) => ({ name, emptyDir: {} })) : []),
    { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
    ...(isToday ? [{ name: 'istio-data', emptyDir: {} }] : []),
    { name: 'istio-podinfo', downwardAPI: { defaultMode: 420, items: [item('labels'), item('annotations')] } },
    {
      name: 'istio-token',
      projected: {
        defaultMode: 420,
        sources: [{ serviceAccountToken: { audience: 'istio-ca', expirationSeconds: 43_200, path: 'istio-token' } }],
      },
    },
    { name: 'istiod-ca-cert', configMap: { defaultMode: 420, name: 'istio-ca-root-cert' } },
  ];
}
