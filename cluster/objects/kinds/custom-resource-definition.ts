import { forbiddenField, invalid, required, type FieldError } from '../api-error.ts';
import { type KubernetesObject } from '../object.ts';
import { checkStructural } from '../schema/check-structural.ts';
import { CREATED_AT, NAME } from './columns.ts';
import { type CustomResourceDefinition } from './custom-kind.ts';
import { type Kind } from './kind.ts';

/** Definitions of kinds. `controllers/custom-resource-definitions.ts` serves what they define. */
export const CUSTOM_RESOURCE_DEFINITION: Kind = {
  kind: 'CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  versions: ['v1'],
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  status: true,
  message: 'apiextensions.CustomResourceDefinition',
  columns: [NAME, CREATED_AT],
  setDefaults(draft) {
    const { spec } = draft as CustomResourceDefinition;
    if (!spec?.names) return;
    spec.names.singular ||= spec.names.kind?.toLowerCase();
    spec.names.listKind ||= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
  },
  prepareCreate(draft) {
    const { spec } = draft as CustomResourceDefinition;
    draft.status = {
      acceptedNames: { kind: '', plural: '' },
      conditions: [],
      storedVersions: (spec?.versions ?? []).filter((version) => version.storage).map((version) => version.name),
    };
  },
  validate,
};

/** Kubernetes 1.36, k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation: the checks that beginners meet. */
function validate(object: KubernetesObject): FieldError[] {
  const { metadata, spec } = object as CustomResourceDefinition;
  const errors: FieldError[] = [];
  const wanted = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  if (metadata.name !== wanted) {
    errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!spec?.group) errors.push(required('spec.group'));
  else if (!spec.group.includes('.'))
    errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'));
  if (!spec?.scope) errors.push(required('spec.scope'));
  const stored = (spec?.versions ?? []).filter((version) => version.storage);
  if (stored.length !== 1) {
    errors.push(
      invalid('spec.versions', spec?.versions ?? [], 'must have exactly one version marked as storage version'),
    );
  }
  (spec?.versions ?? []).forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (!version.name) errors.push(required(`${path}.name`));
    const schema = version.schema?.openAPIV3Schema;
    if (schema) errors.push(...checkStructural(schema, `${path}.schema.openAPIV3Schema`));
    else errors.push(required(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
    (version.additionalPrinterColumns ?? []).forEach((column, at) => {
      for (const field of ['name', 'type', 'jsonPath'] as const) {
        if (!column[field]) errors.push(required(`${path}.additionalPrinterColumns[${at}].${field}`));
      }
    });
  });
  if (!spec?.names?.plural) errors.push(required('spec.names.plural'));
  if (!spec?.names?.kind) errors.push(required('spec.names.kind'));
  if (spec?.group?.endsWith('.k8s.io') && !metadata.annotations?.['api-approved.kubernetes.io']) {
    errors.push(
      forbiddenField(
        'metadata.annotations[api-approved.kubernetes.io]',
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
  }
  return errors;
}
