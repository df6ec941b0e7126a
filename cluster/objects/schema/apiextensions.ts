/**
 * Fields of apiextensions.k8s.io/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. `CustomObject` is what
 * all custom resources have in common, `Untyped` what is within them.
 */
export const APIEXTENSIONS = `
CustomObject
  - metadata meta.ObjectMeta
Untyped
CustomResourceDefinition
  1 metadata meta.ObjectMeta
  2 spec CustomResourceDefinitionSpec
  3 status CustomResourceDefinitionStatus
CustomResourceDefinitionSpec
  1 group string always
  3 names CustomResourceDefinitionNames
  4 scope string always
  7 versions []CustomResourceDefinitionVersion always
  9 conversion object
  10 preserveUnknownFields bool
CustomResourceDefinitionNames
  1 plural string always
  2 singular string
  3 shortNames []string
  4 kind string always
  5 listKind string
  6 categories []string
CustomResourceDefinitionVersion
  1 name string always
  2 served bool always
  3 storage bool always
  4 schema CustomResourceValidation
  5 subresources object
  6 additionalPrinterColumns []CustomResourceColumnDefinition
  7 deprecated bool
  8 deprecationWarning string
  9 selectableFields []object
CustomResourceValidation
  1 openAPIV3Schema object
CustomResourceColumnDefinition
  1 name string always
  2 type string always
  3 format string
  4 description string
  5 priority int32
  6 jsonPath string always
CustomResourceDefinitionStatus
  1 conditions []CustomResourceDefinitionCondition merge=type
  2 acceptedNames CustomResourceDefinitionNames
  3 storedVersions []string
CustomResourceDefinitionCondition
  1 type string always
  2 status string always
  3 lastTransitionTime Time
  4 reason string
  5 message string
`;
