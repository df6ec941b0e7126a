/** Owners that objects name: k8s.io/apimachinery/pkg/api/validation/objectmeta.go, ValidateOwnerReferences. */
import { invalid, type FieldError } from '../api-error.ts';
import { type OwnerReference } from '../object.ts';

const FIELD = 'metadata.ownerReferences';

/** @param references as clients write them: any part may be missing */
export function validateOwnerReferences(references: readonly Partial<OwnerReference>[] = []): FieldError[] {
  const errors = references.flatMap(validateReference);
  const [first, ...others] = references.filter(({ controller }) => controller);
  const nameOf = ({ kind, name }: Partial<OwnerReference>) => `${kind}/${name}`;
  for (const other of others) {
    const both = `${nameOf(first ?? {})} and ${nameOf(other)}`;
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${both}`;
    errors.push(invalid(FIELD, references, why));
  }
  return errors;
}

function validateReference({ apiVersion = '', kind = '', name = '', uid = '' }: Partial<OwnerReference>): FieldError[] {
  const errors: FieldError[] = [];
  // `v1` or `GROUP/VERSION`; anything else has no version.
  const version = /^(?:[^/]*\/)?([^/]*)$/.exec(apiVersion)?.[1] ?? '';
  if (version === '') errors.push(invalid(`${FIELD}.apiVersion`, apiVersion, 'version must not be empty'));
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(invalid(`${FIELD}.${field}`, value, 'must not be empty'));
  }
  return errors;
}
