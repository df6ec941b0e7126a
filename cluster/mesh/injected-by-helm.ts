import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../objects/object.ts';
import { imageOf, type Era } from './era.ts';
import { field, workloadName, type InjectablePod, type Volume } from './injected-by-istiod.ts';
import { probeEnvironment, rewriteProbes } from './probe-rewriting.ts';

/**
 * The pod with its sidecar as the templates of Citadel's time make it (install/kubernetes/helm/istio/files/injection-template.yaml
 * of 1.0 to 1.4): the account's certificates are mounted at /etc/certs.
 */
export function injectedByHelm(pod: InjectablePod, era: Era): KubernetesObject {
  const labels = pod.metadata.labels ?? {};
  const volumes = sidecarVolumes(pod.spec.serviceAccountName ?? 'default');
  const status = {
    version: createHash('sha256').update(era.release).digest('hex'),
    initContainers: ['istio-init'],
    containers: ['istio-proxy'],
    volumes: volumes.map((volume) => volume.name),
    imagePullSecrets: null,
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(era.injection.marksTlsMode
        ? { labels: { ...labels, 'security.istio.io/tlsMode': labels['security.istio.io/tlsMode'] ?? 'istio' } }
        : {}),
      annotations: { ...pod.metadata.annotations, 'sidecar.istio.io/status': JSON.stringify(status) },
    },
    spec: {
      ...pod.spec,
      containers: [...rewriteProbes(pod, era), proxyContainer(pod, era)],
      initContainers: [...(pod.spec.initContainers ?? []), initContainer(era)],
      volumes: [...(pod.spec.volumes ?? []), ...volumes],
    },
  };
}

/** Arguments of a command line without quotes. */
export function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '');
}

function applicationPorts(pod: InjectablePod): string {
  return pod.spec.containers
    .flatMap((container) => (container['ports'] as { containerPort: number }[] | undefined) ?? [])
    .map(({ containerPort }) => containerPort)
    .join(',');
}

/**
 * istio-iptables' options: from 1.1 on the status port is left alone. Left out: through 1.2 only ports that the pod
 * declares were captured.
 */
function initContainer(era: Era): unknown {
  const { healthPort } = era.injection;
  return {
    name: 'istio-init',
    image: imageOf(era, 'proxy_init'),
    imagePullPolicy: 'IfNotPresent',
    args: [
      ...words('-p 15001 -u 1337 -m REDIRECT -i * -x'),
      '',
      ...words('-b * -d'),
      healthPort === null ? '' : String(healthPort),
    ],
    resources: {},
    securityContext: { capabilities: { add: ['NET_ADMIN'] } },
  };
}

function proxyContainer(pod: InjectablePod, era: Era): { name: string } {
  const { healthPort } = era.injection;
  const service = pod.metadata.labels?.['app'] ?? workloadName(pod);
  const tellsStatus = healthPort !== null;
  return {
    name: 'istio-proxy',
    image: imageOf(era, 'proxyv2'),
    imagePullPolicy: 'IfNotPresent',
    args: [
      ...words('proxy sidecar'),
      ...words(tellsStatus ? '--domain $(POD_NAMESPACE).svc.cluster.local' : ''),
      ...words('--configPath /etc/istio/proxy --binaryPath /usr/local/bin/envoy'),
      ...words(`--serviceCluster ${tellsStatus ? `${service}.$(POD_NAMESPACE)` : service}`),
      ...words('--drainDuration 45s --parentShutdownDuration 1m0s'),
      ...words(`--discoveryAddress istio-pilot.istio-system:${tellsStatus ? 15_010 : 15_007}`),
      ...words(tellsStatus ? '' : '--discoveryRefreshDelay 1s'),
      ...words('--zipkinAddress zipkin.istio-system:9411 --connectTimeout 10s --proxyAdminPort 15000'),
      ...words(tellsStatus ? '--concurrency 2' : ''),
      ...words('--controlPlaneAuthPolicy NONE'),
      ...(tellsStatus ? ['--statusPort', String(healthPort), '--applicationPorts', applicationPorts(pod)] : []),
    ],
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      field('INSTANCE_IP', 'status.podIP'),
      field('ISTIO_META_POD_NAME', 'metadata.name'),
      { name: 'ISTIO_META_INTERCEPTION_MODE', value: 'REDIRECT' },
      ...probeEnvironment(pod, era),
    ],
    ports: [{ containerPort: 15_090, name: 'http-envoy-prom', protocol: 'TCP' }],
    ...(tellsStatus
      ? {
          readinessProbe: {
            failureThreshold: 30,
            httpGet: { path: '/healthz/ready', port: healthPort, scheme: 'HTTP' },
            initialDelaySeconds: 1,
            periodSeconds: 2,
            successThreshold: 1,
            timeoutSeconds: 1,
          },
        }
      : {}),
    resources: { requests: { cpu: '10m' } },
    securityContext: { readOnlyRootFilesystem: true, runAsUser: 1337 },
    volumeMounts: [
      { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
      { name: 'istio-certs', mountPath: '/etc/certs/', readOnly: true },
    ],
  } as { name: string };
}

function sidecarVolumes(serviceAccount: string): Volume[] {
  return [
    { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
    // Optional: Citadel may come later than the pod.
    { name: 'istio-certs', secret: { optional: true, secretName: secretNameOf(serviceAccount) } },
  ];
}

/** The secret in which Citadel keeps an account's key and certificates. */
export function secretNameOf(serviceAccount: string): string {
  return `istio.${serviceAccount}`;
}
