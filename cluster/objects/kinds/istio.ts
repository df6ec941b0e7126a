/** The resources of Istio 1.27, as its CRDs declare them. */
import { type KubernetesObject } from '../object.ts';
import { column, NAME, sinceText } from './columns.ts';
import { type Column, type Kind } from './kind.ts';

/** Custom columns print nothing where the field is absent, and lists as JSON. */
function field(name: string, path: string): Column {
  return column(name, 'string', (object) => {
    let value: unknown = object;
    for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
    if (value === undefined || value === null) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

const AGE: Column = {
  name: 'Age',
  type: 'date',
  value: (object: KubernetesObject, now: number) => sinceText(object.metadata.creationTimestamp, now),
};

const NETWORKING = {
  group: 'networking.istio.io',
  versions: ['v1', 'v1beta1', 'v1alpha3'],
  categories: ['istio-io', 'networking-istio-io'],
  namespaced: true,
  custom: true,
  status: true,
} as const;

const SECURITY = {
  group: 'security.istio.io',
  versions: ['v1', 'v1beta1'],
  categories: ['istio-io', 'security-istio-io'],
  namespaced: true,
  custom: true,
  status: true,
} as const;

export const ISTIO_KINDS: readonly Kind[] = [
  {
    ...NETWORKING,
    kind: 'DestinationRule',
    plural: 'destinationrules',
    singular: 'destinationrule',
    shortNames: ['dr'],
    message: 'istionetworking.DestinationRule',
    columns: [NAME, field('Host', 'spec.host'), AGE],
  },
  {
    ...NETWORKING,
    kind: 'EnvoyFilter',
    inertNote: 'sidecars are not changed by it',
    versions: ['v1alpha3'],
    plural: 'envoyfilters',
    singular: 'envoyfilter',
    message: 'istionetworking.EnvoyFilter',
    columns: [NAME, AGE],
  },
  {
    ...NETWORKING,
    kind: 'Gateway',
    plural: 'gateways',
    singular: 'gateway',
    shortNames: ['gw'],
    message: 'istionetworking.Gateway',
    columns: [NAME, AGE],
  },
  {
    ...NETWORKING,
    kind: 'ProxyConfig',
    inertNote: 'sidecars start without it',
    versions: ['v1beta1'],
    plural: 'proxyconfigs',
    singular: 'proxyconfig',
    message: 'istionetworking.ProxyConfig',
    columns: [NAME, AGE],
  },
  {
    ...NETWORKING,
    kind: 'ServiceEntry',
    inertNote: 'no host comes into the mesh by it',
    plural: 'serviceentries',
    singular: 'serviceentry',
    shortNames: ['se'],
    message: 'istionetworking.ServiceEntry',
    columns: [
      NAME,
      field('Hosts', 'spec.hosts'),
      field('Location', 'spec.location'),
      field('Resolution', 'spec.resolution'),
      AGE,
    ],
  },
  {
    ...NETWORKING,
    kind: 'Sidecar',
    plural: 'sidecars',
    singular: 'sidecar',
    message: 'istionetworking.Sidecar',
    columns: [NAME, AGE],
  },
  {
    ...NETWORKING,
    kind: 'VirtualService',
    plural: 'virtualservices',
    singular: 'virtualservice',
    shortNames: ['vs'],
    message: 'istionetworking.VirtualService',
    columns: [NAME, field('Gateways', 'spec.gateways'), field('Hosts', 'spec.hosts'), AGE],
  },
  {
    ...NETWORKING,
    kind: 'WorkloadEntry',
    inertNote: 'no workload comes into the mesh by it',
    plural: 'workloadentries',
    singular: 'workloadentry',
    shortNames: ['we'],
    message: 'istionetworking.WorkloadEntry',
    columns: [NAME, AGE, field('Address', 'spec.address')],
  },
  {
    ...NETWORKING,
    kind: 'WorkloadGroup',
    inertNote: 'no workload comes into the mesh by it',
    plural: 'workloadgroups',
    singular: 'workloadgroup',
    shortNames: ['wg'],
    message: 'istionetworking.WorkloadGroup',
    columns: [NAME, AGE],
  },
  {
    ...SECURITY,
    kind: 'AuthorizationPolicy',
    plural: 'authorizationpolicies',
    singular: 'authorizationpolicy',
    shortNames: ['ap'],
    message: 'istiosecurity.AuthorizationPolicy',
    columns: [NAME, field('Action', 'spec.action'), AGE],
  },
  {
    ...SECURITY,
    kind: 'PeerAuthentication',
    plural: 'peerauthentications',
    singular: 'peerauthentication',
    shortNames: ['pa'],
    message: 'istiosecurity.PeerAuthentication',
    columns: [NAME, field('Mode', 'spec.mtls.mode'), AGE],
  },
  {
    ...SECURITY,
    kind: 'RequestAuthentication',
    plural: 'requestauthentications',
    singular: 'requestauthentication',
    shortNames: ['ra'],
    message: 'istiosecurity.RequestAuthentication',
    columns: [NAME, AGE],
  },
  {
    kind: 'Telemetry',
    inertNote: 'no metrics and no traces are made',
    group: 'telemetry.istio.io',
    versions: ['v1', 'v1alpha1'],
    plural: 'telemetries',
    singular: 'telemetry',
    shortNames: ['telemetry'],
    categories: ['istio-io', 'telemetry-istio-io'],
    namespaced: true,
    custom: true,
    status: true,
    message: 'istiotelemetry.Telemetry',
    columns: [NAME, AGE],
  },
  {
    kind: 'TrafficExtension',
    inertNote: 'no extension is loaded',
    group: 'extensions.istio.io',
    versions: ['v1alpha1'],
    plural: 'trafficextensions',
    singular: 'trafficextension',
    categories: ['istio-io', 'extensions-istio-io'],
    namespaced: true,
    custom: true,
    status: true,
    message: 'istioextensions.TrafficExtension',
    columns: [NAME, AGE],
  },
  {
    kind: 'WasmPlugin',
    inertNote: 'no extension is loaded',
    group: 'extensions.istio.io',
    versions: ['v1alpha1'],
    plural: 'wasmplugins',
    singular: 'wasmplugin',
    categories: ['istio-io', 'extensions-istio-io'],
    namespaced: true,
    custom: true,
    status: true,
    message: 'istioextensions.WasmPlugin',
    columns: [NAME, AGE],
  },
];
