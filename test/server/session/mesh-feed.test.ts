import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MeshGraph } from '../../../common/mesh.ts';
import type { ServerMessage } from '../../../common/protocol.ts';
import { createMeshFeed, type MeshFeed } from '../../../server/session/mesh-feed.ts';
import { edge, graph, node } from '../../client/mesh-view/mesh-fixture.ts';

const [a, b] = [node('shop', 'a'), node('shop', 'b')];
let now: number;
let shown: MeshGraph | null;
let windows: number[];
let sent: ServerMessage[];
let feed: MeshFeed;

beforeEach(() => {
  vi.useFakeTimers();
  [now, windows, sent] = [0, [], []];
  shown = graph([a, b], []);
  feed = createMeshFeed(
    (windowSeconds) => {
      windows.push(windowSeconds);
      return shown && { ...shown, time: (now += 1000) };
    },
    (message) => sent.push(message),
  );
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

test('sends what there is at once, and again when it differs', () => {
  feed.watch(60);
  expect(sent).toMatchObject([{ type: 'mesh', graph: { edges: [] } }]);
  vi.advanceTimersByTime(3_000);
  expect(sent).toHaveLength(1);

  shown = graph([a, b], [edge(a, b)]);
  vi.advanceTimersByTime(1_000);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject({ graph: { edges: [{ count: 1 }] } });
});

test('says that there is no mesh, once', () => {
  shown = null;
  feed.watch(60);
  vi.advanceTimersByTime(3_000);

  expect(sent).toEqual([{ type: 'mesh', graph: null }]);
});

test('another window takes the place of the one before', () => {
  feed.watch(60);
  feed.watch(300);
  vi.advanceTimersByTime(1_000);

  expect(windows).toEqual([60, 300, 300]);
  expect(sent).toHaveLength(2);
});

test('nobody looks after the end', () => {
  feed.watch(60);
  feed.stop();
  feed.stop();
  vi.advanceTimersByTime(10_000);

  expect(windows).toEqual([60]);
});
