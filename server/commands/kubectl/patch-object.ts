import type { ApiObject } from './api/object.ts';
import { resourcePath } from './api/resource.ts';
import { dryRunOf, writeQuery } from './change.ts';
import type { Invocation } from './command.ts';
import { isEqual } from './patches/equal.ts';
import { isBuiltIn } from './patches/merge-keys.ts';
import { createMergePatch } from './patches/merge-patch.ts';
import { createStrategicPatch } from './patches/strategic-patch.ts';
import type { Target } from './targets.ts';

/** Whether nothing is sent: `--local` or `--dry-run=client`. */
export function staysHere(invocation: Invocation): boolean {
  return (invocation.flags.has('local') && invocation.flags.bool('local')) || dryRunOf(invocation) === 'client';
}

/**
 * Sends the difference between an object as it was and as it shall be.
 * @returns the object as the server has it now, or as it would be when nothing is sent.
 */
export async function patchObject(
  invocation: Invocation,
  target: Target,
  before: ApiObject,
  after: ApiObject,
): Promise<ApiObject> {
  if (staysHere(invocation) || isEqual(before, after)) return after;
  const { resource, namespace, name = '' } = target;
  const strategic = isBuiltIn(resource.group);
  const client = await invocation.session.client();
  return client.json<ApiObject>('PATCH', resourcePath(resource, namespace, name), {
    body: strategic ? createStrategicPatch(before, after) : createMergePatch(before, after),
    contentType: `application/${strategic ? 'strategic-merge-patch' : 'merge-patch'}+json`,
    query: writeQuery(invocation),
    subject: { resource: resource.name, name },
  });
}
