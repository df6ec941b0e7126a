import { badRequest } from '../objects/api-error.ts';
import { cloneJson, type JsonObject } from '../objects/json.ts';
import { labelsText, selectorText } from '../objects/kinds/columns.ts';
import { type Kind } from '../objects/kinds/kind.ts';
import { findByPath, setByPath } from '../objects/json-path.ts';
import { type KubernetesObject } from '../objects/object.ts';

interface Scalable extends KubernetesObject {
  spec: { replicas?: number; selector?: Parameters<typeof selectorText>[0] | Record<string, string> };
  status?: { replicas?: number };
}

/** The scale subresource: autoscaling/v1 Scale. */
export function renderScale(object: KubernetesObject, kind: Kind): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas, current, selector } = kind.scalePaths ? customScale(object, kind.scalePaths) : builtInScale(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: current, ...(selector === undefined ? {} : { selector }) },
  };
}

interface ScaleNumbers {
  replicas: number;
  current: number;
  selector: string | undefined;
}

function builtInScale(object: KubernetesObject): ScaleNumbers {
  const { spec, status } = object as Scalable;
  const selector = isPlain(spec.selector) ? labelsText(spec.selector) : selectorText(spec.selector);
  return {
    replicas: spec.replicas ?? 0,
    current: status?.replicas ?? 0,
    selector: selector === labelsText(undefined) ? '' : selector,
  };
}

/** The selector of a ReplicationController, and of a DeploymentConfig, is a map of labels. */
function isPlain(selector: Scalable['spec']['selector']): selector is Record<string, string> {
  return selector !== undefined && !('matchLabels' in selector || 'matchExpressions' in selector);
}

function customScale(object: KubernetesObject, paths: NonNullable<Kind['scalePaths']>): ScaleNumbers {
  const numberAt = (path: string) => {
    const [found] = findByPath(object, path);
    return typeof found === 'number' ? found : 0;
  };
  const selector = paths.selector === undefined ? undefined : findByPath(object, paths.selector)[0];
  return {
    replicas: numberAt(paths.spec),
    current: numberAt(paths.status),
    selector: typeof selector === 'string' ? selector : undefined,
  };
}

/** The object with the replicas that a Scale asks for. @throws ApiError */
export function withScale(object: KubernetesObject, scale: JsonObject, kind: Kind): KubernetesObject {
  const replicas = (scale.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  const draft = cloneJson(object) as Scalable;
  setByPath(draft, kind.scalePaths?.spec ?? '.spec.replicas', replicas);
  const { resourceVersion } = (scale.metadata ?? {}) as { resourceVersion?: string };
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
  else delete draft.metadata.resourceVersion;
  return draft;
}
