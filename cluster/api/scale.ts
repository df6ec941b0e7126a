import { badRequest } from '../objects/api-error.ts';
import { cloneJson, type JsonObject } from '../objects/json.ts';
import { labelsText, selectorText } from '../objects/kinds/columns.ts';
import { type KubernetesObject } from '../objects/object.ts';

interface Scalable extends KubernetesObject {
  spec: { replicas?: number; selector?: { matchLabels?: Record<string, string> } };
  status?: { replicas?: number };
}

/** The scale subresource: autoscaling/v1 Scale. */
export function renderScale(object: KubernetesObject): KubernetesObject {
  const { metadata, spec, status } = object as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = selectorText(spec.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: spec.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, selector: selector === labelsText(undefined) ? '' : selector },
  };
}

/** The object with the replicas that a Scale asks for. @throws ApiError */
export function withScale(object: KubernetesObject, scale: JsonObject): KubernetesObject {
  const replicas = (scale.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const draft = cloneJson(object) as Scalable;
  draft.spec.replicas = replicas;
  const { resourceVersion } = (scale.metadata ?? {}) as { resourceVersion?: string };
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
  else delete draft.metadata.resourceVersion;
  return draft;
}
