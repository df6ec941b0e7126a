import { describe, expect, test } from 'vitest';
import { healthOf, lockOf } from '../../../client/mesh-view/edge-state.ts';
import type { EdgeHealth, EdgeLock, MeshProtocol } from '../../../common/mesh.ts';

describe('the colour of an edge', () => {
  test.each<[MeshProtocol, number, number, EdgeHealth]>([
    ['http', 1000, 0, 'healthy'],
    ['grpc', 3, 0, 'healthy'],
    ['tcp', 3, 0, 'tcp'],
    ['http', 10_000, 9, 'healthy'],
    ['http', 1000, 1, 'degraded'],
    ['http', 10, 2, 'degraded'],
    ['http', 1000, 201, 'failing'],
    ['http', 1, 1, 'failing'],
    ['tcp', 2, 1, 'failing'],
    ['http', 0, 0, 'idle'],
    ['tcp', 0, 0, 'idle'],
    ['refused', 1, 0, 'refused'],
  ])('of %s with %i requests and %i errors is %s', (protocol, count, errors, health) => {
    expect(healthOf({ protocol, count, errors })).toBe(health);
  });
});

describe('the padlock of an edge', () => {
  test.each<[number, number, number, EdgeLock]>([
    [4, 4, 4, 'all'],
    [4, 1, 4, 'some'],
    [4, 0, 4, 'none'],
    [4, 0, 0, 'none'],
    [0, 0, 0, 'none'],
    // The destination never got what failed on the way to it.
    [4, 3, 3, 'all'],
  ])('of %i requests, %i of %i reported over mutual TLS, is %s', (count, mutual, of, lock) => {
    expect(lockOf({ count, mutual: { count: mutual, of } })).toBe(lock);
  });
});
