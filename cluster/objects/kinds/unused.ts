/**
 * Kinds that a control plane serves and no lesson uses: discovery names them, lists of most are empty, and none can be
 * created here, since nothing would act upon it.
 */
import { AGE, column, NAME } from './columns.ts';
import { type KubernetesObject } from '../object.ts';
import { type Kind } from './kind.ts';

type Names = Pick<Kind, 'kind' | 'plural' | 'namespaced'> &
  Partial<Pick<Kind, 'shortNames' | 'categories' | 'verbs' | 'columns'>>;

const inGroup = (group: string, kinds: readonly Names[]): Kind[] =>
  kinds.map((names) => ({
    group,
    versions: ['v1'],
    singular: names.kind.toLowerCase(),
    message: 'apiextensions.CustomObject',
    columns: [NAME, AGE],
    verbs: ['get', 'list', 'watch'],
    ...names,
  }));

const cluster = (kind: string, plural: string, more: Partial<Names> = {}): Names => ({
  kind,
  plural,
  namespaced: false,
  ...more,
});
const namespaced = (kind: string, plural: string, more: Partial<Names> = {}): Names => ({
  kind,
  plural,
  namespaced: true,
  ...more,
});

/** Kubernetes 1.36, pkg/printers/internalversion/printers.go, printMutatingWebhook. */
const WEBHOOKS = [
  NAME,
  column('Webhooks', 'integer', (object) => ((object['webhooks'] ?? []) as readonly unknown[]).length),
  AGE,
];

interface ComponentStatus extends KubernetesObject {
  conditions: { type: string; status: string; message?: string; error?: string }[];
}

const healthy = (object: KubernetesObject) =>
  (object as ComponentStatus).conditions.find((one) => one.type === 'Healthy');

/** Kubernetes 1.36, pkg/printers/internalversion/printers.go, printComponentStatus. */
const COMPONENT_STATUS: Kind = {
  kind: 'ComponentStatus',
  group: '',
  versions: ['v1'],
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  message: 'apiextensions.CustomObject',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  verbs: ['get', 'list'],
  columns: [
    NAME,
    column('Status', 'string', (object) => (healthy(object)?.status === 'True' ? 'Healthy' : 'Unhealthy')),
    column('Message', 'string', (object) => healthy(object)?.message ?? ''),
    column('Error', 'string', (object) => healthy(object)?.error ?? ''),
  ],
};

export const UNUSED_KINDS: readonly Kind[] = [
  COMPONENT_STATUS,
  ...inGroup('', [namespaced('Binding', 'bindings', { verbs: ['create'] }), namespaced('PodTemplate', 'podtemplates')]),
  ...inGroup('admissionregistration.k8s.io', [
    cluster('MutatingAdmissionPolicy', 'mutatingadmissionpolicies', { categories: ['api-extensions'] }),
    cluster('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', { categories: ['api-extensions'] }),
    cluster('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
      categories: ['api-extensions'],
      columns: WEBHOOKS,
    }),
    cluster('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', { categories: ['api-extensions'] }),
    cluster('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
      categories: ['api-extensions'],
    }),
    cluster('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
      categories: ['api-extensions'],
      columns: WEBHOOKS,
    }),
  ]),
  ...inGroup('apiregistration.k8s.io', [cluster('APIService', 'apiservices', { categories: ['api-extensions'] })]),
  ...inGroup('certificates.k8s.io', [
    cluster('CertificateSigningRequest', 'certificatesigningrequests', { shortNames: ['csr'] }),
  ]),
  ...inGroup('flowcontrol.apiserver.k8s.io', [
    cluster('FlowSchema', 'flowschemas'),
    cluster('PriorityLevelConfiguration', 'prioritylevelconfigurations'),
  ]),
  ...inGroup('networking.k8s.io', [
    cluster('IPAddress', 'ipaddresses', { shortNames: ['ip'] }),
    cluster('ServiceCIDR', 'servicecidrs'),
  ]),
  ...inGroup('node.k8s.io', [cluster('RuntimeClass', 'runtimeclasses')]),
  ...inGroup('resource.k8s.io', [
    cluster('DeviceClass', 'deviceclasses'),
    namespaced('ResourceClaim', 'resourceclaims'),
    namespaced('ResourceClaimTemplate', 'resourceclaimtemplates'),
    cluster('ResourceSlice', 'resourceslices'),
  ]),
  ...inGroup('storage.k8s.io', [
    cluster('CSIDriver', 'csidrivers'),
    cluster('CSINode', 'csinodes'),
    namespaced('CSIStorageCapacity', 'csistoragecapacities'),
    cluster('VolumeAttachment', 'volumeattachments'),
    cluster('VolumeAttributesClass', 'volumeattributesclasses', { shortNames: ['vac'] }),
  ]),
];
