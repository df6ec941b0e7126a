import { isRecord } from '../api/object.ts';

/** Fields that hold the name of another object: the field, what it stands in where that matters, and the kind. */
const REFERENCES: readonly [parent: string | null, field: string, kind: string][] = [
  ['configMapRef', 'name', 'ConfigMap'],
  ['configMapKeyRef', 'name', 'ConfigMap'],
  ['configMap', 'name', 'ConfigMap'],
  ['secretRef', 'name', 'Secret'],
  ['secretKeyRef', 'name', 'Secret'],
  ['secret', 'name', 'Secret'],
  ['imagePullSecrets', 'name', 'Secret'],
  [null, 'secretName', 'Secret'],
  [null, 'serviceAccountName', 'ServiceAccount'],
  [null, 'serviceAccount', 'ServiceAccount'],
  [null, 'claimName', 'PersistentVolumeClaim'],
  [null, 'serviceName', 'Service'],
  ['service', 'name', 'Service'],
];

/**
 * The value with names of renamed objects replaced. kustomize, api/internal/konfig/builtinpluginconsts/namereference.go.
 * @param renamed new names by `KIND/NAME`.
 */
export function renameReferences(value: unknown, renamed: ReadonlyMap<string, string>, parent = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, renamed, parent));
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(value)) {
    copy[field] =
      typeof inner === 'string'
        ? rename(inner, field, parent, value, renamed)
        : renameReferences(inner, renamed, field);
  }
  return copy;
}

function rename(
  name: string,
  field: string,
  parent: string,
  holder: Record<string, unknown>,
  renamed: ReadonlyMap<string, string>,
): string {
  const found = REFERENCES.find(([within, each]) => each === field && (within === null || within === parent));
  // roleRef, subjects and scaleTargetRef say the kind themselves.
  const says =
    field === 'name' && ['roleRef', 'subjects', 'scaleTargetRef'].includes(parent) ? String(holder.kind) : '';
  const kind = found?.[2] ?? says;
  return kind === '' ? name : (renamed.get(`${kind}/${name}`) ?? name);
}
