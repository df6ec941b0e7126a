import { Graph, layout as dagreLayout } from '@dagrejs/dagre';
import type { MeshEdge, MeshNode } from '../../common/mesh.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** Where everything stands, in pixels from the top left corner. Boxes are given by their own top left corner. */
export interface Layout {
  width: number;
  height: number;
  nodes: ReadonlyMap<string, Box>;
  namespaces: ReadonlyMap<string, Box>;
  /** The way of an edge, from the border of one node to that of the other, and where its label goes. */
  edges: ReadonlyMap<string, { points: Point[]; label: Point }>;
}

export type Direction = 'right' | 'down';

export const NODE_WIDTH = 164;
export const NODE_HEIGHT = 48;
const GAP = 14;
/** Room within a namespace's frame, and for its name. */
const FRAME = 14;
export const FRAME_HEAD = 30;
const LABEL = { width: 78, height: 24 };

/** What decides a layout; while it is the same, nothing moves. */
export function layoutKey(nodes: readonly MeshNode[], edges: readonly MeshEdge[], direction: Direction): string {
  return [
    direction,
    ...nodes.map(({ id, namespace }) => `${namespace ?? ''}|${id}`),
    ...edges.map(({ id }) => id),
  ].join('\n');
}

/**
 * Lays nodes out in layers, clients before servers, each namespace in a frame. Nodes without edges stand together in
 * a grid, so that a namespace of twelve idle workloads is no tower.
 */
export function layOut(nodes: readonly MeshNode[], edges: readonly MeshEdge[], direction: Direction): Layout {
  const graph = new Graph({ multigraph: true, compound: true });
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: direction === 'right' ? 26 : 20,
    ranksep: direction === 'right' ? 46 : 40,
    edgesep: 16,
    marginx: FRAME + 6,
    marginy: FRAME_HEAD + 6,
  });
  const busy = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  const blocks = new Map<string, { members: MeshNode[]; columns: number }>();
  for (const node of nodes) {
    if (node.namespace !== null) graph.setNode(frameId(node.namespace), {});
    if (busy.has(node.id)) {
      // Room for the name of the frame counts as part of the node, on both sides to keep it in the middle.
      graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
      if (node.namespace !== null) graph.setParent(node.id, frameId(node.namespace));
      continue;
    }
    const key = node.namespace ?? '';
    const block = blocks.get(key) ?? { members: [], columns: 1 };
    block.members.push(node);
    blocks.set(key, block);
  }
  for (const [namespace, block] of blocks) {
    block.columns = columnsFor(block.members.length, direction);
    const rows = Math.ceil(block.members.length / block.columns);
    const size = {
      width: block.columns * (NODE_WIDTH + GAP) - GAP,
      height: rows * (NODE_HEIGHT + GAP) - GAP,
    };
    graph.setNode(blockId(namespace), size);
    if (namespace !== '') graph.setParent(blockId(namespace), frameId(namespace));
  }
  const namespaceOf = new Map(nodes.map(({ id, namespace }) => [id, namespace ?? '']));
  for (const { id, source, destination } of edges) {
    graph.setEdge(source, destination, { ...LABEL, labelpos: 'c' }, id);
    // A namespace's idle nodes stand where its servers do, not beside the clients that call them.
    const [from, to] = [namespaceOf.get(source) ?? '', namespaceOf.get(destination) ?? ''];
    if (from !== to && blocks.has(to) && !blocks.has(from))
      graph.setEdge(source, blockId(to), { weight: 0, minlen: 1 }, `block ${id}`);
  }
  dagreLayout(graph);
  return measured(graph, nodes, edges, blocks);
}

function measured(
  graph: Graph,
  nodes: readonly MeshNode[],
  edges: readonly MeshEdge[],
  blocks: ReadonlyMap<string, { members: MeshNode[]; columns: number }>,
): Layout {
  const places = new Map<string, Box>();
  for (const node of nodes) if (graph.hasNode(node.id)) places.set(node.id, boxOf(graph.node(node.id) as Box));
  for (const [namespace, { members, columns }] of blocks) {
    const block = boxOf(graph.node(blockId(namespace)) as Box);
    members.forEach((node, index) => {
      places.set(node.id, {
        x: block.x + (index % columns) * (NODE_WIDTH + GAP),
        y: block.y + Math.floor(index / columns) * (NODE_HEIGHT + GAP),
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
      });
    });
  }
  const frames = new Map<string, Box>();
  for (const node of nodes) {
    const place = places.get(node.id);
    if (node.namespace === null || place === undefined) continue;
    const frame = frames.get(node.namespace);
    frames.set(node.namespace, frame === undefined ? place : united(frame, place));
  }
  for (const [namespace, { x, y, width, height }] of frames) {
    frames.set(namespace, {
      x: x - FRAME,
      y: y - FRAME_HEAD,
      width: width + 2 * FRAME,
      height: height + FRAME + FRAME_HEAD,
    });
  }
  const ways = new Map<string, { points: Point[]; label: Point }>();
  for (const { id, source, destination } of edges) {
    const { points = [], x = 0, y = 0 } = graph.edge(source, destination, id) as { points?: Point[] } & Partial<Point>;
    ways.set(id, { points, label: { x, y } });
  }
  const all = [...places.values(), ...frames.values()];
  return {
    width: Math.max(0, ...all.map(({ x, width }) => x + width)) + 6,
    height: Math.max(0, ...all.map(({ y, height }) => y + height)) + 6,
    nodes: places,
    namespaces: frames,
    edges: ways,
  };
}

function columnsFor(count: number, direction: Direction): number {
  if (direction === 'down') return Math.min(2, count);
  return count <= 3 ? 1 : count <= 8 ? 2 : 3;
}

/** dagre says where the middle is. */
function boxOf({ x, y, width, height }: Box): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function united(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

function frameId(namespace: string): string {
  return `namespace ${namespace}`;
}

function blockId(namespace: string): string {
  return `idle ${namespace}`;
}
