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

export interface Frame extends Box {
  namespace: string;
  /** Whether it holds the idle part of a namespace whose busy part has a frame of its own. */
  isRest: boolean;
}

/** Where everything stands, in pixels from the top left corner. Boxes are given by their own top left corner. */
export interface Layout {
  width: number;
  height: number;
  nodes: ReadonlyMap<string, Box>;
  frames: readonly Frame[];
  /** The way of an edge, from the border of one node to that of the other, and where its label goes. */
  edges: ReadonlyMap<string, { points: Point[]; label: Point }>;
}

/** Where clients stand before their servers: at their left, or above them. */
export type Direction = 'right' | 'down';

/** Pixels of everything that has a size of its own. `small` is for phones and for long chains. */
const SIZES = {
  wide: { node: { width: 182, height: 48 }, idle: { width: 182, height: 30 }, columns: 3, between: 32 },
  small: { node: { width: 150, height: 48 }, idle: { width: 150, height: 30 }, columns: 2, between: 14 },
} as const;

/** Below this width of its place the picture is drawn small in any case. */
const SMALL_BELOW = 480;
/** A picture that has to shrink to less than this to fit is laid out in another way. */
const LEAST_SCALE = 0.78;
const GAP = 10;
/** Room within a namespace's frame, and for its name. */
const FRAME = 14;
export const FRAME_HEAD = 30;
/** Between frames of idle workloads, and above them. */
const SHELF_GAP = 18;
/** Room for the padlock and the number on an edge, and for the word on a refused one. */
const LABEL = { width: 76, height: 24 };
const REFUSED_LABEL = { width: 112, height: 24 };
/** Around everything. */
const MARGIN = 4;
/** Ways leave a node no nearer to its corners than this. */
const CORNER = 14;
/** A way that bends nearer to a node than this looks like a knot. */
const STRAIGHT = 30;

/**
 * Lays busy nodes out in layers, clients before servers, each namespace in a frame, in the size and the direction that
 * fit into a place of this width. Nodes without edges stand below, small and in grids, so that neither a namespace of
 * twelve idle workloads is a tower, nor one that wakes up moves the others.
 *
 * @param place width of the place, in pixels
 */
export function layOut(nodes: readonly MeshNode[], edges: readonly MeshEdge[], place: number): Layout {
  const fits = ({ width }: Layout): boolean => width * LEAST_SCALE <= place;
  const wide = place < SMALL_BELOW ? null : arranged(nodes, edges, place, SIZES.wide, 'right');
  if (wide !== null && fits(wide)) return wide;
  const small = arranged(nodes, edges, place, SIZES.small, 'right');
  if (edges.length === 0 || fits(small)) return small;
  const down = arranged(nodes, edges, place, SIZES.small, 'down');
  // A picture that is wider than its place has to be scrolled to the side; a higher one only downwards, as all else.
  return down.width < small.width * 0.85 ? down : small;
}

/** What decides a layout; while it is the same, nothing moves. */
export function layoutKey(nodes: readonly MeshNode[], edges: readonly MeshEdge[], place: number): string {
  return [
    // A few pixels more or less, as of a scroll bar, are no reason to move.
    Math.round(place / 40),
    ...nodes.map(({ id, namespace }) => `${namespace ?? ''}|${id}`),
    ...edges.map(({ id }) => id),
  ].join('\n');
}

type Sizes = (typeof SIZES)[keyof typeof SIZES];
type Ways = Map<string, { points: Point[]; label: Point }>;

function arranged(
  nodes: readonly MeshNode[],
  edges: readonly MeshEdge[],
  place: number,
  sizes: Sizes,
  direction: Direction,
): Layout {
  const ends = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  const busy = nodes.filter(({ id }) => ends.has(id));
  const { places, ways } = layered(busy, edges, direction, sizes);
  const frames = framesOf(busy, places);
  const top = toCorner(places, frames, ways);
  const busyNamespaces = new Set(busy.map(({ namespace }) => namespace));
  const idle = nodes.filter(({ id }) => !ends.has(id));
  const shelf = shelved(idle, Math.max(top.width, place, 1), sizes);
  const start = busy.length === 0 ? 0 : top.height + SHELF_GAP - MARGIN;
  return {
    width: Math.max(top.width, shelf.width),
    height: shelf.frames.length === 0 ? top.height : start + shelf.height,
    nodes: new Map([...top.nodes, ...[...shelf.nodes].map(([id, box]) => [id, lowered(box, start)] as const)]),
    frames: [
      ...top.frames,
      ...shelf.frames.map((frame) => ({ ...lowered(frame, start), isRest: busyNamespaces.has(frame.namespace) })),
    ],
    edges: top.edges,
  };
}

function lowered<T extends Point>(box: T, by: number): T {
  return { ...box, y: box.y + by };
}

/** Busy nodes by dagre. */
function layered(
  nodes: readonly MeshNode[],
  edges: readonly MeshEdge[],
  direction: Direction,
  sizes: Sizes,
): { places: Map<string, Box>; ways: Ways } {
  const places = new Map<string, Box>();
  const ways: Ways = new Map();
  if (nodes.length === 0) return { places, ways };
  const graph = new Graph({ multigraph: true, compound: true });
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: direction === 'right' ? 24 : 18,
    ranksep: sizes.between,
    edgesep: 12,
  });
  for (const { id, namespace } of nodes) {
    graph.setNode(id, { ...sizes.node });
    if (namespace === null) continue;
    graph.setNode(frameId(namespace), {});
    graph.setParent(id, frameId(namespace));
  }
  for (const edge of edges) {
    const { source, destination } = edge;
    graph.setEdge(source, destination, { ...labelOf(edge), labelpos: 'c' }, edge.id);
  }
  dagreLayout(graph);
  for (const { id } of nodes) places.set(id, boxOf(graph.node(id) as Box));
  for (const { id, source, destination } of edges) {
    const found = graph.edge(source, destination, id) as { points?: Point[] } & Partial<Point>;
    const [from, to] = [places.get(source), places.get(destination)];
    if (from === undefined || to === undefined) continue;
    const label = { x: found.x ?? 0, y: found.y ?? 0 };
    const points =
      source === destination ? loop(label, from, direction) : anchored(found.points ?? [], label, from, to, direction);
    ways.set(id, { points, label });
  }
  return { places, ways };
}

/** Leaves at the side where its server stands and comes in at the opposite one; a way back keeps dagre's ends. */
function anchored(points: readonly Point[], label: Point, from: Box, to: Box, direction: Direction): Point[] {
  const along = direction === 'right' ? ({ x }: Point) => x : ({ y }: Point) => y;
  const size = direction === 'right' ? ({ width }: Box) => width : ({ height }: Box) => height;
  const [start, end] = [along(from) + size(from), along(to)];
  if (end - start < STRAIGHT) return [...points];
  // dagre bends at every layer; those beside a node are no more than the way to its side.
  const bends = points
    .slice(1, -1)
    .filter((point) => along(point) > start + STRAIGHT && along(point) < end - STRAIGHT && point !== label);
  const inner = bends.some(({ x, y }) => x === label.x && y === label.y) ? bends : [label];
  const [first = label, last = label] = [inner[0], inner.at(-1)];
  return direction === 'right'
    ? [{ x: start, y: within(first.y, from.y, from.height) }, ...inner, { x: end, y: within(last.y, to.y, to.height) }]
    : [{ x: within(first.x, from.x, from.width), y: start }, ...inner, { x: within(last.x, to.x, to.width), y: end }];
}

/** Out of a node and into it again, at the side where its label stands. What dagre draws does not touch the node. */
function loop(label: Point, { x, y, width, height }: Box, direction: Direction): Point[] {
  if (direction === 'right') {
    const side = label.y < y ? y : y + height;
    return [{ x: x + width - CORNER, y: side }, label, { x: x + CORNER, y: side }];
  }
  const side = label.x < x ? x : x + width;
  return [{ x: side, y: y + CORNER }, label, { x: side, y: y + height - CORNER }];
}

/** As near to the wanted place as the side allows, off its rounded corners. */
function within(wanted: number, start: number, length: number): number {
  return Math.min(start + length - CORNER, Math.max(start + CORNER, wanted));
}

function framesOf(nodes: readonly MeshNode[], places: ReadonlyMap<string, Box>): Frame[] {
  const boxes = new Map<string, Box>();
  for (const { id, namespace } of nodes) {
    const place = places.get(id);
    if (namespace === null || place === undefined) continue;
    const known = boxes.get(namespace);
    boxes.set(namespace, known === undefined ? place : united(known, place));
  }
  return [...boxes].map(([namespace, { x, y, width, height }]) => ({
    namespace,
    isRest: false,
    x: x - FRAME,
    y: y - FRAME_HEAD,
    width: width + 2 * FRAME,
    height: height + FRAME + FRAME_HEAD,
  }));
}

function toCorner(nodes: ReadonlyMap<string, Box>, frames: readonly Frame[], edges: Ways): Layout {
  const half = { x: LABEL.width / 2, y: LABEL.height / 2 };
  const labels = [...edges.values()].map(({ label }) => ({ x: label.x - half.x, y: label.y - half.y, ...LABEL }));
  const bends = [...edges.values()].flatMap(({ points }) => points.map((point) => ({ ...point, width: 0, height: 0 })));
  const all = [...nodes.values(), ...frames, ...labels, ...bends];
  if (all.length === 0) return { width: 0, height: 0, nodes, frames, edges };
  const left = Math.min(...all.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...all.map(({ y }) => y)) - MARGIN;
  const move = <T extends Point>(point: T): T => ({ ...point, x: point.x - left, y: point.y - top });
  return {
    width: Math.max(...all.map(({ x, width }) => x + width)) + MARGIN - left,
    height: Math.max(...all.map(({ y, height }) => y + height)) + MARGIN - top,
    nodes: new Map([...nodes].map(([id, box]) => [id, move(box)])),
    frames: frames.map(move),
    edges: new Map([...edges].map(([id, way]) => [id, { points: way.points.map(move), label: move(way.label) }])),
  };
}

/** Idle nodes in frames beside each other, in as many rows as the width asks for. */
function shelved(nodes: readonly MeshNode[], width: number, { idle, columns }: Sizes): Layout {
  const groups = new Map<string, MeshNode[]>();
  for (const node of nodes) {
    const key = node.namespace ?? '';
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const places = new Map<string, Box>();
  const frames: Frame[] = [];
  let [x, y, rowHeight, used] = [MARGIN, MARGIN, 0, 0];
  for (const [namespace, members] of groups) {
    const across = Math.min(columns, members.length);
    const head = namespace === '' ? FRAME : FRAME_HEAD;
    const size = {
      width: across * (idle.width + GAP) - GAP + 2 * FRAME,
      height: Math.ceil(members.length / across) * (idle.height + GAP) - GAP + FRAME + head,
    };
    if (x > MARGIN && x + size.width + MARGIN > width) {
      [x, y, rowHeight] = [MARGIN, y + rowHeight + SHELF_GAP, 0];
    }
    if (namespace !== '') frames.push({ namespace, isRest: false, x, y, ...size });
    members.forEach(({ id }, index) => {
      places.set(id, {
        x: x + FRAME + (index % across) * (idle.width + GAP),
        y: y + head + Math.floor(index / across) * (idle.height + GAP),
        ...idle,
      });
    });
    used = Math.max(used, x + size.width + MARGIN);
    x += size.width + SHELF_GAP;
    rowHeight = Math.max(rowHeight, size.height);
  }
  return { width: used, height: y + rowHeight + MARGIN, nodes: places, frames, edges: new Map() };
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

function labelOf({ protocol }: MeshEdge): { width: number; height: number } {
  return protocol === 'refused' ? REFUSED_LABEL : LABEL;
}

function frameId(namespace: string): string {
  return `namespace ${namespace}`;
}
