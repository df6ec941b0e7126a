/**
 * The rules under which objects are created, changed and removed: the generic registry of the API server
 * (k8s.io/apiserver/pkg/registry/generic). Requests and controllers both write through it.
 */
import { type Clock } from '../clock.ts';
import { type AdmissionStep } from './admission.ts';
import {
  alreadyExists,
  ApiError,
  conflict,
  forbidden,
  invalid,
  invalidObject,
  notFound,
  required,
  type FieldError,
} from './api-error.ts';
import { cloneJson, equalJson, type JsonObject } from './json.ts';
import { resourceKeyOf, apiVersionOf, type Kind, type KindContext } from './kinds/kind.ts';
import {
  label1035Error,
  label1123Error,
  pathSegmentError,
  subdomainError,
  validateAnnotations,
  validateLabels,
} from './kinds/names.ts';
import { type KubernetesObject, type ObjectMeta } from './object.ts';
import { type Random } from './random.ts';
import { type Pod } from './kinds/pod-types.ts';
import { validateEphemeralUpdate } from './kinds/pod-validation.ts';
import { validateOwnerReferences } from './kinds/owner-references.ts';
import { schemaOf } from './decode-kind.ts';
import { validateStructural } from './schema/structural.ts';
import { validateCustom } from './schema/validate-custom.ts';
import { messageOf } from './schema/schemas.ts';
import { type ObjectStore } from './store.ts';
import { timestamp } from './timestamp.ts';

export interface WriteOptions {
  /** All checks, no change. */
  dryRun?: boolean;
  /** Takes what is worth a word and no refusal. Default: nobody hears it. */
  warn?(text: string): void;
}

export interface UpdateOptions extends WriteOptions {
  /**
   * Which part is written: a write to the status leaves everything else, and the other way round. Through
   * `ephemeralcontainers` nothing but these comes into a pod, and they come in by no other way.
   */
  subresource?: 'status' | 'ephemeralcontainers';
}

export interface RemoveOptions extends WriteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
}

export interface ObjectWriter {
  /** @throws ApiError @returns what is stored now, frozen */
  create(kind: Kind, object: KubernetesObject, options?: WriteOptions): KubernetesObject;
  /**
   * Replaces the object of the same name. A resourceVersion in it must be the current one.
   * @throws ApiError @returns what is stored now; the old object itself when nothing changed
   */
  update(kind: Kind, object: KubernetesObject, options?: UpdateOptions): KubernetesObject;
  /** Puts a pod on a node, as the scheduler does through pods/binding. */
  bind(pod: KubernetesObject, nodeName: string): KubernetesObject;
  /** @throws ApiError @returns the object, and whether it is gone or waits for finalizers or grace */
  remove(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    options?: RemoveOptions,
  ): { object: KubernetesObject; gone: boolean };
}

export interface WriterDeps {
  store: ObjectStore;
  clock: Clock;
  random: Random;
  /** In the order in which they see a new object. */
  admission: readonly AdmissionStep[];
  /** Looks at what is about to be stored, status apart. @throws ApiError to refuse it. Default: nothing is refused. */
  validate?(kind: Kind, object: KubernetesObject, warn: (text: string) => void): void;
}

const UNHEARD = (): void => {};

const IMMORTAL_NAMESPACES = ['default', 'kube-system', 'kube-public'];

export function createWriter({ store, clock, random, admission, validate }: WriterDeps): ObjectWriter {
  const context: KindContext = { objects: store, random: random.below, now: () => clock.now() };
  const nameOf = (kind: Kind) => ({ plural: kind.plural, group: kind.group });

  function create(
    kind: Kind,
    object: KubernetesObject,
    { dryRun = false, warn = UNHEARD }: WriteOptions = {},
  ): KubernetesObject {
    const draft = cloneJson(object);
    const { metadata } = draft;
    draft.apiVersion = apiVersionOf(kind);
    draft.kind = kind.kind;
    if (!metadata.name && metadata.generateName) {
      metadata.name = `${metadata.generateName.slice(0, 58)}${random.suffix(5)}`;
    }
    prepareMetadata(metadata, kind);
    metadata.uid = random.uuid();
    metadata.creationTimestamp = timestamp(clock.now());
    if (kind.generation ?? (kind.status || kind.custom)) metadata.generation = 1;
    else delete metadata.generation;
    delete metadata.deletionTimestamp;
    delete metadata.deletionGracePeriodSeconds;
    delete metadata.resourceVersion;
    if (kind.namespaced) checkNamespace(kind, metadata, 'create');
    if (kind.status) delete draft.status;
    kind.setDefaults?.(draft);
    kind.prepareCreate?.(draft, context);
    for (const step of admission) step({ kind, draft, objects: store, random });
    const errors = [...validateMetadata(kind, draft.metadata), ...validateBody(kind, draft)];
    const { name, namespace } = draft.metadata;
    if (errors.length > 0) throw invalidObject(kind, name, errors);
    validate?.(kind, draft, warn);
    const resource = resourceKeyOf(kind);
    if (store.get(resource, namespace, name)) throw alreadyExists(nameOf(kind), name);
    return dryRun ? draft : store.insert(resource, draft);
  }

  function checkNamespace(kind: Kind, metadata: ObjectMeta, verb: 'create'): void {
    const namespace = store.get('namespaces', undefined, metadata.namespace ?? '');
    if (!namespace) throw notFound({ plural: 'namespaces', group: '' }, metadata.namespace ?? '');
    if (verb === 'create' && namespace.metadata.deletionTimestamp) {
      const error = forbidden(
        nameOf(kind),
        metadata.name,
        `unable to create new content in namespace ${metadata.namespace} because it is being terminated`,
      );
      throw new ApiError(error.code, error.reason, error.message, {
        ...error.details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${metadata.namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      });
    }
  }

  function update(
    kind: Kind,
    object: KubernetesObject,
    { dryRun = false, subresource, warn = UNHEARD }: UpdateOptions = {},
  ): KubernetesObject {
    const resource = resourceKeyOf(kind);
    const { name } = object.metadata;
    const old = store.get(resource, object.metadata.namespace, name);
    if (!old) throw notFound(nameOf(kind), name);
    const given = object.metadata.resourceVersion;
    if (given && given !== old.metadata.resourceVersion) throw conflict(nameOf(kind), name);
    if (object.metadata.uid && object.metadata.uid !== old.metadata.uid) {
      throw conflict(
        nameOf(kind),
        name,
        `Precondition failed: UID in precondition: ${object.metadata.uid}, UID in object meta: ${old.metadata.uid}`,
      );
    }
    const draft =
      subresource === 'status'
        ? withStatus(kind, old, object)
        : subresource === 'ephemeralcontainers'
          ? withEphemeralContainers(old as Pod, object as Pod)
          : cloneJson(object);
    draft.apiVersion = apiVersionOf(kind);
    draft.kind = kind.kind;
    keepSystemMetadata(draft.metadata, old.metadata);
    prepareMetadata(draft.metadata, kind);
    if (subresource !== 'status') {
      if (kind.status) {
        if (old.status === undefined) delete draft.status;
        else draft.status = old.status;
      }
      kind.setDefaults?.(draft);
      kind.prepareUpdate?.(draft, old, context);
    }
    const errors = [...validateMetadata(kind, draft.metadata), ...validateFinalizers(draft.metadata, old.metadata)];
    if (subresource !== 'status') errors.push(...validateBody(kind, draft));
    if (subresource === 'ephemeralcontainers') errors.push(...validateEphemeralUpdate(draft as Pod, old as Pod));
    if (subresource === undefined) errors.push(...(kind.validateUpdate?.(draft, old) ?? []));
    if (errors.length > 0) throw invalidObject(kind, name, errors);
    if (subresource === undefined) validate?.(kind, draft, warn);
    if (subresource !== 'status' && old.metadata.generation !== undefined && !sameDesire(kind, draft, old)) {
      draft.metadata.generation = old.metadata.generation + 1;
    }
    draft.metadata.resourceVersion = old.metadata.resourceVersion;
    if (equalJson(draft, old)) return old;
    if (dryRun) return draft;
    if (isFinished(kind, draft)) return store.remove(resource, draft);
    return store.replace(resource, draft);
  }

  /** An object that waits for its deletion goes with its last finalizer, if no grace period holds it. */
  function isFinished(kind: Kind, object: KubernetesObject): boolean {
    const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
    if (!deletionTimestamp || (finalizers && finalizers.length > 0)) return false;
    if (specFinalizers(kind, object).length > 0) return false;
    return !deletionGracePeriodSeconds;
  }

  function remove(kind: Kind, namespace: string | undefined, name: string, options: RemoveOptions = {}) {
    const resource = resourceKeyOf(kind);
    const old = store.get(resource, namespace, name);
    if (!old) throw notFound(nameOf(kind), name);
    checkPreconditions(kind, old, options);
    if (kind.finalizedBySpec && IMMORTAL_NAMESPACES.includes(name)) {
      throw forbidden(nameOf(kind), name, 'this namespace may not be deleted');
    }
    const draft = cloneJson(old);
    const finalizers = new Set(old.metadata.finalizers);
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    const grace = graceOf(kind, old, options);
    const waits = finalizers.size > 0 || grace > 0 || specFinalizers(kind, old).length > 0;
    if (options.dryRun) return { object: old, gone: !waits };
    if (!waits) return { object: store.remove(resource, draft), gone: true };
    if (
      old.metadata.deletionTimestamp &&
      grace >= (old.metadata.deletionGracePeriodSeconds ?? 0) &&
      finalizers.size === (old.metadata.finalizers?.length ?? 0)
    ) {
      return { object: old, gone: false };
    }
    if (finalizers.size > 0) draft.metadata.finalizers = [...finalizers];
    draft.metadata.deletionTimestamp = timestamp(clock.now() + grace * 1000);
    draft.metadata.deletionGracePeriodSeconds = grace;
    if (draft.metadata.generation !== undefined) draft.metadata.generation += 1;
    if (kind.finalizedBySpec) draft.status = { ...(draft.status as JsonObject), phase: 'Terminating' };
    return { object: store.replace(resource, draft), gone: false };
  }

  function checkPreconditions(kind: Kind, old: KubernetesObject, { preconditions }: RemoveOptions): void {
    const { name } = old.metadata;
    if (preconditions?.uid && preconditions.uid !== old.metadata.uid) {
      throw conflict(
        nameOf(kind),
        name,
        `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${old.metadata.uid}`,
      );
    }
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(
        nameOf(kind),
        name,
        `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`,
      );
    }
  }

  function bind(pod: KubernetesObject, nodeName: string): KubernetesObject {
    const { conditions = [], ...status } = (pod.status ?? {}) as { conditions?: { type: string }[] };
    const scheduled = {
      lastProbeTime: null,
      lastTransitionTime: timestamp(clock.now()),
      status: 'True',
      type: 'PodScheduled',
    };
    return store.replace('pods', {
      ...pod,
      spec: { ...(pod.spec as JsonObject), nodeName },
      status: { ...status, conditions: [...conditions.filter(({ type }) => type !== 'PodScheduled'), scheduled] },
    });
  }

  return { create, update, bind, remove };
}

function specFinalizers(kind: Kind, object: KubernetesObject): string[] {
  if (!kind.finalizedBySpec) return [];
  return (object.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
}

/**
 * Only a pod that runs somewhere is given time to stop; the kubelet removes it when it has.
 * Kubernetes 1.32, pkg/registry/core/pod/strategy.go, CheckGracefulDelete.
 */
function graceOf(kind: Kind, object: KubernetesObject, options: RemoveOptions): number {
  if (kind.kind !== 'Pod') return 0;
  const spec = object.spec as { nodeName?: string; terminationGracePeriodSeconds?: number };
  const phase = (object.status as { phase?: string } | undefined)?.phase;
  if (!spec.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}

function prepareMetadata(metadata: ObjectMeta, kind: Kind): void {
  if (kind.namespaced) metadata.namespace ??= 'default';
  else delete metadata.namespace;
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
    const value = metadata[field];
    if (value && Object.keys(value).length === 0) delete metadata[field];
  }
}

function keepSystemMetadata(draft: ObjectMeta, old: ObjectMeta): void {
  for (const field of [
    'uid',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generateName',
  ] as const) {
    if (old[field] === undefined) delete draft[field];
    else Object.assign(draft, { [field]: old[field] });
  }
}

function withStatus(kind: Kind, old: KubernetesObject, object: KubernetesObject): KubernetesObject {
  const draft = cloneJson(old);
  // The status of a built-in kind is a structure, which may be empty but is always there.
  const status = object.status ?? (kind.custom ? undefined : {});
  if (status === undefined) delete draft.status;
  else draft.status = cloneJson(status);
  if (object.metadata.managedFields) draft.metadata.managedFields = object.metadata.managedFields;
  return draft;
}

/** pkg/registry/core/pod/strategy.go, dropNonEphemeralContainerUpdates. */
function withEphemeralContainers(old: Pod, { metadata, spec }: Pod): Pod {
  const draft = cloneJson(old);
  draft.spec.ephemeralContainers = cloneJson(spec.ephemeralContainers ?? []);
  if (metadata.managedFields) draft.metadata.managedFields = metadata.managedFields;
  return draft;
}

/** Whether nothing but metadata and status differs. */
function sameDesire(kind: Kind, draft: KubernetesObject, old: KubernetesObject): boolean {
  const keys = new Set([...Object.keys(draft), ...Object.keys(old)]);
  for (const key of ['apiVersion', 'kind', 'metadata', ...(kind.status ? ['status'] : [])]) keys.delete(key);
  return [...keys].every((key) => equalJson(draft[key], old[key]));
}

const NAME_CHECKS = {
  subdomain: subdomainError,
  label: label1123Error,
  label1035: label1035Error,
  path: pathSegmentError,
} as const;

function validateMetadata(kind: Kind, metadata: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (!metadata.name) {
    errors.push(required('metadata.name', 'name or generateName is required'));
  } else {
    const problem = NAME_CHECKS[kind.names ?? 'subdomain'](metadata.name);
    if (problem) errors.push(invalid('metadata.name', metadata.name, problem));
  }
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'), ...validateAnnotations(metadata.annotations));
  errors.push(...validateOwnerReferences(metadata.ownerReferences));
  return errors;
}

function validateFinalizers(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  if (!old.deletionTimestamp) return [];
  const added = (metadata.finalizers ?? []).filter((one) => !old.finalizers?.includes(one));
  if (added.length === 0) return [];
  return [
    {
      field: 'metadata.finalizers',
      reason: 'FieldValueForbidden',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
    },
  ];
}

function validateBody(kind: Kind, object: KubernetesObject): FieldError[] {
  const schema = schemaOf(kind);
  if (schema) return validateStructural(object, schema);
  if (kind.custom) return validateCustom(object, messageOf(kind.message));
  return kind.validate?.(object) ?? [];
}
