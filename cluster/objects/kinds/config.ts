/** ConfigMap, Secret and ServiceAccount. */
import { equalJson, type JsonObject } from '../json.ts';
import { forbiddenField, invalid, type FieldError } from '../api-error.ts';
import { type KubernetesObject } from '../object.ts';
import { AGE, column, NAME } from './columns.ts';
import { type Kind } from './kind.ts';

const countOf = (...maps: unknown[]) => maps.reduce<number>((sum, map) => sum + Object.keys(map ?? {}).length, 0);

export const CONFIG_MAP: Kind = {
  kind: 'ConfigMap',
  group: '',
  versions: ['v1'],
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  message: 'core.ConfigMap',
  columns: [NAME, column('Data', 'string', (object) => String(countOf(object.data, object.binaryData))), AGE],
  validate: (object) => validateKeys(object, ['data', 'binaryData']),
  validateUpdate: validateImmutable,
};

export const SECRET: Kind = {
  kind: 'Secret',
  group: '',
  versions: ['v1'],
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  message: 'core.Secret',
  columns: [
    NAME,
    column('Type', 'string', (object) => String(object.type ?? '')),
    column('Data', 'string', (object) => String(countOf(object.data))),
    AGE,
  ],
  selectableFields: { type: (object) => String(object.type ?? '') },
  setDefaults(draft) {
    draft.type ??= 'Opaque';
    // stringData is for writing only: it ends up in data.
    const texts = Object.entries((draft.stringData ?? {}) as Record<string, string>);
    if (texts.length > 0) {
      const data = { ...(draft.data as JsonObject) };
      for (const [key, value] of texts) data[key] = Buffer.from(value).toString('base64');
      draft.data = data;
    }
    delete draft.stringData;
  },
  validate: (object) => validateKeys(object, ['data']),
  validateUpdate(object, old) {
    const errors = validateImmutable(object, old);
    if (object.type !== old.type) errors.push(invalid('type', object.type, 'field is immutable'));
    return errors;
  },
};

function validateKeys(object: KubernetesObject, fields: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of fields) {
    for (const key of Object.keys((object[field] ?? {}) as JsonObject)) {
      if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
        errors.push(
          invalid(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        );
      }
    }
  }
  return errors;
}

function validateImmutable(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  if (old.immutable !== true) return [];
  const errors: FieldError[] = [];
  const refused = 'field is immutable when `immutable` is set';
  if (object.immutable !== true) errors.push(forbiddenField('immutable', refused));
  for (const field of ['data', 'binaryData']) {
    if (!equalJson(object[field] ?? {}, old[field] ?? {})) errors.push(forbiddenField(field, refused));
  }
  return errors;
}

export const SERVICE_ACCOUNT: Kind = {
  kind: 'ServiceAccount',
  group: '',
  versions: ['v1'],
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  message: 'core.ServiceAccount',
  subresources: [
    { name: 'token', kind: 'TokenRequest', verbs: ['create'], group: 'authentication.k8s.io', version: 'v1' },
  ],
  // Later servers than 1.32 leave out the count of secrets, always 0 since tokens are no longer kept in them.
  columns: [NAME, AGE],
};
