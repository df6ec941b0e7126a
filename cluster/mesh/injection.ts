import type { KubernetesObject } from '../objects/object.ts';

/** Version of the simulated mesh where no lesson asks for another. */
export const ISTIO_VERSION = '1.27.0';

const PROXY_IMAGE = `docker.io/istio/proxyv2:${ISTIO_VERSION}`;

/** Istio 1.27, pkg/kube/inject/webhook.go and the chart's webhook: these are never injected. */
const EXCLUDED_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

interface Volume {
  name: string;
  [source: string]: unknown;
}
interface InjectablePod extends KubernetesObject {
  spec: {
    containers: { name: string; [field: string]: unknown }[];
    initContainers?: unknown[];
    volumes?: Volume[];
    hostNetwork?: boolean;
    [field: string]: unknown;
  };
}

/**
 * The pod with its sidecar, as the injector answers at creation; the same object when it is not to be injected.
 * Namespace label `istio-injection` over `istio.io/rev`; pod label `sidecar.istio.io/inject` over the annotation of
 * the same name; a label `true` is enough where the namespace says nothing (Istio 1.27, pkg/kube/inject/inject.go,
 * injectRequired, and the object selector of the webhook).
 */
export function injectSidecar(pod: KubernetesObject, namespace: KubernetesObject | undefined): KubernetesObject {
  const input = pod as InjectablePod;
  if (!isInjected(input, namespace)) return pod;

  const labels = input.metadata.labels ?? {};
  const workload = workloadName(input);
  const canonicalName =
    labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels['app'] ?? workload;
  const revision =
    labels['service.istio.io/canonical-revision'] ??
    labels['app.kubernetes.io/version'] ??
    labels['version'] ??
    'latest';
  const defaultContainer = input.spec.containers[0]?.name ?? '';
  const volumes = sidecarVolumes();
  const status = {
    initContainers: ['istio-init'],
    containers: ['istio-proxy'],
    volumes: volumes.map((volume) => volume.name),
    imagePullSecrets: null,
    revision: 'default',
  };
  return {
    ...input,
    metadata: {
      ...input.metadata,
      labels: {
        ...labels,
        'security.istio.io/tlsMode': labels['security.istio.io/tlsMode'] ?? 'istio',
        'service.istio.io/canonical-name': canonicalName,
        'service.istio.io/canonical-revision': revision,
      },
      annotations: {
        ...input.metadata.annotations,
        'istio.io/rev': 'default',
        'kubectl.kubernetes.io/default-container':
          input.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? defaultContainer,
        'kubectl.kubernetes.io/default-logs-container':
          input.metadata.annotations?.['kubectl.kubernetes.io/default-logs-container'] ?? defaultContainer,
        'prometheus.io/path': '/stats/prometheus',
        'prometheus.io/port': '15020',
        'prometheus.io/scrape': 'true',
        'sidecar.istio.io/status': JSON.stringify(status),
      },
    },
    spec: {
      ...input.spec,
      containers: [...input.spec.containers, proxyContainer(input, workload)],
      initContainers: [...(input.spec.initContainers ?? []), initContainer()],
      volumes: [...(input.spec.volumes ?? []), ...volumes],
    },
  };
}

function isInjected(pod: InjectablePod, namespace: KubernetesObject | undefined): boolean {
  const name = pod.metadata.namespace ?? namespace?.metadata.name ?? 'default';
  if (EXCLUDED_NAMESPACES.includes(name) || pod.spec.hostNetwork === true) return false;
  // A pod that has its proxy already: istioctl kube-inject.
  if (pod.spec.containers.some((container) => container.name === 'istio-proxy')) return false;

  const label = pod.metadata.labels?.['sidecar.istio.io/inject'];
  const wish = label ?? pod.metadata.annotations?.['sidecar.istio.io/inject'];
  const injection = namespace?.metadata.labels?.['istio-injection'];
  const revision = namespace?.metadata.labels?.['istio.io/rev'];
  if (injection === 'disabled') return false;
  if (injection === 'enabled' || (injection === undefined && revision === 'default')) return wish !== 'false';
  // Without a label of the namespace the webhook hears only of pods with the label; annotations are not enough.
  return injection === undefined && revision === undefined && label === 'true';
}

/** The workload of a controlled pod: its name without the two suffixes that controllers add. */
function workloadName(pod: InjectablePod): string {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return pod.metadata.name;
  return owner.kind === 'ReplicaSet' ? owner.name.replace(/-[^-]+$/, '') : owner.name;
}

function initContainer(): unknown {
  return {
    name: 'istio-init',
    image: PROXY_IMAGE,
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

function field(name: string, fieldPath: string): unknown {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function proxyContainer(pod: InjectablePod, workload: string): { name: string } {
  const ports = pod.spec.containers.flatMap((container) => (container['ports'] as unknown[] | undefined) ?? []);
  const namespace = pod.metadata.namespace ?? 'default';
  return {
    name: 'istio-proxy',
    image: PROXY_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    args: [
      'proxy',
      'sidecar',
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
      '--proxyLogLevel=warning',
      '--proxyComponentLogLevel=misc:error',
      '--log_output_level=default:info',
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
      { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
      { name: 'credential-socket', mountPath: '/var/run/secrets/credential-uds' },
      { name: 'workload-certs', mountPath: '/var/run/secrets/workload-spiffe-credentials' },
      { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio' },
      { name: 'istio-data', mountPath: '/var/lib/istio/data' },
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

function sidecarVolumes(): Volume[] {
  return [
    { name: 'workload-socket', emptyDir: {} },
    { name: 'credential-socket', emptyDir: {} },
    { name: 'workload-certs', emptyDir: {} },
    { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
    { name: 'istio-data', emptyDir: {} },
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
