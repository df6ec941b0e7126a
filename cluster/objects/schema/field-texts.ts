/**
 * What `kubectl explain` shows of built-in kinds besides names and types: descriptions, in words of our own; which
 * fields are required; which values upstream lists. Only the OpenAPI documents say it; nothing is checked by it.
 *
 *     Container One program that runs in a pod, from an image.
 *       name! Name of the container …
 *       imagePullPolicy(Always|IfNotPresent|Never) When the image is pulled …
 *
 * A line without indentation names a type and describes it. A field may be required (`!`) and have values.
 */
import { messageOf, type Message } from './schemas.ts';
import { APPS_TEXTS } from './texts/apps.ts';
import { CORE_TEXTS } from './texts/core.ts';
import {
  AUTOSCALING_TEXTS,
  BATCH_TEXTS,
  DISCOVERY_TEXTS,
  NETWORKING_TEXTS,
  POLICY_TEXTS,
  RBAC_TEXTS,
  STORAGE_TEXTS,
} from './texts/groups.ts';
import { ISTIO_NETWORKING_TEXTS, ISTIO_SECURITY_TEXTS } from './texts/istio.ts';
import { META_TEXTS } from './texts/meta.ts';
import { OPENSHIFT_TEXTS } from './texts/openshift.ts';

export interface FieldText {
  text: string;
  required: boolean;
  /** Empty when any value goes. */
  values: readonly string[];
}

export interface TypeText {
  text: string;
  fields: Map<string, FieldText>;
}

const TEXTS: Record<string, string> = {
  apps: APPS_TEXTS,
  autoscaling: AUTOSCALING_TEXTS,
  autoscalingv2: AUTOSCALING_TEXTS,
  batch: BATCH_TEXTS,
  core: CORE_TEXTS,
  discovery: DISCOVERY_TEXTS,
  istionetworking: ISTIO_NETWORKING_TEXTS,
  istiosecurity: ISTIO_SECURITY_TEXTS,
  istiosecurity14: ISTIO_SECURITY_TEXTS,
  istiosecurity16: ISTIO_SECURITY_TEXTS,
  meta: META_TEXTS,
  networking: NETWORKING_TEXTS,
  openshift: OPENSHIFT_TEXTS,
  policy: POLICY_TEXTS,
  rbac: RBAC_TEXTS,
  storage: STORAGE_TEXTS,
};

// The three parts that nearly every built-in kind has mean the same in all of them.
const PARTS: ReadonlyMap<string, FieldText> = new Map(
  Object.entries({
    metadata: 'Name, labels and history of the object.',
    spec: 'What is wanted. Written by users.',
    status: 'How it is, as the cluster saw it last. Written by the cluster.',
  }).map(([name, text]) => [name, { text, required: false, values: [] }]),
);

/** What is said of the type itself; undefined when nothing is. */
export function typeText(message: Message): string | undefined {
  return textsOf(message.package).get(message.name)?.text;
}

/** What is said of a field, its own or one of an embedded type; undefined when nothing is. */
export function fieldText(message: Message, name: string): FieldText | undefined {
  const own = textsOf(message.package).get(message.name)?.fields.get(name);
  if (own) return own;
  for (const { inline, type } of message.byNumber.values()) {
    const embedded = inline && type.kind === 'message' && messageOf(`${type.package}.${type.name}`);
    const found = embedded && embedded.byName.has(name) ? fieldText(embedded, name) : undefined;
    if (found) return found;
  }
  const builtIn = !message.package.startsWith('istio') && message.byName.has('metadata');
  return builtIn ? PARTS.get(name) : undefined;
}

// Read when first asked for, as the tables of fields are.
const parsed = new Map<string, Map<string, TypeText>>();

function textsOf(packageName: string): Map<string, TypeText> {
  const known = parsed.get(packageName);
  if (known) return known;
  const types = parseTexts(packageName, TEXTS[packageName] ?? '');
  parsed.set(packageName, types);
  return types;
}

const LINE = /^( *)(\w+)(!?)(?:\(([^)]*)\))?(?: (.*))?$/;

/** @throws Error naming the line that is not in the notation. */
export function parseTexts(packageName: string, source: string): Map<string, TypeText> {
  const types = new Map<string, TypeText>();
  let fields: Map<string, FieldText> | undefined;
  for (const line of source.split('\n')) {
    if (line === '') continue;
    const [, margin, name = '', mark, values, text = ''] = LINE.exec(line) ?? [];
    if (margin === '') {
      fields = new Map();
      types.set(name, { text, fields });
    } else if (margin && fields) {
      fields.set(name, { text, required: mark === '!', values: values === undefined ? [] : values.split('|') });
    } else throw new Error(`${packageName}: cannot read text "${line}"`);
  }
  return types;
}
