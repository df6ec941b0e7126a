import type { ApiObject } from './api/object.ts';
import type { Resource } from './api/resource.ts';
import { lastApplied } from './last-applied.ts';
import { isBuiltIn } from './patches/merge-keys.ts';
import { createThreeWayMergePatch } from './patches/merge-patch.ts';
import { createThreeWayStrategicPatch } from './patches/strategic-patch.ts';

/**
 * What `apply` sends: the difference between the object as it is and as the file says it, without what the file said
 * before and says no longer.
 * @param modified the file's object, with the annotation that keeps it when that shall change too.
 */
export function createApplyPatch(
  resource: Pick<Resource, 'group'>,
  modified: ApiObject,
  current: ApiObject,
): { patch: Record<string, unknown>; strategic: boolean; contentType: string } {
  const original = (lastApplied(current) ?? {}) as Record<string, unknown>;
  const strategic = isBuiltIn(resource.group);
  const threeWay = strategic ? createThreeWayStrategicPatch : createThreeWayMergePatch;
  return {
    patch: threeWay(original, modified, current),
    strategic,
    contentType: `application/${strategic ? 'strategic-merge-patch' : 'merge-patch'}+json`,
  };
}
