/** What an installation of Istio leaves in its namespace, release by release, without what no lesson looks at. */
import { imageOf, type Era } from './mesh/era.ts';
import { injectorConfigMap } from './mesh/injector-settings.ts';
import { installedSettings } from './mesh/installed-settings.ts';
import { words } from './mesh/injected-by-helm.ts';

type Manifest = Record<string, unknown>;

interface Port {
  name: string;
  port: number;
  targetPort?: number;
  nodePort?: number;
}

/** One program of the installation: its account, its Service and its Deployment. */
interface Program {
  name: string;
  labels: Record<string, string>;
  account: string;
  type?: 'LoadBalancer';
  /** None: it has no Service. */
  ports: readonly Port[];
  podLabels?: Record<string, string>;
  containers: readonly Manifest[];
}

const NAMESPACE = 'istio-system';

/** In the order of their creation. */
export function meshObjects(era: Era): readonly Manifest[] {
  const programs = era.serverPolicies === 'Policy' ? programsOfHelm(era) : programsOfIstiod(era);
  const accounts = new Map(programs.map((program) => [program.account, program]));
  return [
    ...configMaps(era),
    ...[...accounts.values()].map(({ account, labels }) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: account, namespace: NAMESPACE, labels },
    })),
    ...programs.flatMap(({ name, labels, type, ports }) =>
      ports.length === 0
        ? []
        : {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name, namespace: NAMESPACE, labels },
            spec: {
              ...(type === undefined ? {} : { type }),
              selector: labels,
              ports: ports.map((port) => ({ protocol: 'TCP', ...port })),
            },
          },
    ),
    ...programs.map(({ name, labels, account, podLabels = {}, containers }) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: NAMESPACE, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels: { ...labels, ...podLabels },
            ...(era.injection.podLabel ? {} : { annotations: { 'sidecar.istio.io/inject': 'false' } }),
          },
          spec: { serviceAccountName: account, containers },
        },
      },
    })),
    ...policies(era),
    ...(era.hub === 'docker.io/maistra' ? [controlPlane(era)] : []),
  ];
}

/** The settings that the mesh and its injector follow. */
function configMaps(era: Era): Manifest[] {
  const labels =
    era.serverPolicies === 'Policy'
      ? (app: string): Record<string, string> => ({ app, chart: app, heritage: 'Tiller', release: 'istio' })
      : (): Record<string, string> => ({
          'install.operator.istio.io/owning-resource': 'unknown',
          'istio.io/rev': 'default',
          'operator.istio.io/component': 'Pilot',
          release: 'istio',
        });
  const configMap = (name: string, app: string, data: Record<string, string>): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE, labels: labels(app) },
    data,
  });
  const networks: Record<string, string> = era.version === '1.0' ? {} : { meshNetworks: 'networks: {}' };
  return [
    configMap('istio', 'istio', { mesh: installedSettings(era), ...networks }),
    configMap('istio-sidecar-injector', 'sidecarInjectorWebhook', injectorConfigMap(era)),
  ];
}

/** istiod alone, from 1.5 on (manifests/charts/istio-control/istio-discovery and gateways/istio-ingress). */
function programsOfIstiod(era: Era): Program[] {
  const podLabels: Record<string, string> = era.injection.podLabel ? { 'sidecar.istio.io/inject': 'false' } : {};
  const http2 = { name: 'http2', port: 80, targetPort: 8080 };
  const https = { name: 'https', port: 443, targetPort: 8443 };
  const gateway = (way: 'egress' | 'ingress', ports: readonly Port[], type?: 'LoadBalancer'): Program => ({
    name: `istio-${way}gateway`,
    labels: { app: `istio-${way}gateway`, istio: `${way}gateway` },
    account: `istio-${way}gateway-service-account`,
    ...(type === undefined ? {} : { type }),
    ports,
    podLabels,
    containers: [
      {
        name: 'istio-proxy',
        image: imageOf(era, 'proxyv2'),
        args: [
          'proxy',
          'router',
          '--domain',
          '$(POD_NAMESPACE).svc.cluster.local',
          '--proxyLogLevel=warning',
          '--proxyComponentLogLevel=misc:error',
          '--log_output_level=default:info',
        ],
        ports: [15_021, ...ports.map(({ targetPort }) => targetPort).filter((port) => port !== 15_021)].map(
          (containerPort) => ({ containerPort }),
        ),
        resources: { requests: { cpu: '10m', memory: '40Mi' } },
      },
    ],
  });
  return [
    {
      name: 'istiod',
      labels: { app: 'istiod', istio: 'pilot' },
      account: era.version === 'current' ? 'istiod' : 'istiod-service-account',
      ports: [
        { name: 'grpc-xds', port: 15_010 },
        { name: 'https-dns', port: 15_012 },
        { name: 'https-webhook', port: 443, targetPort: 15_017 },
        { name: 'http-monitoring', port: 15_014 },
      ],
      podLabels: { 'istio.io/rev': 'default', ...podLabels },
      containers: [
        {
          name: 'discovery',
          image: imageOf(era, 'pilot'),
          args: [
            'discovery',
            '--monitoringAddr=:15014',
            '--log_output_level=default:info',
            '--domain',
            'cluster.local',
            '--keepaliveMaxServerConnectionAge',
            '30m',
          ],
          ports: [8080, 15_010, 15_012, 15_017].map((containerPort) => ({ containerPort })),
          resources: { requests: { cpu: '10m', memory: '100Mi' } },
        },
      ],
    },
    gateway('egress', [http2, https]),
    gateway(
      'ingress',
      [
        { name: 'status-port', port: 15_021, targetPort: 15_021 },
        http2,
        https,
        { name: 'tcp', port: 31_400, targetPort: 31_400 },
        { name: 'tls', port: 15_443, targetPort: 15_443 },
      ],
      'LoadBalancer',
    ),
  ];
}

/** One program for each task, through 1.4 (install/kubernetes/helm/istio/charts). */
function programsOfHelm(era: Era): Program[] {
  const { healthPort } = era.injection;
  const monitoring = { name: 'http-monitoring', port: healthPort === null ? 9093 : 15_014 };
  const requests = { requests: { cpu: '10m' } };
  const alone = (name: string, image: string, args: string[], ports: number[]): Manifest => ({
    name,
    image: imageOf(era, image),
    args,
    ports: ports.map((containerPort) => ({ containerPort })),
    resources: requests,
  });
  // A proxy that ends mutual TLS for the program beside it and captures nothing.
  const frontedBy = (cluster: string, template: string): Manifest => ({
    name: 'istio-proxy',
    image: imageOf(era, 'proxyv2'),
    args: [
      'proxy',
      '--serviceCluster',
      cluster,
      '--templateFile',
      `/etc/istio/proxy/${template}`,
      '--controlPlaneAuthPolicy',
      'NONE',
    ],
    resources: requests,
  });
  const gateway = (way: 'egress' | 'ingress', ports: readonly Port[]): Program => ({
    name: `istio-${way}gateway`,
    labels: { app: `istio-${way}gateway`, istio: `${way}gateway` },
    account: `istio-${way}gateway-service-account`,
    ...(way === 'ingress' ? { type: 'LoadBalancer' as const } : {}),
    ports,
    containers: [
      {
        name: 'istio-proxy',
        image: imageOf(era, 'proxyv2'),
        args: [
          ...words('proxy router --drainDuration 45s --parentShutdownDuration 1m0s --connectTimeout 10s'),
          ...words(`--serviceCluster istio-${way}gateway --zipkinAddress zipkin:9411 --proxyAdminPort 15000`),
          ...words('--controlPlaneAuthPolicy NONE'),
          ...words(healthPort === null ? '' : `--statusPort ${healthPort}`),
          ...words(`--discoveryAddress istio-pilot:${healthPort === null ? 8080 : 15_010}`),
        ],
        ports: ports.map(({ port, targetPort = port }) => ({ containerPort: targetPort })),
        resources: requests,
      },
    ],
  });
  const mixer = (task: 'policy' | 'telemetry', ...ports: Port[]): Program => ({
    name: `istio-${task}`,
    labels: { app: task, istio: 'mixer', 'istio-mixer-type': task },
    account: 'istio-mixer-service-account',
    ports: [{ name: 'grpc-mixer', port: 9091 }, { name: 'grpc-mixer-mtls', port: 15_004 }, monitoring, ...ports],
    containers: [
      alone('mixer', 'mixer', ['server', '--address', 'unix:///sock/mixer.socket'], [monitoring.port, 42_422]),
      frontedBy(`istio-${task}`, `envoy_${task}.yaml.tmpl`),
    ],
  });
  return [
    {
      name: 'istio-citadel',
      labels: { app: 'security', istio: 'citadel' },
      account: 'istio-citadel-service-account',
      ports: [{ name: 'grpc-citadel', port: 8060 }, monitoring],
      containers: [
        alone('citadel', 'citadel', ['--append-dns-names=true', '--grpc-port=8060', '--self-signed-ca=true'], []),
      ],
    },
    gateway('egress', [
      { name: 'http2', port: 80 },
      { name: 'https', port: 443 },
      { name: 'tls', port: 15_443, targetPort: 15_443 },
    ]),
    {
      name: 'istio-galley',
      labels: { app: 'galley', istio: 'galley' },
      account: 'istio-galley-service-account',
      ports: [{ name: 'https-validation', port: 443 }, monitoring],
      containers: [
        alone('galley', 'galley', ['server', '--meshConfigFile=/etc/mesh-config/mesh'], [443, monitoring.port]),
      ],
    },
    gateway('ingress', [
      ...(healthPort === null ? [] : [{ name: 'status-port', port: healthPort, targetPort: healthPort }]),
      { name: 'http2', port: 80, targetPort: 80, nodePort: 31_380 },
      { name: 'https', port: 443, nodePort: 31_390 },
      { name: 'tcp', port: 31_400, nodePort: 31_400 },
      { name: 'tls', port: 15_443, targetPort: 15_443, nodePort: 31_470 },
    ]),
    {
      name: 'istio-pilot',
      labels: { app: 'pilot', istio: 'pilot' },
      account: 'istio-pilot-service-account',
      ports: [
        { name: 'grpc-xds', port: 15_010 },
        { name: 'https-xds', port: 15_011 },
        { name: 'http-legacy-discovery', port: 8080 },
        monitoring,
      ],
      containers: [
        alone('discovery', 'pilot', ['discovery'], [8080, 15_010]),
        frontedBy('istio-pilot', 'envoy_pilot.yaml.tmpl'),
      ],
    },
    mixer('policy'),
    {
      name: 'istio-sidecar-injector',
      labels: { app: 'sidecarInjectorWebhook', istio: 'sidecar-injector' },
      account: 'istio-sidecar-injector-service-account',
      ports: [{ name: 'https-inject', port: 443 }],
      containers: [
        alone('sidecar-injector-webhook', 'sidecar_injector', ['--injectConfig=/etc/istio/inject/config'], []),
      ],
    },
    mixer('telemetry', { name: 'prometheus', port: 42_422 }),
  ];
}

/** What Maistra's operator installed the mesh by, and how it says that it did. */
function controlPlane({ hub, release }: Era): Manifest {
  const done = (type: string): Manifest => ({ type, status: 'True', reason: 'InstallSuccessful' });
  return {
    apiVersion: 'istio.openshift.com/v1alpha3',
    kind: 'ControlPlane',
    metadata: { name: 'basic-install', namespace: NAMESPACE },
    spec: { istio: { global: { hub, tag: release, mtls: { enabled: true }, proxy: { autoInject: 'disabled' } } } },
    status: { conditions: [done('Installed'), done('Reconciled')] },
  };
}

/** charts/security/templates/{enable-mesh-permissive,enable-mesh-mtls}.yaml, applied by a job after the installation. */
function policies({ installedPolicy }: Era): Manifest[] {
  if (installedPolicy === 'none') return [];
  const labels = { app: 'security', chart: 'security', heritage: 'Tiller', release: 'istio' };
  const mtls = installedPolicy === 'strict' ? {} : { mode: 'PERMISSIVE' };
  const meshPolicy = {
    apiVersion: 'authentication.istio.io/v1alpha1',
    kind: 'MeshPolicy',
    metadata: { labels, name: 'default' },
    spec: { peers: [{ mtls }] },
  };
  const rule = (name: string, host: string, mode: string): Manifest & { metadata: object } => ({
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'DestinationRule',
    metadata: { labels, name, namespace: NAMESPACE },
    spec: { host, trafficPolicy: { tls: { mode } } },
  });
  return (
    installedPolicy === 'strict'
      ? [
          meshPolicy,
          rule('default', '*.local', 'ISTIO_MUTUAL'),
          rule('api-server', 'kubernetes.default.svc.cluster.local', 'DISABLE'),
        ]
      : [meshPolicy]
  ).map(asApplied);
}

/** With the annotation that `kubectl apply` leaves, whose fields are in the order of their names, so that a learner's apply finds what it compares with. */
function asApplied(manifest: Manifest & { metadata: object }): Manifest {
  const written = { ...manifest, metadata: { annotations: {}, ...manifest.metadata } };
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(written)}\n` };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}
