import { describe, expect, test } from 'vitest';
import { edgePath, loopPath } from '../../../client/mesh-view/edge-path.ts';
import { layOut, layoutKey, type Box } from '../../../client/mesh-view/layout.ts';
import { shortened } from '../../../client/mesh-view/node-words.ts';
import type { MeshEdge, MeshNode } from '../../../common/mesh.ts';
import { edge, node } from './mesh-fixture.ts';

const curl = node('legacy', 'curl', { sidecar: false });
const web = node('shop', 'web');
const cart = node('shop', 'cart');
const stock = node('shop', 'stock');
const idle = Array.from({ length: 12 }, (_, index) => node('shop', `idle-${index}`));
const nodes = [curl, web, cart, stock, ...idle];
const edges = [edge(curl, web), edge(curl, web, { protocol: 'refused' }), edge(web, cart), edge(cart, stock)];

function boxes(places: ReadonlyMap<string, Box>): Box[] {
  return [...places.values()];
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function encloses(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

describe.each([360, 680, 1400])('in a place %i wide', (place) => {
  const layout = layOut(nodes, edges, place);

  test('everything has a place of its own within the picture', () => {
    const all = boxes(layout.nodes);

    expect(all).toHaveLength(nodes.length);
    for (const [index, box] of all.entries()) {
      expect(encloses({ x: 0, y: 0, ...layout }, box)).toBe(true);
      expect(all.slice(index + 1).some((other) => overlap(box, other))).toBe(false);
    }
  });

  test('a namespace’s frame holds its nodes and no others', () => {
    for (const frame of layout.frames) {
      const inside = nodes.filter(({ id }) => encloses(frame, layout.nodes.get(id) as Box));
      const touched = nodes.filter(({ id }) => overlap(frame, layout.nodes.get(id) as Box));

      expect(inside.length).toBeGreaterThan(0);
      expect(touched).toEqual(inside);
      expect(inside.every(({ namespace }) => namespace === frame.namespace)).toBe(true);
    }
    expect(layout.frames.map(({ namespace, isRest }) => [namespace, isRest])).toEqual([
      ['legacy', false],
      ['shop', false],
      ['shop', true],
    ]);
  });

  test('edges lead from border to border, and parallel ones have labels apart', () => {
    for (const { id, source, destination } of edges) {
      const { points } = layout.edges.get(id) ?? { points: [] };
      for (const [point, end] of [[points[0], source] as const, [points.at(-1), destination] as const]) {
        const { x, y, width, height } = layout.nodes.get(end) as Box;
        const nearX = Math.min(Math.abs((point?.x ?? 0) - x), Math.abs((point?.x ?? 0) - x - width));
        const nearY = Math.min(Math.abs((point?.y ?? 0) - y), Math.abs((point?.y ?? 0) - y - height));
        expect(Math.min(nearX, nearY)).toBeLessThan(0.6);
      }
      expect(edgePath(points)).toMatch(/^M[-\d.,]+(C[-\d., ]+)+$/);
    }
    const [first, second] = edges.map(({ id }) => layout.edges.get(id)?.label);
    expect(Math.hypot((first?.x ?? 0) - (second?.x ?? 0), (first?.y ?? 0) - (second?.y ?? 0))).toBeGreaterThan(20);
  });
});

test('clients stand before servers', () => {
  const { nodes: places } = layOut(nodes, edges, 1400);

  const columns = [curl, web, cart, stock].map(({ id }) => places.get(id)?.x ?? 0);
  expect(columns).toEqual(columns.toSorted((a, b) => a - b));
  expect(new Set(columns).size).toBe(4);
});

test('a chain that is too long for its place runs downwards', () => {
  const chain = Array.from({ length: 6 }, (_, index) => node('shop', `n${index}`));
  const links = chain.slice(1).map((to, index) => edge(chain[index] as MeshNode, to));

  expect(layOut(chain, links, 680).width).toBeLessThan(680);
});

test.each([360, 680, 1400])('a node that calls itself has a loop at its border, in a place %i wide', (place) => {
  const chain = Array.from({ length: 6 }, (_, index) => node('shop', `n${index}`));
  const links = chain.slice(1).map((to, index) => edge(chain[index] as MeshNode, to));
  const own = edge(stock, stock, { protocol: 'refused' });

  const { nodes: places, edges: ways } = layOut(
    [...chain, stock],
    [...links, edge(chain[5] as MeshNode, stock), own],
    place,
  );

  const { x, y, width, height } = places.get(stock.id) as Box;
  const { points, label } = ways.get(own.id) ?? { points: [], label: { x: 0, y: 0 } };
  const [start, turn, end] = points as [Box, Box, Box];
  expect(turn).toEqual(label);
  const isBelow = start.y === end.y;
  expect(isBelow ? [start.y, end.y] : [start.x, end.x]).toEqual(
    isBelow ? [y + height, y + height] : [x + width, x + width],
  );
  expect(overlap({ x: label.x - 56, y: label.y - 12, width: 112, height: 24 }, { x, y, width, height })).toBe(false);
  expect(loopPath(points)).toMatch(/^M[-\d.,]+(C[-\d., ]+){2}$/);
});

test('numbers alone move nothing; a new edge does', () => {
  const key = (list: readonly MeshEdge[], width = 680) => layoutKey(nodes, list, width);

  expect(key(edges.map((one) => ({ ...one, count: one.count + 5, errors: 1, recent: 3 })))).toBe(key(edges));
  expect(key(edges, 683)).toBe(key(edges));
  expect(key([...edges, edge(web, stock)])).not.toBe(key(edges));
  expect(layOut(nodes, edges, 680)).toEqual(layOut(nodes, edges, 680));
});

test('an idle node that is added moves no busy one', () => {
  const before = layOut(nodes, edges, 680);
  const after = layOut([...nodes, node('shop', 'one-more'), node('other', 'alone')], edges, 680);

  for (const { id } of [curl, web, cart, stock]) expect(after.nodes.get(id)).toEqual(before.nodes.get(id));
});

test('nothing at all has a layout', () => {
  expect(layOut([], [], 680)).toMatchObject({ frames: [] });
});

test('long names are shortened in the middle', () => {
  expect(shortened('frontend-v1', 15)).toBe('frontend-v1');
  expect(shortened('recommendationservice-v2', 15)).toBe('recommenda…e-v2');
  expect(shortened('recommendationservice-v2', 15)).toHaveLength(15);
});
