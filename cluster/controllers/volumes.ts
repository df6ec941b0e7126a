/**
 * Binds claims to volumes, and makes volumes of the class `standard` for them: Kubernetes 1.36,
 * pkg/controller/volume/persistentvolume, pvcprotection and pvprotection, and rancher/local-path-provisioner, which
 * kind clusters have. Left out: growing volumes, snapshots, the policy Recycle, and the size: a volume holds what fits
 * into a container.
 */
import { matchesLabelSelectorObject } from '../objects/selector.ts';
import { type KubernetesObject } from '../objects/object.ts';
import {
  CLAIM_FINALIZER,
  PERSISTENT_VOLUME,
  PERSISTENT_VOLUME_CLAIM,
  VOLUME_FINALIZER,
  type Claim,
  type PersistentVolume,
  type StorageClass,
} from '../objects/kinds/storage.ts';
import { type Pod } from '../objects/kinds/pod-types.ts';
import { parseQuantity } from '../objects/quantity.ts';
import { timestamp } from '../objects/timestamp.ts';
import { type Controller, type ControllerDeps } from './controller.ts';
import { createWorkQueue, queueKey, splitQueueKey } from './work-queue.ts';

const SOURCE = 'persistentvolume-controller';
const PROVISIONER = 'rancher.io/local-path';
const CLASSES = 'storageclasses.storage.k8s.io';
/** Where the scheduler says for which node a volume is wanted. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** The class that a new cluster has, as kind's. */
export const DEFAULT_STORAGE_CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
};

export function createVolumeController({ store, writer, clock, events }: ControllerDeps): Controller {
  const volumes = () => store.list('persistentvolumes') as readonly PersistentVolume[];
  const claims = createWorkQueue(clock, (key) => {
    const claim = store.get('persistentvolumeclaims', ...splitQueueKey(key)) as Claim | undefined;
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) releaseClaim(claim);
    else if (claim.status.phase === 'Pending') findVolume(claim);
  });
  const released = createWorkQueue(clock, (name) => {
    const volume = store.get('persistentvolumes', undefined, name) as PersistentVolume | undefined;
    if (volume) lookAtVolume(volume);
  });

  function findVolume(claim: Claim): void {
    const { storageClassName = '', volumeName } = claim.spec;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    const storageClass = store.get(CLASSES, undefined, storageClassName) as StorageClass | undefined;
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !selected && !volumeName;
    const volume = volumes().find((one) => isOf(one, claim)) ?? (waits ? undefined : fitting(claim));
    if (volume) return bind(claim, volume);
    if (volumeName) return;
    if (waits) {
      return record(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    }
    if (storageClassName === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      return record(claim, 'Normal', 'FailedBinding', message);
    }
    if (!storageClass) {
      const message = `storageclass.storage.k8s.io ${JSON.stringify(storageClassName)} not found`;
      return record(claim, 'Warning', 'ProvisioningFailed', message);
    }
    const { provisioner = '' } = storageClass;
    const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    if (!provisioner.startsWith('kubernetes.io/')) record(claim, 'Normal', 'ExternalProvisioning', message);
    if (provisioner === PROVISIONER) provision(claim, storageClass, selected ?? 'node-1');
  }

  /** The smallest free volume that has what the claim asks for. volume/persistentvolume/index.go, findBestMatch. */
  function fitting(claim: Claim): PersistentVolume | undefined {
    const { accessModes = [], resources, selector, storageClassName = '', volumeMode, volumeName } = claim.spec;
    const size = ({ spec }: PersistentVolume) => parseQuantity(spec.capacity?.storage ?? '0');
    return volumes()
      .filter(
        ({ metadata, spec, status }) =>
          !metadata.deletionTimestamp &&
          !spec.claimRef &&
          status.phase === 'Available' &&
          (!volumeName || volumeName === metadata.name) &&
          (spec.storageClassName ?? '') === storageClassName &&
          spec.volumeMode === volumeMode &&
          accessModes.every((mode) => spec.accessModes?.includes(mode)) &&
          (!selector || matchesLabelSelectorObject(selector, metadata.labels)),
      )
      .filter((volume) => size(volume) >= parseQuantity(resources?.requests?.storage ?? '0'))
      .toSorted((a, b) => size(a) - size(b))[0];
  }

  function isOf({ spec }: PersistentVolume, { metadata }: Claim): boolean {
    const { claimRef } = spec;
    return (
      claimRef?.namespace === metadata.namespace &&
      claimRef?.name === metadata.name &&
      (claimRef.uid === undefined || claimRef.uid === metadata.uid)
    );
  }

  function bind(claim: Claim, volume: PersistentVolume): void {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, resourceVersion, uid };
    const taken = writer.update(PERSISTENT_VOLUME, { ...volume, spec: { ...volume.spec, claimRef } });
    setPhase(taken as PersistentVolume, 'Bound');
    const annotations = {
      ...claim.metadata.annotations,
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    };
    const bound = writer.update(PERSISTENT_VOLUME_CLAIM, {
      ...claim,
      metadata: { ...claim.metadata, annotations },
      spec: { ...claim.spec, volumeName: volume.metadata.name },
    });
    const { accessModes, capacity } = volume.spec;
    const status = { accessModes, capacity, phase: 'Bound' };
    writer.update(PERSISTENT_VOLUME_CLAIM, { ...bound, status }, { subresource: 'status' });
  }

  function provision(claim: Claim, storageClass: StorageClass, node: string): void {
    const { name: claimName, namespace = '', uid } = claim.metadata;
    const name = `pvc-${uid}`;
    const source = `${PROVISIONER}_local-path-provisioner`;
    const key = `${namespace}/${claimName}`;
    events.record(source, claim, {
      type: 'Normal',
      reason: 'Provisioning',
      message: `External provisioner is provisioning volume for claim ${JSON.stringify(key)}`,
    });
    const nodes = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
    writer.create(PERSISTENT_VOLUME, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name,
        annotations: { 'local.path.provisioner/selected-node': node, 'pv.kubernetes.io/provisioned-by': PROVISIONER },
      },
      spec: {
        accessModes: claim.spec.accessModes,
        capacity: { storage: claim.spec.resources?.requests?.storage },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claimName, namespace, uid },
        hostPath: {
          path: `/var/local-path-provisioner/${name}_${namespace}_${claimName}`,
          type: 'DirectoryOrCreate',
        },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [nodes] }] } },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec.volumeMode,
      },
    } as KubernetesObject);
    events.record(source, claim, {
      type: 'Normal',
      reason: 'ProvisioningSucceeded',
      message: `Successfully provisioned volume ${name}`,
    });
  }

  /** A claim that a pod uses stays until the pod is over. */
  function releaseClaim({ metadata }: Claim): void {
    const { name, namespace, finalizers = [] } = metadata;
    const users = (store.list('pods') as readonly Pod[]).filter((pod) => uses(pod, namespace, name));
    if (users.length > 0 || !finalizers.includes(CLAIM_FINALIZER)) return;
    dropFinalizer('persistentvolumeclaims', namespace, name, CLAIM_FINALIZER);
  }

  function lookAtVolume(volume: PersistentVolume): void {
    const { metadata, spec, status } = volume;
    const { claimRef } = spec;
    const claim = claimRef && store.get('persistentvolumeclaims', claimRef.namespace, claimRef.name ?? '');
    const isBound = claim !== undefined && (claimRef?.uid === undefined || claimRef.uid === claim.metadata.uid);
    if (metadata.deletionTimestamp) {
      if (!isBound) dropFinalizer('persistentvolumes', undefined, metadata.name, VOLUME_FINALIZER);
    } else if (!claimRef || claimRef.uid === undefined) {
      setPhase(volume, 'Available');
      for (const one of store.list('persistentvolumeclaims')) lookAtClaim(one);
    } else if (isBound) {
      // Made for this claim: the claim takes it.
      if ((claim as Claim).status.phase === 'Pending') lookAtClaim(claim);
    } else if (status.phase !== 'Released') {
      const gone = setPhase(volume, 'Released');
      if (gone.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
      if (gone.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === PROVISIONER) {
        writer.remove(PERSISTENT_VOLUME, undefined, metadata.name);
        return;
      }
      const message = 'error getting deleter volume plugin for volume: no deletable volume plugin matched';
      events.record(SOURCE, gone, { type: 'Warning', reason: 'VolumeFailedDelete', message });
    }
  }

  function setPhase(volume: PersistentVolume, phase: string): PersistentVolume {
    if (volume.status.phase === phase) return volume;
    const status = { phase, lastPhaseTransitionTime: timestamp(clock.now()) };
    return writer.update(PERSISTENT_VOLUME, { ...volume, status }, { subresource: 'status' }) as PersistentVolume;
  }

  function dropFinalizer(
    resource: 'persistentvolumeclaims' | 'persistentvolumes',
    namespace: string | undefined,
    name: string,
    finalizer: string,
  ): void {
    const kind = resource === 'persistentvolumes' ? PERSISTENT_VOLUME : PERSISTENT_VOLUME_CLAIM;
    const object = store.get(resource, namespace, name);
    if (!object) return;
    const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    writer.update(kind, { ...object, metadata: { ...object.metadata, finalizers } });
  }

  const record = (claim: Claim, type: 'Normal' | 'Warning', reason: string, message: string): void =>
    events.record(SOURCE, claim, { type, reason, message });
  const lookAtClaim = ({ metadata }: KubernetesObject): void => claims.add(queueKey(metadata.namespace, metadata.name));
  const lookAtAllClaims = (): void => {
    for (const claim of store.list('persistentvolumeclaims')) lookAtClaim(claim);
  };
  const stops = [
    store.watch('persistentvolumeclaims', ({ type, object }) => {
      if (type !== 'DELETED') return lookAtClaim(object);
      const { volumeName } = (object as Claim).spec;
      if (volumeName) released.add(volumeName);
    }),
    store.watch('persistentvolumes', ({ type, object }) => {
      if (type !== 'DELETED') released.add(object.metadata.name);
    }),
    store.watch(CLASSES, lookAtAllClaims),
    store.watch('pods', ({ type, object }) => {
      const { phase } = (object as Pod).status ?? {};
      if (type !== 'DELETED' && phase !== 'Succeeded' && phase !== 'Failed') return;
      for (const name of claimNames(object as Pod)) claims.add(queueKey(object.metadata.namespace, name));
    }),
  ];
  return {
    dispose() {
      for (const stop of stops) stop();
      claims.dispose();
      released.dispose();
    },
  };
}

/** Names of the claims that a pod mounts. */
export function claimNames({ spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    const claim = persistentVolumeClaim as { claimName?: string } | undefined;
    return claim?.claimName === undefined ? [] : [claim.claimName];
  });
}

function uses(pod: Pod, namespace: string | undefined, name: string): boolean {
  const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  return !isOver && pod.metadata.namespace === namespace && claimNames(pod).includes(name);
}
