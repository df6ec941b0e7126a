import { CREATED_AT, NAME } from './columns.ts';
import { type Kind } from './kind.ts';

/** CRDs can be read; those of Istio are there from the start. New ones are refused until a later version serves them. */
export const CUSTOM_RESOURCE_DEFINITION: Kind = {
  kind: 'CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  message: 'apiextensions.CustomResourceDefinition',
  columns: [NAME, CREATED_AT],
  verbs: ['get', 'list', 'watch'],
};
