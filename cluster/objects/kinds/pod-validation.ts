import {
  duplicate,
  forbiddenField,
  invalid,
  notFoundField,
  notSupported,
  required,
  type FieldError,
} from '../api-error.ts';
import { toGoJson } from '../go-json.ts';
import { cloneJson, equalJson } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { label1123Error } from './names.ts';
import { type Container, type Pod, type PodSpec } from './pod-types.ts';

/**
 * What learners get wrong most often in a pod's spec; the full list of upstream is far longer.
 * Kubernetes 1.32, pkg/apis/core/validation/validation.go, ValidatePodSpec.
 * @param claims names of volumes that pods get beside those of the spec. Default none.
 */
export function validatePodSpec(spec: PodSpec, path: string, claims: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set<string>();
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const field = `${path}.volumes[${index}].name`;
    if (!volume.name) errors.push(required(field));
    else {
      const problem = label1123Error(volume.name);
      if (problem) errors.push(invalid(field, volume.name, problem));
      if (volumes.has(volume.name)) errors.push(duplicate(field, volume.name));
    }
    volumes.add(volume.name);
  }
  for (const name of claims) volumes.add(name);
  const names = new Set<string>();
  if (!spec.containers || spec.containers.length === 0) errors.push(required(`${path}.containers`));
  for (const [index, container] of (spec.containers ?? []).entries()) {
    errors.push(...validateContainer(container, `${path}.containers[${index}]`, names, volumes));
  }
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    errors.push(...validateContainer(container, `${path}.initContainers[${index}]`, names, volumes));
  }
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    errors.push(...validateEphemeral(container, spec, `${path}.ephemeralContainers[${index}]`, names, volumes));
  }
  if (!['Always', 'OnFailure', 'Never'].includes(spec.restartPolicy ?? '')) {
    errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']));
  }
  return errors;
}

function validateContainer(
  container: Container,
  path: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${path}.name`));
  else {
    const problem = label1123Error(container.name);
    if (problem) errors.push(invalid(`${path}.name`, container.name, problem));
    else if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
    names.add(container.name);
  }
  if (!container.image) errors.push(required(`${path}.image`));
  else if (container.image !== container.image.trim()) {
    errors.push(invalid(`${path}.image`, container.image, 'must not have leading or trailing whitespace'));
  }
  for (const [index, port] of (container.ports ?? []).entries()) {
    const field = `${path}.ports[${index}]`;
    if (port.containerPort === undefined) errors.push(required(`${field}.containerPort`));
    else if (port.containerPort < 1 || port.containerPort > 65535) {
      errors.push(invalid(`${field}.containerPort`, port.containerPort, 'must be between 1 and 65535, inclusive'));
    }
    if (!['SCTP', 'TCP', 'UDP'].includes(port.protocol ?? '')) {
      errors.push(notSupported(`${field}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
    }
  }
  for (const [index, variable] of (container.env ?? []).entries()) {
    if (!variable.name) errors.push(required(`${path}.env[${index}].name`));
  }
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const field = `${path}.volumeMounts[${index}]`;
    if (!mount.name) errors.push(required(`${field}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFoundField(`${field}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${field}.mountPath`));
  }
  if (!['Always', 'IfNotPresent', 'Never'].includes(container.imagePullPolicy ?? '')) {
    errors.push(
      notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    );
  }
  const { requests = {}, limits = {} } = container.resources ?? {};
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined && parseQuantity(request) > parseQuantity(limit)) {
      errors.push(
        invalid(`${path}.resources.requests`, request, `must be less than or equal to ${name} limit of ${limit}`),
      );
    }
  }
  return sortLikeUpstream(errors, path);
}

/** Kubernetes 1.36, pkg/apis/core/validation/validation.go, validateEphemeralContainers. */
function validateEphemeral(
  container: Container,
  spec: PodSpec,
  path: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors = validateContainer(container, path, names, volumes);
  const target = container.targetContainerName;
  const targets = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  if (target && !targets.includes(target)) errors.push(notFoundField(`${path}.targetContainerName`, target));
  for (const field of ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources'] as const) {
    const value = container[field] as object | undefined;
    if (value === undefined || Object.keys(value).length === 0) continue;
    errors.push(forbiddenField(`${path}.${field}`, 'cannot be set for an Ephemeral Container'));
  }
  return errors;
}

/** What the subresource may change: containers are added, and none is changed or taken away. */
export function validateEphemeralUpdate(pod: Pod, old: Pod): FieldError[] {
  const now = new Map((pod.spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (old.spec.ephemeralContainers ?? []).flatMap((before): FieldError[] => {
    const after = now.get(before.name);
    if (after && equalJson(after, before)) return [];
    const change = after ? 'changed' : 'removed';
    const name = JSON.stringify(before.name);
    return [forbiddenField('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be ${change}\n`)];
  });
}

// Upstream checks a container's own fields before the uniqueness of its name.
function sortLikeUpstream(errors: FieldError[], path: string): FieldError[] {
  const late = errors.filter((error) => error.field === `${path}.name` && error.reason === 'FieldValueDuplicate');
  return [...errors.filter((error) => !late.includes(error)), ...late];
}

const MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/**
 * A pod's spec cannot change once it is there, but for a few fields.
 * Kubernetes 1.36, pkg/apis/core/validation/validation.go, ValidatePodUpdate.
 */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  if (pod.spec.containers.length !== old.spec.containers.length) {
    return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  }
  const allowed = withMutableFields(pod.spec, old.spec);
  if (equalJson(allowed, old.spec)) return [];
  const lines = (spec: PodSpec) => JSON.stringify(toGoJson('core.PodSpec', spec), null, 1).split('\n');
  const shown = unifiedDiff(lines(old.spec), lines(allowed)).replace(/[<>&]/g, goEscape);
  return [forbiddenField('spec', `${MUTABLE}\n${shown}`)];
}

/** The new spec with all that may change put back to what it was. */
function withMutableFields(spec: PodSpec, old: PodSpec): PodSpec {
  const result = cloneJson(spec);
  const before = [...(old.initContainers ?? []), ...old.containers];
  for (const [index, container] of [...(result.initContainers ?? []), ...result.containers].entries()) {
    container.image = before[index]?.image;
  }
  // Priority is decided by admission, and kept when a spec does not say it.
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'priority', 'preemptionPolicy'] as const) {
    if (old[field] === undefined) delete result[field];
    else Object.assign(result, { [field]: old[field] });
  }
  return result;
}

// encoding/json escapes what browsers might take for markup.
const goEscape = (character: string) => `\\u00${character.charCodeAt(0).toString(16)}`;
