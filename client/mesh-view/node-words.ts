import type { MeshNode } from '../../common/mesh.ts';
import type { Messages } from '../../common/messages/index.ts';

/** What a node is called: its own name, or a word for who has none. */
export function nodeName(node: MeshNode | undefined, t: Messages['mesh']): string {
  if (node === undefined) return t.node.name.unknown;
  return node.kind === 'outside' || node.kind === 'unknown' ? t.node.name[node.kind] : node.name;
}

/** With its namespace, as `foo/httpbin`. */
export function fullNodeName(node: MeshNode | undefined, t: Messages['mesh']): string {
  const name = nodeName(node, t);
  return node?.namespace == null ? name : `${node.namespace}/${name}`;
}

/** Whether it can have a sidecar at all. */
export function isPods({ kind }: MeshNode): boolean {
  return kind === 'workload' || kind === 'gateway';
}

/** Shortened in the middle, so that both the name and a version at its end can be read. */
export function shortened(name: string, length: number): string {
  if (name.length <= length) return name;
  const end = Math.floor((length - 1) / 3);
  return `${name.slice(0, length - 1 - end)}…${name.slice(name.length - end)}`;
}
