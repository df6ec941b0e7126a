/** PersistentVolumeClaims, PersistentVolumes and StorageClasses. What becomes of them: `controllers/volumes.ts`. */
import { forbiddenField, required, type FieldError } from '../api-error.ts';
import { equalJson, type JsonObject } from '../json.ts';
import { type KubernetesObject } from '../object.ts';
import { parseQuantity } from '../quantity.ts';
import { AGE, column, NAME, wide } from './columns.ts';
import { type Kind } from './kind.ts';

export interface Claim extends KubernetesObject {
  spec: {
    accessModes?: string[];
    resources?: { requests?: Record<string, string> };
    /** Empty: a volume without a class. */
    storageClassName?: string;
    selector?: JsonObject;
    volumeMode?: string;
    volumeName?: string;
    volumeAttributesClassName?: string;
  };
  status: { phase?: 'Pending' | 'Bound' | 'Lost'; accessModes?: string[]; capacity?: Record<string, string> };
}

export interface PersistentVolume extends KubernetesObject {
  spec: {
    accessModes?: string[];
    capacity?: Record<string, string>;
    claimRef?: { namespace?: string; name?: string; uid?: string };
    persistentVolumeReclaimPolicy?: string;
    storageClassName?: string;
    volumeMode?: string;
    volumeAttributesClassName?: string;
  };
  status: { phase?: string; reason?: string };
}

export interface StorageClass extends KubernetesObject {
  provisioner?: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

export const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
export const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';

const ACCESS_MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const modesText = (modes: readonly string[] | undefined) =>
  (modes ?? []).map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
const claimOf = (object: KubernetesObject) => ({ spec: {}, status: {}, ...object }) as Claim;
const volumeOf = (object: KubernetesObject) => ({ spec: {}, status: {}, ...object }) as PersistentVolume;

function addFinalizer(draft: KubernetesObject, finalizer: string): void {
  if (!draft.metadata.finalizers?.includes(finalizer)) {
    draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), finalizer];
  }
}

export const PERSISTENT_VOLUME_CLAIM: Kind = {
  kind: 'PersistentVolumeClaim',
  group: '',
  versions: ['v1'],
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  message: 'core.PersistentVolumeClaim',
  status: true,
  generation: false,
  columns: [
    NAME,
    column('Status', 'string', (object) =>
      object.metadata.deletionTimestamp ? 'Terminating' : (claimOf(object).status.phase ?? ''),
    ),
    column('Volume', 'string', (object) => claimOf(object).spec.volumeName ?? ''),
    column('Capacity', 'string', (object) => claimOf(object).status.capacity?.storage ?? ''),
    column('Access Modes', 'string', (object) => modesText(claimOf(object).status.accessModes)),
    column('StorageClass', 'string', (object) => claimOf(object).spec.storageClassName ?? ''),
    column('VolumeAttributesClass', 'string', (object) => claimOf(object).spec.volumeAttributesClassName || '<unset>'),
    AGE,
    wide('VolumeMode', 'string', (object) => claimOf(object).spec.volumeMode || '<unset>'),
  ],
  setDefaults(draft) {
    draft.spec ??= {};
    claimOf(draft).spec.volumeMode ??= 'Filesystem';
  },
  prepareCreate(draft, { objects }) {
    draft.status = { phase: 'Pending' };
    addFinalizer(draft, CLAIM_FINALIZER);
    // plugin/pkg/admission/storage/storageclass/setdefault: the newest of several default classes.
    claimOf(draft).spec.storageClassName ??= defaultClass(
      objects.list('storageclasses.storage.k8s.io') as readonly StorageClass[],
    )?.metadata.name;
  },
  validate(object) {
    const { accessModes = [], resources } = claimOf(object).spec;
    return [
      ...(accessModes.length === 0 ? [required('spec.accessModes', 'at least 1 access mode is required')] : []),
      ...(resources?.requests?.storage === undefined ? [required('spec.resources[storage]')] : []),
    ];
  },
  validateUpdate: (object, old) => validateClaimUpdate(claimOf(object), claimOf(old)),
};

/** pkg/apis/core/validation/validation.go, ValidatePersistentVolumeClaimUpdate, without its comparison of the two. */
function validateClaimUpdate({ spec }: Claim, { spec: old, status }: Claim): FieldError[] {
  const fixed = (of: Claim['spec']) => ({
    ...of,
    resources: undefined,
    volumeName: old.volumeName ? of.volumeName : undefined,
  });
  const size = (of: Claim['spec']) => parseQuantity(of.resources?.requests?.storage ?? '0');
  if (!equalJson(fixed(spec), fixed(old)) || (size(spec) !== size(old) && status.phase !== 'Bound')) {
    const what =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    return [forbiddenField('spec', what)];
  }
  if (size(spec) >= size(old)) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

function isDefault({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[DEFAULT_CLASS] === 'true';
}

function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const created = ({ metadata }: KubernetesObject) => metadata.creationTimestamp ?? '';
  return classes.filter(isDefault).toSorted((a, b) => (created(a) < created(b) ? 1 : -1))[0];
}

export const PERSISTENT_VOLUME: Kind = {
  kind: 'PersistentVolume',
  group: '',
  versions: ['v1'],
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  message: 'core.PersistentVolume',
  status: true,
  generation: false,
  columns: [
    NAME,
    column('Capacity', 'string', (object) => volumeOf(object).spec.capacity?.storage ?? ''),
    column('Access Modes', 'string', (object) => modesText(volumeOf(object).spec.accessModes)),
    column('Reclaim Policy', 'string', (object) => volumeOf(object).spec.persistentVolumeReclaimPolicy ?? ''),
    column('Status', 'string', (object) =>
      object.metadata.deletionTimestamp ? 'Terminating' : (volumeOf(object).status.phase ?? ''),
    ),
    column('Claim', 'string', (object) => {
      const claim = volumeOf(object).spec.claimRef;
      return claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '';
    }),
    column('StorageClass', 'string', (object) => volumeOf(object).spec.storageClassName ?? ''),
    column('VolumeAttributesClass', 'string', (object) => volumeOf(object).spec.volumeAttributesClassName || '<unset>'),
    column('Reason', 'string', (object) => volumeOf(object).status.reason ?? ''),
    AGE,
    wide('VolumeMode', 'string', (object) => volumeOf(object).spec.volumeMode || '<unset>'),
  ],
  setDefaults(draft) {
    draft.spec ??= {};
    const { spec } = volumeOf(draft);
    spec.volumeMode ??= 'Filesystem';
    spec.persistentVolumeReclaimPolicy ??= 'Retain';
    const { hostPath } = spec as { hostPath?: { type?: string } };
    if (hostPath) hostPath.type ??= '';
  },
  prepareCreate(draft, { now }) {
    draft.status = { phase: 'Pending', lastPhaseTransitionTime: new Date(now()).toISOString().replace(/\.\d+/, '') };
    addFinalizer(draft, VOLUME_FINALIZER);
  },
  validate(object) {
    const { accessModes = [], capacity } = volumeOf(object).spec;
    return [
      ...(accessModes.length === 0 ? [required('spec.accessModes')] : []),
      ...(capacity?.storage === undefined ? [required('spec.capacity')] : []),
      ...(hasSource(object) ? [] : [required('spec', 'must specify a volume type')]),
    ];
  },
};

const NO_SOURCES = new Set(
  'accessModes capacity claimRef persistentVolumeReclaimPolicy storageClassName volumeMode volumeAttributesClassName mountOptions nodeAffinity'.split(
    ' ',
  ),
);

const hasSource = (object: KubernetesObject) => Object.keys(object.spec ?? {}).some((field) => !NO_SOURCES.has(field));

export const STORAGE_CLASS: Kind = {
  kind: 'StorageClass',
  group: 'storage.k8s.io',
  versions: ['v1'],
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  message: 'storage.StorageClass',
  setDefaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate: (object) => (object.provisioner ? [] : [required('provisioner')]),
  validateUpdate: (object, old) =>
    ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'].flatMap((field) =>
      equalJson(object[field], old[field]) ? [] : [forbiddenField(field, `updates to ${field} are forbidden.`)],
    ),
  columns: [
    {
      ...NAME,
      value: (object) => `${object.metadata.name}${isDefault(object) ? ' (default)' : ''}`,
    },
    column('Provisioner', 'string', (object) => String(object.provisioner ?? '')),
    column('ReclaimPolicy', 'string', (object) => String(object.reclaimPolicy ?? 'Delete')),
    column('VolumeBindingMode', 'string', (object) => String(object.volumeBindingMode ?? 'Immediate')),
    column('AllowVolumeExpansion', 'string', (object) => String(object.allowVolumeExpansion ?? 'false')),
    AGE,
  ],
};
