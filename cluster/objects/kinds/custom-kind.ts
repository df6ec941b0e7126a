import { findByPath } from '../json-path.ts';
import { type KubernetesObject } from '../object.ts';
import { type StructuralSchema } from '../schema/structural.ts';
import { NAME, sinceText } from './columns.ts';
import { type Cell, type Column, type Kind } from './kind.ts';

export interface CustomResourceDefinition extends KubernetesObject {
  spec: {
    group: string;
    scope: string;
    names: {
      plural: string;
      singular?: string;
      kind: string;
      listKind?: string;
      shortNames?: string[];
      categories?: string[];
    };
    versions: CustomVersion[];
    conversion?: { strategy?: string };
  };
  status?: { conditions?: { type: string; status: string }[]; storedVersions?: string[] };
}

interface CustomVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  schema?: { openAPIV3Schema?: StructuralSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
}

interface PrinterColumn {
  name: string;
  type: string;
  priority?: number;
  jsonPath: string;
}

/** The kind that a CustomResourceDefinition defines. All versions have the stored one's columns and subresources. */
export function customKind({ spec }: CustomResourceDefinition): Kind {
  const { names, group, versions } = spec;
  const served = versions.filter((version) => version.served);
  const stored = served.find((version) => version.storage) ?? served[0];
  const scale = stored?.subresources?.scale;
  return {
    kind: names.kind,
    group,
    // Objects are kept in the first version.
    versions: served.toSorted((a, b) => Number(b.storage) - Number(a.storage)).map((version) => version.name),
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    ...(names.shortNames ? { shortNames: names.shortNames } : {}),
    ...(names.categories ? { categories: names.categories } : {}),
    namespaced: spec.scope === 'Namespaced',
    message: 'apiextensions.CustomObject',
    custom: true,
    generation: true,
    columns: [NAME, ...(stored?.additionalPrinterColumns ?? DEFAULT_COLUMNS).map(columnOf)],
    ...(stored?.subresources?.status ? { status: true } : {}),
    ...(scale
      ? {
          scale: true,
          scalePaths: {
            spec: scale.specReplicasPath,
            status: scale.statusReplicasPath,
            ...(scale.labelSelectorPath === undefined ? {} : { selector: scale.labelSelectorPath }),
          },
        }
      : {}),
    schemas: Object.fromEntries(served.map(({ name, schema }) => [name, schema?.openAPIV3Schema ?? ANYTHING])),
  };
}

const ANYTHING: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const DEFAULT_COLUMNS: PrinterColumn[] = [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }];

function columnOf({ name, type, priority, jsonPath }: PrinterColumn): Column {
  return {
    name,
    type: type as Column['type'],
    ...(priority ? { wide: true } : {}),
    value(object, now) {
      const found = findByPath(object, jsonPath);
      if (found.length === 0) return null;
      if (type === 'date') return sinceText(String(found[0]), now);
      return cellOf(found, type);
    },
  };
}

/** k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor: several results of a string are one text. */
function cellOf(found: unknown[], type: string): Cell {
  const [first] = found;
  if (type === 'string') {
    return found.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',');
  }
  return typeof first === 'number' || typeof first === 'boolean' || typeof first === 'string' ? first : null;
}
