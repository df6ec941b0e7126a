import { isRecord, type ApiObject } from '../api/object.ts';

type Json = Record<string, unknown>;

/** Changes what is at a path when all before it is there. */
function at(object: Json, path: readonly string[], change: (holder: Json, field: string) => void): void {
  const [field = '', ...rest] = path;
  if (rest.length === 0) return change(object, field);
  const next = object[field];
  for (const each of Array.isArray(next) ? next : [next]) if (isRecord(each)) at(each, rest, change);
}

const TEMPLATES = [
  ['spec', 'template'],
  ['spec', 'jobTemplate'],
  ['spec', 'jobTemplate', 'spec', 'template'],
];

export interface LabelOptions {
  pairs: Record<string, string>;
  selectors: boolean;
  templates: boolean;
}

/** kustomize, api/internal/konfig/builtinpluginconsts/commonlabels.go. The object is changed. */
export function addLabels(object: ApiObject, { pairs, selectors, templates }: LabelOptions): void {
  addPairs(object, ['metadata', 'labels'], pairs);
  if (templates || selectors) for (const path of TEMPLATES) addInside(object, path, ['metadata', 'labels'], pairs);
  if (!selectors) return;
  if (object.kind === 'Service' && isRecord(object.spec) && isRecord(object.spec.selector)) {
    object.spec.selector = { ...object.spec.selector, ...pairs };
  }
  at(object, ['spec', 'selector', 'matchLabels'], (holder, field) => {
    if (
      isRecord(holder[field]) ||
      ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(object.kind ?? '')
    ) {
      holder[field] = { ...(holder[field] as Json), ...pairs };
    }
  });
}

export function addAnnotations(object: ApiObject, pairs: Record<string, string>): void {
  addPairs(object, ['metadata', 'annotations'], pairs);
  for (const path of TEMPLATES) addInside(object, path, ['metadata', 'annotations'], pairs);
}

function addPairs(object: Json, [first = '', second = '']: readonly string[], pairs: Record<string, string>): void {
  const holder = (object[first] ??= {}) as Json;
  holder[second] = { ...(holder[second] as Json | undefined), ...pairs };
}

function addInside(
  object: Json,
  path: readonly string[],
  inner: readonly string[],
  pairs: Record<string, string>,
): void {
  at(object, path, (holder, field) => {
    const template = holder[field];
    if (isRecord(template)) addPairs(template, inner, pairs);
  });
}

export interface ImageChange {
  name: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

/** Images of all containers. kustomize, api/filters/imagetag. The object is changed. */
export function setImages(object: ApiObject, changes: readonly ImageChange[]): void {
  const pods = [['spec'], ['spec', 'template', 'spec'], ['spec', 'jobTemplate', 'spec', 'template', 'spec']];
  for (const pod of pods) {
    for (const list of ['containers', 'initContainers']) {
      at(object, [...pod, list, 'image'], (container, field) => {
        const image = container[field];
        if (typeof image === 'string') container[field] = changes.reduce(changeImage, image);
      });
    }
  }
}

function changeImage(image: string, { name, newName, newTag, digest }: ImageChange): string {
  const [, base = '', rest = ''] = /^(.*?)((?::[^:/@]+)?(?:@.*)?)$/.exec(image) ?? [];
  if (base !== name) return image;
  const version = digest ? `@${digest}` : newTag ? `:${newTag}` : rest;
  return (newName ?? base) + version;
}
