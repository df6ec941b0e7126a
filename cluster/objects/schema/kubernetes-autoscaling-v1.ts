/** Fields of autoscaling/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_AUTOSCALING_V1 = `
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
