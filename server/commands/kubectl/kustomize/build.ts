import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { groupOf, isRecord, type ApiObject } from '../api/object.ts';
import { CommandError } from '../errors.ts';
import type { Io } from '../io.ts';
import { readManifests } from '../manifests.ts';
import { applyJsonPatch } from '../patches/json-patch.ts';
import { isBuiltIn } from '../patches/merge-keys.ts';
import { applyMergePatch } from '../patches/merge-patch.ts';
import { applyStrategicPatch } from '../patches/strategic-patch.ts';
import { parseYamlDocuments } from '../yaml-input.ts';
import { contentHash } from './content-hash.ts';
import { nameOf, type Item } from './item.ts';
import { renameReferences } from './references.ts';
import { addAnnotations, addLabels, setImages, type ImageChange } from './transform.ts';

const FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

interface Generator {
  name: string;
  type?: string;
  literals?: string[];
  files?: string[];
  envs?: string[];
  options?: { disableNameSuffixHash?: boolean; labels?: Record<string, string>; annotations?: Record<string, string> };
}

interface Patch {
  path?: string;
  patch?: string;
  target?: { kind?: string; name?: string; group?: string; namespace?: string };
}

interface Kustomization {
  resources?: string[];
  bases?: string[];
  namespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  commonLabels?: Record<string, string>;
  labels?: { pairs: Record<string, string>; includeSelectors?: boolean; includeTemplates?: boolean }[];
  commonAnnotations?: Record<string, string>;
  images?: ImageChange[];
  replicas?: { name: string; count: number }[];
  configMapGenerator?: Generator[];
  secretGenerator?: Generator[];
  generatorOptions?: Generator['options'];
  patches?: Patch[];
  patchesStrategicMerge?: string[];
  patchesJson6902?: Patch[];
}

const KNOWN = new Set(
  'apiVersion kind metadata resources bases namespace namePrefix nameSuffix commonLabels labels commonAnnotations images replicas configMapGenerator secretGenerator generatorOptions patches patchesStrategicMerge patchesJson6902'.split(
    ' ',
  ),
);

/**
 * The objects of a kustomization, in the order in which kustomize prints them.
 * Left out: components, helm charts, replacements, vars, transformers, crds and remote resources; each says so.
 * @throws CommandError
 */
export async function buildKustomization(folder: string, io: Io): Promise<ApiObject[]> {
  let items = await buildFolder(folder, io);
  const renamed = new Map<string, string>();
  for (const item of items) {
    if (!item.hashed) continue;
    const name = `${nameOf(item)}-${contentHash(item.object)}`;
    renamed.set(`${item.object.kind ?? ''}/${nameOf(item)}`, name);
    item.object = { ...item.object, metadata: { ...item.object.metadata, name } };
  }
  items = followNames(items, renamed);
  return items.map(({ object }) => object).sort(byKind);
}

async function buildFolder(folder: string, io: Io): Promise<Item[]> {
  const settings = readSettings(folder, io);
  const items: Item[] = [];
  for (const resource of [...(settings.resources ?? []), ...(settings.bases ?? [])]) {
    const path = join(folder, resource);
    if (/^https?:|^git|^github\.com/.test(resource))
      throw unsupported(`the remote resource ${JSON.stringify(resource)}`);
    const stat = statSync(resolve(io.cwd, path), { throwIfNoEntry: false });
    if (!stat)
      throw new CommandError(
        `accumulating resources: accumulation err='accumulating resources from '${resource}': evalsymlink failure on '${resolve(io.cwd, path)}' : lstat ${resolve(io.cwd, path)}: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '${resolve(io.cwd, path)}' : lstat ${resolve(io.cwd, path)}: no such file or directory`,
      );
    if (stat.isDirectory()) items.push(...(await buildFolder(path, io)));
    else for (const { object } of await readManifests([path], false, io)) items.push(toItem(object, false));
  }
  items.push(...generate(folder, settings, io));
  patch(folder, settings, items, io);
  return transform(settings, items);
}

function toItem(object: ApiObject, hashed: boolean): Item {
  return { object: structuredClone(object), names: [object.metadata?.name ?? ''], hashed };
}

function readSettings(folder: string, io: Io): Kustomization {
  const file = FILES.map((name) => join(folder, name)).find((path) =>
    statSync(resolve(io.cwd, path), { throwIfNoEntry: false }),
  );
  if (file === undefined) {
    throw new CommandError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${resolve(io.cwd, folder)}'`,
    );
  }
  const [settings] = parseYamlDocuments(readFileSync(resolve(io.cwd, file), 'utf8'), file);
  if (!isRecord(settings)) throw new CommandError('kustomization.yaml is empty');
  const other = Object.keys(settings).find((field) => !KNOWN.has(field));
  if (other !== undefined) throw unsupported(`${JSON.stringify(other)} of ${file}`);
  if (settings.commonLabels) {
    io.stderr.write(
      "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n",
    );
  }
  return settings as Kustomization;
}

function unsupported(what: string): CommandError {
  return new CommandError(`${what} is not simulated by the kustomize in Taller`);
}

function generate(folder: string, settings: Kustomization, io: Io): Item[] {
  const make = (kind: 'ConfigMap' | 'Secret') => (generator: Generator) => {
    const options = { ...settings.generatorOptions, ...generator.options };
    const data = readData(folder, generator, kind, io);
    const { labels, annotations } = options;
    const object: ApiObject = {
      apiVersion: 'v1',
      kind,
      metadata: { name: generator.name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
      ...(Object.keys(data).length > 0 ? { data } : {}),
      ...(kind === 'Secret' ? { type: generator.type ?? 'Opaque' } : {}),
    };
    return toItem(object, options.disableNameSuffixHash !== true);
  };
  return [
    ...(settings.configMapGenerator ?? []).map(make('ConfigMap')),
    ...(settings.secretGenerator ?? []).map(make('Secret')),
  ];
}

function readData(folder: string, generator: Generator, kind: string, io: Io): Record<string, string> {
  const read = (file: string) => readFileSync(resolve(io.cwd, folder, file), 'utf8');
  const pair = (text: string): [string, string] => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ];
  const entries = [
    ...(generator.literals ?? []).map((text): [string, string] => {
      const [key, value] = pair(text);
      return [key, value.replace(/^(["'])(.*)\1$/s, '$2')];
    }),
    ...(generator.files ?? []).map((text): [string, string] => {
      const [key, file] = text.includes('=') ? pair(text) : [basename(text), text];
      return [key, read(file)];
    }),
    ...(generator.envs ?? []).flatMap((file) =>
      read(file)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map(pair),
    ),
  ];
  const encode = (text: string) => (kind === 'Secret' ? Buffer.from(text).toString('base64') : text);
  return Object.fromEntries(entries.map(([key, value]) => [key, encode(value)]));
}

function patch(folder: string, settings: Kustomization, items: Item[], io: Io): void {
  const inline = (text: string): Patch => (text.includes('\n') ? { patch: text } : { path: text });
  const patches = [
    ...(settings.patches ?? []),
    ...(settings.patchesStrategicMerge ?? []).map(inline),
    ...(settings.patchesJson6902 ?? []),
  ];
  for (const { path, patch: text = '', target } of patches) {
    const content = path === undefined ? text : readFileSync(resolve(io.cwd, folder, path), 'utf8');
    for (const change of parseYamlDocuments(content, path ?? 'patch')) {
      const wanted = target ?? patchTarget(change);
      const hit = items.filter((item) => matches(item, wanted));
      if (hit.length === 0)
        throw new CommandError(
          `no resource matches strategic merge patch ${JSON.stringify(`${wanted.kind ?? ''}.${wanted.name ?? ''}`)}: no matches for Id ${wanted.kind ?? ''}.${wanted.name ?? ''}; failed to find unique target for patch`,
        );
      for (const item of hit) applyPatch(item, change, items);
    }
  }
}

function patchTarget(change: unknown): NonNullable<Patch['target']> {
  const { kind, metadata } = (isRecord(change) ? change : {}) as ApiObject;
  return { ...(kind ? { kind } : {}), ...(metadata?.name ? { name: metadata.name } : {}) };
}

function matches({ object, names }: Item, { kind, name, group, namespace }: NonNullable<Patch['target']>): boolean {
  return (
    (kind === undefined || object.kind === kind) &&
    (name === undefined || names.some((each) => each === name || new RegExp(`^(?:${name})$`).test(each))) &&
    (group === undefined || groupOf(object.apiVersion) === group) &&
    (namespace === undefined || object.metadata?.namespace === namespace)
  );
}

function applyPatch(item: Item, change: unknown, items: Item[]): void {
  if (Array.isArray(change)) {
    item.object = applyJsonPatch(item.object, change) as ApiObject;
    return;
  }
  if (!isRecord(change)) return;
  if (change.$patch === 'delete') {
    items.splice(items.indexOf(item), 1);
    return;
  }
  // Name and kind of the patch only say whom it is for.
  const { kind, metadata } = item.object;
  const merged = (
    isBuiltIn(groupOf(item.object.apiVersion))
      ? applyStrategicPatch(item.object, change)
      : applyMergePatch(item.object, change)
  ) as ApiObject;
  item.object = { ...merged, ...(kind ? { kind } : {}), metadata: { ...merged.metadata, name: metadata?.name ?? '' } };
}

const CLUSTER_WIDE = new Set(
  'Namespace ClusterRole ClusterRoleBinding CustomResourceDefinition PersistentVolume StorageClass PriorityClass IngressClass Node MutatingWebhookConfiguration ValidatingWebhookConfiguration'.split(
    ' ',
  ),
);

function transform(settings: Kustomization, items: Item[]): Item[] {
  const { namespace, namePrefix = '', nameSuffix = '', commonLabels, labels = [], commonAnnotations } = settings;
  const renamed = new Map<string, string>();
  for (const item of items) {
    const { object } = item;
    const kind = object.kind ?? '';
    for (const { name, count } of settings.replicas ?? []) {
      if (
        item.names.includes(name) &&
        ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].includes(kind)
      ) {
        object.spec = { ...(object.spec as object), replicas: count };
      }
    }
    setImages(object, settings.images ?? []);
    if (commonLabels) addLabels(object, { pairs: commonLabels, selectors: true, templates: true });
    for (const { pairs, includeSelectors = false, includeTemplates = false } of labels) {
      addLabels(object, { pairs, selectors: includeSelectors, templates: includeTemplates });
    }
    if (commonAnnotations) addAnnotations(object, commonAnnotations);
    if (namespace && !CLUSTER_WIDE.has(kind)) object.metadata = { ...object.metadata, namespace };
    const name = `${namePrefix}${nameOf(item)}${nameSuffix}`;
    if (name === nameOf(item) || kind === 'CustomResourceDefinition' || kind === 'Namespace') continue;
    renamed.set(`${kind}/${nameOf(item)}`, name);
    item.names.push(name);
    object.metadata = { ...object.metadata, name };
  }
  return followNames(items, renamed);
}

function followNames(items: readonly Item[], renamed: ReadonlyMap<string, string>): Item[] {
  return items.map((item) => ({ ...item, object: renameReferences(item.object, renamed) as ApiObject }));
}

/** kustomize, api/internal/builtins/SortOrderTransformer.go, the legacy order. */
const FIRST =
  'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(
    ' ',
  );
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

function byKind(one: ApiObject, other: ApiObject): number {
  const rank = ({ kind = '' }: ApiObject) => {
    const first = FIRST.indexOf(kind);
    return first >= 0 ? first : FIRST.length + 1 + LAST.indexOf(kind);
  };
  const key = ({ apiVersion = '', kind = '', metadata }: ApiObject) =>
    `${apiVersion}/${kind}/${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
  return rank(one) - rank(other) || (key(one) < key(other) ? -1 : 1);
}
