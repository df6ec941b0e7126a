/** Fields of storage.k8s.io/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_STORAGE = `
StorageClass
  1 metadata meta.ObjectMeta
  2 provisioner string always
  3 parameters map<string>
  4 reclaimPolicy string
  5 mountOptions []string
  6 allowVolumeExpansion bool pointer
  7 volumeBindingMode string
  8 allowedTopologies []core.TopologySelectorTerm
`;
