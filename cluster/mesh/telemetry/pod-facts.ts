import type { PodObject } from '../../containers/pod-spec.ts';
import type { KubernetesObject } from '../../objects/object.ts';
import { workloadOf } from '../workload.ts';

/** A pod as telemetry names it. It keeps what it had when its proxy started, as a proxy's node metadata does. */
export interface PodFacts {
  /** Different for each pod that telemetry has met. */
  readonly id: number;
  readonly namespace: string;
  readonly pod: string;
  /** Name of the Deployment, StatefulSet, DaemonSet, Job or DeploymentConfig; of the pod itself where nothing made it. */
  readonly workload: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Container ports by name. */
  readonly portNames: ReadonlyMap<string, number>;
  /** Labels `app` and `version`; null without them. */
  readonly app: string | null;
  readonly version: string | null;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly hasSidecar: boolean;
  readonly isGateway: boolean;
}

const known = new WeakMap<KubernetesObject, PodFacts>();
let count = 0;

export function podFactsOf(object: KubernetesObject): PodFacts {
  let facts = known.get(object);
  if (facts === undefined) known.set(object, (facts = read(object as PodObject)));
  return facts;
}

function read(pod: PodObject): PodFacts {
  const { namespace, name, serviceAccount, labels, portNames, hasSidecar, isGateway } = workloadOf(pod);
  const workload = workloadName(pod);
  const [app, version] = [labels['app'] ?? null, labels['version'] ?? null];
  return {
    id: (count += 1),
    namespace,
    pod: name,
    workload,
    serviceAccount,
    labels,
    portNames,
    app,
    version,
    // Istio, pkg/config/labels/labels.go, CanonicalService and CanonicalServiceRevision.
    canonicalService: labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? app ?? workload,
    canonicalRevision:
      labels['service.istio.io/canonical-revision'] ?? labels['app.kubernetes.io/version'] ?? version ?? 'latest',
    hasSidecar,
    isGateway,
  };
}

/** Without the suffixes that controllers add: a ReplicaSet's hash, the number of a deployment of OpenShift. */
function workloadName({ metadata }: PodObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return metadata.name;
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.name.replace(/-[^-]+$/, '');
    case 'ReplicationController':
      return owner.name.replace(/-\d+$/, '');
    default:
      return owner.name;
  }
}
