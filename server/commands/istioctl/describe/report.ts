import type { Pod } from '../../kubectl/pods.ts';
import type { Invocation } from '../command.ts';
import type { DestinationRule } from '../istio-objects.ts';
import { selects } from '../istio-objects.ts';
import type { KubernetesObject } from '../resources.ts';

/** Where a description is written, and whose names stand without a namespace. */
export interface Report {
  invocation: Invocation;
  namespace: string;
  line(text: string): void;
}

/** Where an object is told of: what stands before its first line, and how far each line is moved in. */
export interface Place {
  prefix: string;
  indent: number;
}

/** Prints the lines of one object; the prefix stands before the first alone. */
export function sayAt(report: Report, { prefix, indent }: Place): (extra: number, text: string) => void {
  let start = prefix;
  return (extra, text) => {
    report.line(`${start}${' '.repeat(indent + extra)}${text}`);
    start = '';
  };
}

export const DASHES = '--------------------';

export type MeshPod = Pod & KubernetesObject;
export type Labels = Readonly<Record<string, string>>;

/** `name`, or `name.namespace` of what is elsewhere. */
export function shortName({ namespace }: Report, { metadata }: KubernetesObject): string {
  return metadata.namespace === namespace ? metadata.name : `${metadata.name}.${metadata.namespace ?? ''}`;
}

/** Which subsets of a rule take in any of the pods, and which do not. */
export function splitSubsets(rule: DestinationRule, pods: readonly Labels[]): { matching: string[]; others: string[] } {
  const subsets = rule.spec?.subsets ?? [];
  const isMatching = ({ labels }: { labels?: Labels }): boolean => pods.some((each) => selects(labels, each));
  return {
    matching: subsets.filter(isMatching).map(({ name }) => name),
    others: subsets.filter((subset) => !isMatching(subset)).map(({ name }) => name),
  };
}

/** The words `name.namespace` or `name`. */
export function splitName(word: string, namespace: string): { name: string; namespace: string } {
  const dot = word.lastIndexOf('.');
  return dot > 0 ? { name: word.slice(0, dot), namespace: word.slice(dot + 1) } : { name: word, namespace };
}
