import { type FieldError } from '../api-error.ts';
import { type KubernetesObject, type ObjectReader, type ResourceKey } from '../object.ts';
import { type StructuralSchema } from '../schema/structural.ts';

/** What a kind is: its names, its columns, and what the API server does to its objects. One file per kind or group. */
export interface Kind {
  kind: string;
  /** Empty for the core group. */
  group: string;
  /** Served versions, the preferred one first; objects are stored in it. All versions have the same fields. */
  versions: readonly string[];
  plural: string;
  singular: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
  namespaced: boolean;
  /** Id of its type in the schema tables. */
  message: string;
  columns: readonly Column[];
  /** Whether it has a status subresource. Writes to the object then leave the status, and the other way round. */
  status?: boolean;
  /** Whether it can be scaled through its scale subresource. */
  scale?: boolean;
  /** Served as a custom resource is: no strategic merge patches, and checked against its schema. */
  custom?: boolean;
  /** Structural schemas by version, for kinds that a CustomResourceDefinition defines; `message` says nothing then. */
  schemas?: Readonly<Record<string, StructuralSchema>>;
  /** Where the scale subresource finds its numbers. Default `.spec.replicas` and `.status.replicas`. */
  scalePaths?: { spec: string; status: string; selector?: string };
  /** Shows what is stored as another kind, in a form of its own; for reading alone. */
  view?: { of: ResourceKey; show(object: KubernetesObject): KubernetesObject };
  /** Verbs, for kinds that are not stored or not listed. Default: all eight. */
  verbs?: readonly string[];
  /** Further subresources: name, kind and verbs, as discovery lists them. */
  subresources?: readonly Subresource[];
  /** What names must look like. Default `subdomain`. `path`: anything without `/` and `%`. */
  names?: 'subdomain' | 'label' | 'label1035' | 'path';
  /** Whether a change of the spec raises `metadata.generation`. Default: kinds with a status. */
  generation?: boolean;
  /** Whether `spec.finalizers` hold it when it is deleted, and its phase is then Terminating: Namespace and its like. */
  finalizedBySpec?: boolean;
  /** Fields besides metadata.name and metadata.namespace that field selectors may name. */
  selectableFields?: Readonly<Record<string, (object: KubernetesObject) => string>>;
  /** Fills in what was left out. Changes the draft. */
  setDefaults?(draft: KubernetesObject): void;
  /** What only creation does, such as giving an address. Changes the draft. */
  prepareCreate?(draft: KubernetesObject, context: KindContext): void;
  /** What an update keeps from the old object. Changes the draft. */
  prepareUpdate?(draft: KubernetesObject, old: KubernetesObject, context: KindContext): void;
  validate?(object: KubernetesObject): FieldError[];
  validateUpdate?(object: KubernetesObject, old: KubernetesObject): FieldError[];
  /** Warning with each request that uses it. */
  deprecation?: string;
  /** What does not happen, for a kind that is stored while nothing acts upon it: told to who creates one. */
  inertNote?: string;
}

export interface KindContext {
  objects: ObjectReader;
  /** A random integer from 0 to `below` - 1. */
  random(below: number): number;
  now(): number;
}

export interface Subresource {
  name: string;
  kind: string;
  verbs: readonly string[];
  group?: string;
  version?: string;
}

export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: 'name';
  /** Only with `-o wide`. */
  wide?: boolean;
  value(object: KubernetesObject, now: number): Cell;
}

export function resourceKeyOf(kind: Kind): ResourceKey {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural;
}

/** Where objects of the kind are stored. */
export function storeKeyOf(kind: Kind): ResourceKey {
  return kind.view?.of ?? resourceKeyOf(kind);
}

export function apiVersionOf(kind: Kind, version: string = kind.versions[0] ?? 'v1'): string {
  return kind.group ? `${kind.group}/${version}` : version;
}

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
