import { readFile } from 'node:fs/promises';
import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import type { KubernetesObject } from '../../cluster/index.ts';
import { FileError } from '../errors.ts';
import type { FieldPath } from '../lessons/field-path.ts';
import { didYouMean } from '../lessons/nearest.ts';
import { explainYamlMistake, firstYamlMistake, placeOfMistake } from '../lessons/yaml-mistake.ts';

/** An object of a file, and the line that it begins in. */
export interface Manifest {
  object: KubernetesObject;
  line: number;
  /** Line of a field; of the nearest one above it that is there. */
  lineOf(path: FieldPath): number;
}

/**
 * Reads a YAML file of one or more manifests, empty documents left out and lists (`kind: List`) taken apart.
 * @throws FileError MANIFEST_INVALID
 */
export async function readManifests(file: string): Promise<Manifest[]> {
  const text = await readFile(file, 'utf8');
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
  const refuse = (offset: number, what: string): never => {
    throw new FileError('MANIFEST_INVALID', { file, line: counter.linePos(offset).line }, what);
  };
  return documents.flatMap((document: Document) => {
    const mistake = firstYamlMistake(document);
    if (mistake) {
      const offset = placeOfMistake(mistake, document);
      const { line, col } = counter.linePos(offset);
      const written = text.split('\n')[line - 1] ?? '';
      refuse(offset, `this is not YAML in column ${col} of ${explainYamlMistake(mistake, written)}`);
    }
    refuseStrangeNodes(document, refuse);
    const { contents } = document;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null) return [];
    const list = isMap(contents) && typeof value === 'object' ? itemsOf(value, contents) : null;
    const objects = list ?? [{ value, node: contents as Node }];
    return objects.map(({ value: one, node }): Manifest => {
      const { offset, what } = findFault(one, node) ?? {};
      if (what !== undefined) refuse(offset ?? 0, what);
      return {
        object: one as KubernetesObject,
        line: counter.linePos(node.range?.[0] ?? 0).line,
        lineOf: (path) => counter.linePos(offsetOf(node, path)).line,
      };
    });
  });
}

/** What YAML allows and no manifest has. */
function refuseStrangeNodes(document: Document, refuse: (offset: number, what: string) => never): void {
  const anchors = new Set<string>();
  visit(document, {
    Node(_, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node) && !anchors.has(node.source)) {
        const near = didYouMean(node.source, anchors);
        refuse(
          offset,
          `"*${node.source}" stands for what "&${node.source}" marks, which is nowhere above.${near} If it is a text, put quotes around it.`,
        );
      }
      if ('anchor' in node && node.anchor) anchors.add(node.anchor);
    },
    Pair(_, { key }) {
      if (isScalar(key) || isAlias(key)) return;
      refuse(
        (key as Node | null)?.range?.[0] ?? 0,
        'the name of a field is a map or a list. If this is "{{ … }}", put quotes around it; templates are not filled in.',
      );
    },
  });
}

/** The objects of a list, as `kubectl get -o yaml` prints it. */
function itemsOf(value: object, contents: Node): { value: unknown; node: Node }[] | null {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  const nodes = isMap(contents) ? contents.get('items', true) : undefined;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return null;
  return items.map((item, index) => ({
    value: item as unknown,
    node: (nodes as { items?: Node[] } | undefined)?.items?.[index] ?? contents,
  }));
}

const TOP_FIELDS = ['apiVersion', 'kind', 'metadata'];

/** What a manifest lacks; null when it has all that an object needs. */
function findFault(value: unknown, node: Node): { offset: number; what: string } | null {
  const start = node.range?.[0] ?? 0;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      offset: start,
      what: 'this is no manifest: it must be a map with apiVersion, kind and metadata. Write these fields.',
    };
  }
  const object = value as Record<string, unknown>;
  for (const name of TOP_FIELDS) {
    if (object[name] !== undefined && object[name] !== null) continue;
    const slip = Object.keys(object).find((key) => !TOP_FIELDS.includes(key) && didYouMean(key, [name]) !== '');
    if (slip === undefined) return { offset: start, what: `the manifest has no "${name}". Add "${name}:".` };
    return { offset: offsetOf(node, [slip]), what: `unknown field "${slip}" in a manifest. Did you mean "${name}"?` };
  }
  for (const name of ['apiVersion', 'kind'] as const) {
    if (typeof object[name] === 'string') continue;
    return {
      offset: offsetOf(node, [name]),
      what: `"${name}" is ${JSON.stringify(object[name])}, not a text. Put quotes around it, or write one.`,
    };
  }
  const { name, generateName } = object.metadata as Record<string, unknown>;
  if (typeof name === 'string') return null;
  const place = offsetOf(node, ['metadata', 'name']);
  if (name !== undefined && name !== null) {
    return { offset: place, what: `"metadata.name" is ${JSON.stringify(name)}, not a text. Put quotes around it.` };
  }
  const why = generateName === undefined ? '' : ' What has a "generateName" cannot be applied.';
  return { offset: place, what: `the ${String(object.kind)} has no "metadata.name".${why} Add it.` };
}

/** Where a field begins, or the nearest one above it that is there. */
function offsetOf(node: Node, path: FieldPath): number {
  let current: unknown = node;
  let offset = node.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(current)) {
      const pair = current.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      current = pair.value;
    } else {
      const items = (current as { items?: unknown[] } | null)?.items;
      const item = typeof step === 'number' ? items?.[step] : undefined;
      if (item === undefined) break;
      offset = (item as Node).range?.[0] ?? offset;
      current = item;
    }
  }
  return offset;
}
