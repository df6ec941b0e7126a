/** Fields of policy/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_POLICY = `
Eviction
  1 metadata meta.ObjectMeta
  2 deleteOptions meta.DeleteOptions
PodDisruptionBudget
  1 metadata meta.ObjectMeta
  2 spec PodDisruptionBudgetSpec
  3 status PodDisruptionBudgetStatus
PodDisruptionBudgetSpec
  1 minAvailable IntOrString
  2 selector meta.LabelSelector
  3 maxUnavailable IntOrString
  4 unhealthyPodEvictionPolicy string
PodDisruptionBudgetStatus
  1 observedGeneration int64
  2 disruptedPods map<Time>
  3 disruptionsAllowed int32 always
  4 currentHealthy int32 always
  5 desiredHealthy int32 always
  6 expectedPods int32 always
  7 conditions []meta.Condition merge=type
`;
