/** Fields of scheduling.k8s.io/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_SCHEDULING = `
PriorityClass
  1 metadata meta.ObjectMeta
  2 value int32
  3 globalDefault bool
  4 description string
  5 preemptionPolicy string
`;
