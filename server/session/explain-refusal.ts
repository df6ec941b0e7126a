import type { Cluster, KubernetesObject } from '../../cluster/index.ts';
import { type FieldPath, parseFieldPath } from '../lessons/field-path.ts';
import { nearKind } from '../lessons/doubts/near-kind.ts';
import { didYouMean } from '../lessons/nearest.ts';

/** Why a cluster does not take an object, for its author. */
export interface ExplainedRefusal {
  message: string;
  /** The field that it is about; null for the whole object. */
  path: FieldPath | null;
}

/**
 * @param refusal what the API server says
 * @param object as the author wrote it
 */
export function explainRefusal(
  refusal: string,
  object: KubernetesObject,
  cluster: Pick<Cluster, 'findResource' | 'list'>,
): ExplainedRefusal {
  const { kind, metadata } = object;
  const what = `${kind} "${metadata.name}"`;
  const noKind = /^no matches for kind "([^"]*)" in version "([^"]*)"/.exec(refusal);
  if (noKind) return explainKind(noKind[1]!, noKind[2]!, cluster);
  const namespace = /^namespaces "([^"]*)" not found/.exec(refusal)?.[1];
  if (namespace !== undefined) {
    const names = cluster.list('namespaces').map((one) => one.metadata.name);
    const near = didYouMean(namespace, names) || ` Make it before, with a manifest of the kind Namespace.`;
    return {
      message: `the ${what} goes into the namespace "${namespace}", which is not there.${near}`,
      path: ['metadata', 'namespace'],
    };
  }
  const unknown = /unknown field "([^"]*)"/.exec(refusal)?.[1];
  if (unknown !== undefined) {
    const path = parseFieldPath(unknown) ?? null;
    return {
      message: `a ${kind} has no field "${unknown}". Mend its name, or indent it below the field that it belongs to.`,
      path,
    };
  }
  const type = /cannot unmarshal (\S+) into Go struct field \w+\.(\S+) of type (\S+)/.exec(refusal);
  if (type) {
    const [, written = '', field = '', wanted = ''] = type;
    const quotes =
      wanted === 'string' && written !== 'object' && written !== 'array' ? ' Put quotes around it.' : ' Write one.';
    return {
      message: `"${field}" of the ${what} must be ${typeName(wanted)} and is ${typeName(written)}.${quotes}`,
      path: pathWithIndexes(field, object, written),
    };
  }
  // `Pod "web" is invalid: spec.x: Required value` says what it is about; so does the line.
  const field = /is invalid: \[?([\w.[\]"/-]+): /.exec(refusal)?.[1];
  const path = field === undefined ? null : (parseFieldPath(field) ?? null);
  const reason = refusal.replace(/^\S+ "[^"]*" is invalid: /, '');
  return { message: `the cluster refuses the ${what}: ${reason}. Mend it.`.replace(/\.\. Mend/, '. Mend'), path };
}

function explainKind(kind: string, version: string, cluster: Pick<Cluster, 'findResource' | 'list'>): ExplainedRefusal {
  const found = cluster.findResource(kind);
  const group = found?.resource.replace(/^[^.]*\.?/, '');
  const mend =
    group === undefined
      ? nearKind(kind, cluster) || ' Take one that "kubectl api-resources" lists.'
      : ` ${kind} belongs to ${group === '' ? 'no group: write apiVersion: v1' : `the group ${group}`}; "kubectl explain ${kind.toLowerCase()}" names its version.`;
  const what = `the lesson's cluster has no kind "${kind}" in "${version}".${mend}`;
  return { message: what, path: [group === undefined ? 'kind' : 'apiVersion'] };
}

function typeName(type: string): string {
  if (/^u?int\d*$/.test(type)) return 'a whole number';
  if (/^float\d*$|^number$/.test(type)) return 'a number';
  if (type === 'bool') return 'true or false';
  if (type === 'string') return 'a text';
  if (type === 'array' || type.startsWith('[]')) return 'a list';
  return 'a map';
}

/** The path of a message that leaves indexes out: of the first value that is of the type which the API names. */
function pathWithIndexes(field: string, object: unknown, type: string): FieldPath | null {
  const search = (value: unknown, steps: readonly string[], path: FieldPath): FieldPath | null => {
    if (Array.isArray(value)) {
      if (steps.length === 0 && type === 'array') return path;
      for (const [index, item] of value.entries()) {
        const found = search(item, steps, [...path, index]);
        if (found) return found;
      }
      return null;
    }
    const [step, ...rest] = steps;
    if (step === undefined) return isOf(type, value) ? path : null;
    if (typeof value !== 'object' || value === null) return null;
    return search((value as Record<string, unknown>)[step], rest, [...path, step]);
  };
  return search(object, field.split('.'), []);
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'object') return typeof value === 'object' && value !== null;
  return typeof value === (type === 'bool' ? 'boolean' : type);
}
