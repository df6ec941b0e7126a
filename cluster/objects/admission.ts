/** What the API server's admission plug-ins do to new objects before they are checked. */
import { forbidden } from './api-error.ts';
import { cloneJson } from './json.ts';
import { type Kind } from './kinds/kind.ts';
import { type Pod } from './kinds/pod-types.ts';
import { type KubernetesObject, type ObjectReader } from './object.ts';
import { type Random } from './random.ts';

export interface AdmissionRequest {
  kind: Kind;
  /** May be changed, and be given further fields. */
  draft: KubernetesObject;
  objects: ObjectReader;
  random: Random;
}

/** @throws ApiError to refuse the object */
export type AdmissionStep = (request: AdmissionRequest) => void;

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Gives a pod its service account and the token volume.
 * Kubernetes 1.32, plugin/pkg/admission/serviceaccount/admission.go.
 */
export const admitServiceAccount: AdmissionStep = ({ kind, draft, objects, random }) => {
  if (kind.kind !== 'Pod') return;
  const { spec, metadata } = draft as Pod;
  spec.serviceAccountName ||= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  const account = objects.get('serviceaccounts', metadata.namespace, spec.serviceAccountName);
  // The account "default" of a namespace is on its way: its controller makes it right after the namespace.
  if (!account && spec.serviceAccountName !== 'default') {
    throw forbidden(
      { plural: 'pods', group: '' },
      metadata.name,
      `error looking up service account ${metadata.namespace}/${spec.serviceAccountName}: serviceaccount "${spec.serviceAccountName}" not found`,
    );
  }
  const mounts = spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
  if (!mounts || spec.volumes?.some((volume) => volume.name.startsWith('kube-api-access-'))) return;
  const name = `kube-api-access-${random.suffix(5)}`;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  for (const container of containers) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: TOKEN_PATH, name, readOnly: true }];
  }
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name,
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
          {
            downwardAPI: {
              items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
            },
          },
        ],
      },
    },
  ];
};

/** Kubernetes 1.32, plugin/pkg/admission/defaulttolerationseconds and priority. */
export const admitPodDefaults: AdmissionStep = ({ kind, draft, objects }) => {
  if (kind.kind !== 'Pod') return;
  const { spec } = draft as Pod;
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = spec.tolerations?.some(
      (one) => (one.key ?? key) === key && (!one.effect || one.effect === 'NoExecute'),
    );
    if (tolerated) continue;
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      { effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 },
    ];
  }
  const priorityClass = spec.priorityClassName
    ? objects.get('priorityclasses.scheduling.k8s.io', undefined, spec.priorityClassName)
    : undefined;
  if (spec.priorityClassName && !priorityClass && !spec.priorityClassName.startsWith('system-')) {
    throw forbidden(
      { plural: 'pods', group: '' },
      draft.metadata.name,
      `no PriorityClass with name ${spec.priorityClassName} was found`,
    );
  }
  spec.priority ??= Number(priorityClass?.value ?? 0);
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
};

/** Runs a pure function of the mesh on each new pod: it adds the sidecar, or returns the pod as it is. */
export function admitSidecar(
  inject: (pod: KubernetesObject, namespace: KubernetesObject | undefined) => KubernetesObject,
): AdmissionStep {
  return ({ kind, draft, objects }) => {
    if (kind.kind !== 'Pod') return;
    const injected = inject(draft, objects.get('namespaces', undefined, draft.metadata.namespace ?? ''));
    if (injected === draft) return;
    for (const key of Object.keys(draft)) delete draft[key];
    Object.assign(draft, cloneJson(injected));
    // What the sidecar's containers leave out is filled in as for the learner's own.
    kind.setDefaults?.(draft);
  };
}
