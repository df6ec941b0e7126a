/** Fields of rbac.authorization.k8s.io/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_RBAC = `
AggregationRule
  1 clusterRoleSelectors []meta.LabelSelector
ClusterRole
  1 metadata meta.ObjectMeta
  2 rules []PolicyRule always
  3 aggregationRule AggregationRule
ClusterRoleBinding
  1 metadata meta.ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef always
PolicyRule
  1 verbs []string always
  2 apiGroups []string
  3 resources []string
  4 resourceNames []string
  5 nonResourceURLs []string
Role
  1 metadata meta.ObjectMeta
  2 rules []PolicyRule always
RoleBinding
  1 metadata meta.ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef always
RoleRef
  1 apiGroup string
  2 kind string
  3 name string
Subject
  1 kind string
  2 apiGroup string
  3 name string
  4 namespace string
`;
