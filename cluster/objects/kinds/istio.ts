/**
 * The resources of Istio, as the CRDs of each release declare them: 1.0.5 and 1.1 in install/kubernetes/helm, 1.4 and 1.6
 * in istio/api, today's in manifests/charts/base. Left out: Mixer's kinds for single adapters and templates (1.0, 1.1).
 */
import { ISTIO_VERSIONS, type IstioVersion } from '../../istio-version.ts';
import { type KubernetesObject } from '../object.ts';
import { column, NAME, sinceText } from './columns.ts';
import { type Column, type Kind } from './kind.ts';

/** A kind in all releases that have it. */
interface IstioKind extends Omit<Kind, 'versions'> {
  /** Versions of its API in each release, the preferred one first. Absent: the release has no such kind. */
  versions: Partial<Record<IstioVersion, readonly string[]>>;
  /** The first release whose CRD has the columns below; before, there are a name and an age. Default: the first of all. */
  columnsFrom?: IstioVersion;
  /** As `columnsFrom`, for short names. */
  shortNamesFrom?: IstioVersion;
  /** Its type in releases where it has other fields than today. */
  messages?: Partial<Record<IstioVersion, string>>;
}

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

const V1ALPHA3 = { '1.0': ['v1alpha3'], '1.1': ['v1alpha3'], '1.4': ['v1alpha3'] };
const FROM_1_6 = { '1.6': ['v1beta1', 'v1alpha3'], current: ['v1', 'v1beta1', 'v1alpha3'] };

const NETWORKING = {
  group: 'networking.istio.io',
  versions: { ...V1ALPHA3, ...FROM_1_6 },
  // crd-10.yaml of 1.0 has neither.
  columnsFrom: '1.1',
  shortNamesFrom: '1.1',
  categories: ['istio-io', 'networking-istio-io'],
  namespaced: true,
  custom: true,
  status: true,
} as const;

const SECURITY = {
  group: 'security.istio.io',
  versions: { '1.6': ['v1beta1'], current: ['v1', 'v1beta1'] },
  columnsFrom: 'current',
  categories: ['istio-io', 'security-istio-io'],
  namespaced: true,
  custom: true,
  status: true,
} as const;

/** Policies of Citadel's time select services. */
const AUTHENTICATION = {
  group: 'authentication.istio.io',
  versions: { '1.0': ['v1alpha1'], '1.1': ['v1alpha1'], '1.4': ['v1alpha1'] },
  categories: ['istio-io', 'authentication-istio-io'],
  namespaced: true,
  custom: true,
  columns: [NAME, AGE],
} as const;

/** CRDs without a schema, whose objects are stored as they come. */
const UNTYPED = {
  message: 'apiextensions.CustomObject',
  namespaced: true,
  custom: true,
  columns: [NAME, AGE],
} as const;

const anything = (version: string): Pick<Kind, 'schemas'> => ({
  schemas: { [version]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});

const ROLES = {
  ...UNTYPED,
  ...anything('v1alpha1'),
  group: 'rbac.istio.io',
  versions: { '1.0': ['v1alpha1'], '1.1': ['v1alpha1'], '1.4': ['v1alpha1'] },
  categories: ['istio-io', 'rbac-istio-io'],
} as const;

const MIXER = {
  ...UNTYPED,
  ...anything('v1alpha2'),
  group: 'config.istio.io',
  versions: { '1.0': ['v1alpha2'], '1.1': ['v1alpha2'], '1.4': ['v1alpha2'], '1.6': ['v1alpha2'] },
  categories: ['istio-io', 'policy-istio-io'],
  inertNote: 'there is no Mixer that would act upon it',
} as const;

const mixerKind = (kind: string, plural: string, categories: readonly string[] = MIXER.categories): IstioKind => ({
  ...MIXER,
  categories,
  kind,
  plural,
  singular: kind.toLowerCase(),
});

const API_MANAGEMENT = ['istio-io', 'apim-istio-io'];

const KINDS: readonly IstioKind[] = [
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
    versions: { ...V1ALPHA3, '1.6': ['v1alpha3'], current: ['v1alpha3'] },
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
    versions: { current: ['v1beta1'] },
    plural: 'proxyconfigs',
    singular: 'proxyconfig',
    message: 'istionetworking.ProxyConfig',
    columns: [NAME, AGE],
  },
  {
    ...NETWORKING,
    kind: 'ServiceEntry',
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
    versions: { '1.1': ['v1alpha3'], '1.4': ['v1alpha3'], ...FROM_1_6 },
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
    versions: FROM_1_6,
    plural: 'workloadentries',
    singular: 'workloadentry',
    shortNames: ['we'],
    message: 'istionetworking.WorkloadEntry',
    columns: [NAME, AGE, field('Address', 'spec.address')],
  },
  {
    ...NETWORKING,
    kind: 'WorkloadGroup',
    versions: { current: ['v1', 'v1beta1', 'v1alpha3'] },
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
    versions: { '1.4': ['v1beta1'], ...SECURITY.versions },
    messages: { '1.4': 'istiosecurity14.AuthorizationPolicy', '1.6': 'istiosecurity16.AuthorizationPolicy' },
    shortNamesFrom: 'current',
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
    group: 'telemetry.istio.io',
    versions: { current: ['v1', 'v1alpha1'] },
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
    versions: { current: ['v1alpha1'] },
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
    versions: { current: ['v1alpha1'] },
    plural: 'wasmplugins',
    singular: 'wasmplugin',
    categories: ['istio-io', 'extensions-istio-io'],
    namespaced: true,
    custom: true,
    status: true,
    message: 'istioextensions.WasmPlugin',
    columns: [NAME, AGE],
  },
  {
    // Maistra's operator: istio-operator 0.10, deploy/maistra-operator.yaml. The member roll came with 0.11.
    ...UNTYPED,
    ...anything('v1alpha3'),
    kind: 'ControlPlane',
    inertNote: 'there is no operator that would act upon it',
    group: 'istio.openshift.com',
    versions: { '1.1': ['v1alpha3'] },
    plural: 'controlplanes',
    singular: 'controlplane',
  },
  {
    ...AUTHENTICATION,
    kind: 'MeshPolicy',
    plural: 'meshpolicies',
    singular: 'meshpolicy',
    namespaced: false,
    message: 'istioauthentication.MeshPolicy',
  },
  {
    ...AUTHENTICATION,
    kind: 'Policy',
    plural: 'policies',
    singular: 'policy',
    message: 'istioauthentication.Policy',
  },
  {
    ...ROLES,
    kind: 'ClusterRbacConfig',
    plural: 'clusterrbacconfigs',
    singular: 'clusterrbacconfig',
    namespaced: false,
    versions: { '1.1': ['v1alpha1'], '1.4': ['v1alpha1'] },
    inertNote: 'who may call whom is not decided by it',
  },
  {
    ...ROLES,
    kind: 'RbacConfig',
    plural: 'rbacconfigs',
    singular: 'rbacconfig',
    inertNote: 'who may call whom is not decided by it',
  },
  {
    ...ROLES,
    kind: 'ServiceRole',
    plural: 'serviceroles',
    singular: 'servicerole',
    inertNote: 'who may call whom is not decided by it',
  },
  {
    ...ROLES,
    kind: 'ServiceRoleBinding',
    plural: 'servicerolebindings',
    singular: 'servicerolebinding',
    inertNote: 'who may call whom is not decided by it',
  },
  mixerKind('adapter', 'adapters'),
  mixerKind('attributemanifest', 'attributemanifests'),
  mixerKind('handler', 'handlers'),
  mixerKind('HTTPAPISpec', 'httpapispecs', API_MANAGEMENT),
  mixerKind('HTTPAPISpecBinding', 'httpapispecbindings', API_MANAGEMENT),
  mixerKind('instance', 'instances'),
  mixerKind('QuotaSpec', 'quotaspecs', API_MANAGEMENT),
  mixerKind('QuotaSpecBinding', 'quotaspecbindings', API_MANAGEMENT),
  mixerKind('rule', 'rules'),
  mixerKind('template', 'templates'),
];

/** The kinds that a release of Istio brings. */
export function istioKinds(release: IstioVersion): readonly Kind[] {
  const isBefore = (from: IstioVersion | undefined): boolean =>
    from !== undefined && ISTIO_VERSIONS.indexOf(release) < ISTIO_VERSIONS.indexOf(from);
  return KINDS.flatMap(({ versions, columnsFrom, shortNamesFrom, shortNames, columns, messages, ...kind }) => {
    const served = versions[release];
    if (served === undefined) return [];
    return {
      ...kind,
      versions: served,
      message: messages?.[release] ?? kind.message,
      columns: isBefore(columnsFrom) ? [NAME, AGE] : columns,
      ...(shortNames === undefined || isBefore(shortNamesFrom) ? {} : { shortNames }),
    };
  });
}
