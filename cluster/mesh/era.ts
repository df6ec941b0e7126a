import type { AccessLogFormat } from './access-log.ts';
import type { IstioVersion } from '../istio-version.ts';
import { MALFORMED_TOKEN } from './json-web-token.ts';

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;

/**
 * What one release of Istio does differently from the others, as facts that the mesh's rules read. Kinds of the API are
 * in `objects/kinds/istio.ts`, the installed programs in `bootstrap-mesh.ts`, fields of injected pods in `injection.ts`
 * and `injected-by-helm.ts`.
 */
export interface Era {
  readonly version: IstioVersion;
  /** As its images are tagged. */
  readonly release: string;
  /** Registry and folder of its images; see {@link imageOf}. */
  readonly hub: 'docker.io/istio' | 'docker.io/maistra';

  /**
   * Which objects say what a server demands: PeerAuthentication selects pods and without one the mode is PERMISSIVE;
   * Policy and MeshPolicy (v1alpha1, through 1.5) select services, and without one a server takes plaintext only.
   */
  readonly serverPolicies: 'PeerAuthentication' | 'Policy';
  /**
   * What an installation writes besides its programs. `permissive`: the MeshPolicy of that mode (from 1.0.3); `strict`:
   * the STRICT one, with the DestinationRule `*.local` ISTIO_MUTUAL that goes with it (`global.mtls.enabled`, Maistra's
   * `mtls: true`).
   */
  readonly installedPolicy: 'none' | 'permissive' | 'strict';
  /**
   * How a client speaks without a DestinationRule's word (pilot/pkg/xds/endpoints/mtls_checker.go): `never` mutual TLS;
   * `by-namespace`: to endpoints with a sidecar, unless their namespace is DISABLE; `by-workload`: it looks at policies
   * of the workload as well (from 1.8).
   */
  readonly automaticMutualTls: 'never' | 'by-namespace' | 'by-workload';
  /** Whether DestinationRules are looked up by namespaces, or are one set for the whole mesh (1.0). */
  readonly destinationRules: 'by-namespace' | 'mesh-wide';
  /** Whether a captured port that no Service names is treated as others are, or passed through as it comes. */
  readonly guardsUnknownPorts: boolean;
  /** Whether a Service's port without a protocol in its name is told by its first bytes; it is TCP otherwise (from 1.3). */
  readonly detectsProtocols: boolean;

  readonly injection: Injection;
  readonly certificates: Certificates;
  /** Highest version that proxies speak with each other; with 1.2 a client hears in the handshake that it needs a certificate. */
  readonly tlsVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly failureTexts: FailureTexts;
  readonly defaultRetries: DefaultRetries;
  readonly tokens: TokenTexts;
  readonly validation: Validation;
  readonly accessLog: AccessLogFormat;
  /** What names the way from a sidecar to its program: its port alone from 1.8 on. */
  readonly inboundClusters: 'by-service' | 'by-port';
  /**
   * What a proxy compares with `maxEjectionPercent`: the share of endpoints that are left out already, so that the first
   * always can be, or the share with one more (Envoy 1.29 and later).
   */
  readonly ejects: 'below-share' | 'within-share';
}

export interface Injection {
  /** What makes pods of a namespace candidates: a label of it, or nothing but the pod's own annotation (Maistra). */
  readonly by: 'namespace-label' | 'pod-annotation';
  /** Whether namespaces may be labelled `istio.io/rev` (from 1.6). */
  readonly revisions: boolean;
  /** Whether the pod's label `sidecar.istio.io/inject` is read (from 1.10), which is enough by itself. */
  readonly podLabel: boolean;
  /** Whether HTTP probes of the programs are led past mutual TLS without being asked to. */
  readonly rewritesProbes: boolean;
  /**
   * Whose templates it has: Helm's through 1.4, the first ones of istiod, or today's, which tell kubectl by annotation
   * which container people mean, and Prometheus where to look (from 1.10).
   */
  readonly template: 'helm' | 'first-istiod' | 'current';
  /** Whether it marks pods with `security.istio.io/tlsMode` (from 1.4), for automatic mutual TLS. */
  readonly marksTlsMode: boolean;
  /** Where the kubelet asks whether the proxy is ready; null in releases that do not tell. */
  readonly healthPort: 15_020 | 15_021 | null;
}

export interface Certificates {
  /** `files`: Citadel's secret `istio.ACCOUNT`, mounted at /etc/certs; `sds`: fetched by the agent, nowhere in a file. */
  readonly delivery: 'files' | 'sds';
  readonly lifetimeMs: number;
  readonly rootLifetimeMs: number;
  /** Organization of the root's subject. */
  readonly rootOrganization: string;
}

/** How Istio's own objects are checked when they are written. */
export interface Validation {
  /** Name of the webhook. */
  readonly webhook: string;
  /** Whose rules and words: those of Galley's time, which 1.6 kept, or today's. */
  readonly texts: 'galley' | 'istiod';
}

export interface TokenTexts {
  /** Whether a 401 says how to do better, in `www-authenticate`. */
  readonly challenge: boolean;
  /** Body of the 401 to what is no token at all. */
  readonly malformed: string;
}

/**
 * What Envoy says in place of an answer that did not come: nothing but that (1.0), the reason of the reset (from 1.1),
 * with the transport's error (from 1.6), and in today's form, which also tells of retries.
 */
export type FailureTexts = 'plain' | 'reset-reason' | 'transport-reason' | 'current';

/**
 * Which requests are sent again where a route says nothing of it (pilot/pkg/networking/core/v1alpha3/route/retry): none
 * (1.0), those that failed to connect and those answered with 503 (from 1.1), the former alone today.
 */
export type DefaultRetries = 'none' | 'and-503' | 'current';

/** security/cmd/istio_ca/main.go: Citadel's certificates live 90 days; its self-signed root a year, ten from 1.4. */
const CITADEL = {
  delivery: 'files',
  lifetimeMs: 90 * DAY_MS,
  rootLifetimeMs: YEAR_MS,
  rootOrganization: 'k8s.cluster.local',
} as const satisfies Certificates;

const ISTIOD = {
  delivery: 'sds',
  lifetimeMs: DAY_MS,
  rootLifetimeMs: 10 * YEAR_MS,
  rootOrganization: 'cluster.local',
} as const satisfies Certificates;

const V1_0: Era = {
  version: '1.0',
  release: '1.0.5',
  hub: 'docker.io/istio',
  serverPolicies: 'Policy',
  installedPolicy: 'permissive',
  automaticMutualTls: 'never',
  destinationRules: 'mesh-wide',
  guardsUnknownPorts: false,
  detectsProtocols: false,
  injection: {
    by: 'namespace-label',
    revisions: false,
    podLabel: false,
    rewritesProbes: false,
    marksTlsMode: false,
    template: 'helm',
    healthPort: null,
  },
  certificates: CITADEL,
  tlsVersion: 'TLSv1.2',
  failureTexts: 'plain',
  defaultRetries: 'none',
  tokens: { challenge: false, malformed: 'Jwt is not in the form of Header.Payload.Signature' },
  validation: { webhook: 'pilot.validation.istio.io', texts: 'galley' },
  accessLog: 'bare',
  inboundClusters: 'by-service',
  ejects: 'below-share',
};

/**
 * Maistra 0.10, which is Istio 1.1 with injection by annotation. It watched all namespaces: the ServiceMeshMemberRoll came
 * with 0.11.
 */
const V1_1: Era = {
  ...V1_0,
  version: '1.1',
  release: '0.10.0',
  hub: 'docker.io/maistra',
  installedPolicy: 'strict',
  destinationRules: 'by-namespace',
  injection: { ...V1_0.injection, by: 'pod-annotation', healthPort: 15_020 },
  failureTexts: 'reset-reason',
  defaultRetries: 'and-503',
  accessLog: 'mixer',
};

const V1_4: Era = {
  ...V1_0,
  version: '1.4',
  release: '1.4.10',
  destinationRules: 'by-namespace',
  detectsProtocols: true,
  injection: { ...V1_0.injection, marksTlsMode: true, healthPort: 15_020 },
  certificates: { ...CITADEL, rootLifetimeMs: 10 * YEAR_MS, rootOrganization: 'cluster.local' },
  failureTexts: 'reset-reason',
  defaultRetries: 'and-503',
  accessLog: 'route',
};

const V1_6: Era = {
  ...V1_4,
  version: '1.6',
  release: '1.6.5',
  serverPolicies: 'PeerAuthentication',
  installedPolicy: 'none',
  automaticMutualTls: 'by-namespace',
  guardsUnknownPorts: true,
  injection: {
    by: 'namespace-label',
    revisions: true,
    podLabel: false,
    rewritesProbes: true,
    marksTlsMode: true,
    template: 'first-istiod',
    healthPort: 15_021,
  },
  certificates: ISTIOD,
  failureTexts: 'transport-reason',
  defaultRetries: 'and-503',
  validation: { webhook: 'validation.istio.io', texts: 'galley' },
};

const CURRENT: Era = {
  ...V1_6,
  version: 'current',
  release: '1.27.0',
  automaticMutualTls: 'by-workload',
  injection: { ...V1_6.injection, podLabel: true, template: 'current' },
  tlsVersion: 'TLSv1.3',
  failureTexts: 'current',
  defaultRetries: 'current',
  tokens: { challenge: true, malformed: MALFORMED_TOKEN },
  validation: { webhook: 'validation.istio.io', texts: 'istiod' },
  accessLog: 'details',
  inboundClusters: 'by-port',
  ejects: 'within-share',
};

const ERAS: Readonly<Record<IstioVersion, Era>> = {
  '1.0': V1_0,
  '1.1': V1_1,
  '1.4': V1_4,
  '1.6': V1_6,
  current: CURRENT,
};

export function eraOf(version: IstioVersion = 'current'): Era {
  return ERAS[version];
}

/** Image of one of the release's programs by its name upstream, as `proxyv2` or `sidecar_injector`. */
export function imageOf({ hub, release }: Era, program: string): string {
  const name = hub === 'docker.io/maistra' ? `${program.replaceAll('_', '-')}-centos7` : program;
  return `${hub}/${name}:${release}`;
}
