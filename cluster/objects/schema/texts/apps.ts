/** What is said of the types and fields of apps/v1, in the notation of `field-texts.ts`. */
export const APPS_TEXTS = `
ControllerRevision A former state of a DaemonSet or StatefulSet, to which it can be rolled back.
  data What it was.
  revision! Its number.
DaemonSet Keeps one pod on every node, or on every node of some kind.
DaemonSetSpec Which pods, and how they are replaced.
  minReadySeconds Seconds that a pod has to be ready before it counts as available. Default 0.
  revisionHistoryLimit How many former revisions are kept. Default 10.
  selector! Labels of the pods that belong to it. Cannot be changed.
  template! The pods to make.
  updateStrategy How pods are replaced when the template changes.
DaemonSetUpdateStrategy How pods are replaced.
  rollingUpdate How many at a time.
  type(OnDelete|RollingUpdate) By itself, or when somebody deletes the old pod. Default RollingUpdate.
Deployment Keeps a number of equal pods running, and replaces them step by step when their template changes.
DeploymentSpec How many pods, which, and how they are replaced.
  minReadySeconds Seconds that a pod has to be ready before it counts as available. Default 0.
  paused If true, changes of the template wait.
  progressDeadlineSeconds Seconds without progress after which a rollout counts as failed. Default 600.
  replicas How many pods. Default 1.
  revisionHistoryLimit How many former ReplicaSets are kept for a rollback. Default 10.
  selector! Labels of the pods that belong to it; the template must have them. Cannot be changed.
  strategy How old pods give way to new ones.
  template! The pods to make. Only the restartPolicy Always is allowed.
DeploymentStatus How a Deployment is.
  availableReplicas Pods that have been ready for minReadySeconds.
  conditions Whether it is available and makes progress.
  observedGeneration The generation that was looked at last.
  readyReplicas Pods that are ready.
  replicas Pods that belong to it.
  unavailableReplicas Pods that are still missing.
  updatedReplicas Pods of the present template.
DeploymentStrategy How old pods give way to new ones.
  rollingUpdate How many at a time; only with RollingUpdate.
  type(Recreate|RollingUpdate) Recreate ends all old pods first, RollingUpdate goes step by step. Default RollingUpdate.
ReplicaSet Keeps a number of equal pods running. Mostly made by a Deployment.
ReplicaSetSpec How many pods, and which.
  minReadySeconds Seconds that a pod has to be ready before it counts as available. Default 0.
  replicas How many pods. Default 1.
  selector! Labels of the pods that belong to it. Cannot be changed.
  template The pods to make.
RollingUpdateDaemonSet How many pods are replaced at a time.
  maxSurge How many nodes may have an old and a new pod at once, a number or a percentage. Default 0.
  maxUnavailable How many nodes may be without a pod meanwhile, a number or a percentage. Default 1.
RollingUpdateDeployment How many pods are replaced at a time.
  maxSurge How many pods there may be above replicas, a number or a percentage, rounded up. Default 25%.
  maxUnavailable How many pods may be missing meanwhile, a number or a percentage, rounded down. Default 25%.
RollingUpdateStatefulSetStrategy How pods are replaced.
  maxUnavailable How many pods may be missing meanwhile.
  partition Only pods from this number on are replaced. Default 0.
StatefulSet Keeps pods with names, and storage, that last: NAME-0, NAME-1 and so on.
StatefulSetPersistentVolumeClaimRetentionPolicy What happens to claims.
  whenDeleted Retain or Delete, when the set is deleted. Default Retain.
  whenScaled Retain or Delete, when it gets smaller. Default Retain.
StatefulSetSpec How many pods, which, and how they are replaced.
  minReadySeconds Seconds that a pod has to be ready before it counts as available. Default 0.
  ordinals Number of the first pod. Default 0.
  persistentVolumeClaimRetentionPolicy What happens to claims when pods or the set go.
  podManagementPolicy(OrderedReady|Parallel) One after the other, or all at once. Default OrderedReady. Cannot be changed.
  replicas How many pods. Default 1.
  revisionHistoryLimit How many former revisions are kept. Default 10.
  selector! Labels of the pods that belong to it. Cannot be changed.
  serviceName The headless Service that gives the pods their names. Cannot be changed.
  template! The pods to make.
  updateStrategy How pods are replaced when the template changes.
  volumeClaimTemplates Claims that each pod gets, named CLAIM-POD. Cannot be changed.
StatefulSetUpdateStrategy How pods are replaced.
  rollingUpdate Which ones; only with RollingUpdate.
  type(OnDelete|RollingUpdate) By itself, or when somebody deletes the old pod. Default RollingUpdate.
`;
