/** Fields of autoscaling/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_AUTOSCALING_V1 = `
CrossVersionObjectReference
  1 kind string always
  2 name string always
  3 apiVersion string
HorizontalPodAutoscaler
  1 metadata meta.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference always
  2 minReplicas int32 pointer
  3 maxReplicas int32 always
  4 targetCPUUtilizationPercentage int32 pointer
HorizontalPodAutoscalerStatus
  1 observedGeneration int64
  2 lastScaleTime Time
  3 currentReplicas int32 always
  4 desiredReplicas int32 always
  5 currentCPUUtilizationPercentage int32 pointer
Scale
  1 metadata meta.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus
ScaleSpec
  1 replicas int32 pointer
ScaleStatus
  1 replicas int32
  2 selector string
`;
