import type { Client } from './api/client.ts';
import type { ApiList, ApiObject } from './api/object.ts';
import { resourcePath } from './api/resource.ts';
import { watch } from './api/watch.ts';
import { isNotFound } from './errors.ts';
import type { Target } from './targets.ts';

/** An object that is being deleted. */
export interface Gone {
  target: Target;
  /** Another object under the same name counts as gone. */
  uid: string | undefined;
}

/** Upstream's limit when there is none: a week. */
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** @param timeoutMs 0 for a week. @returns false when the object was still there at the end. */
export async function waitUntilGone(client: Client, { target, uid }: Gone, timeoutMs: number): Promise<boolean> {
  const { resource, namespace, name = '' } = target;
  const deadline = AbortSignal.timeout(timeoutMs > 0 ? timeoutMs : WEEK_MS / 2);
  while (!deadline.aborted) {
    try {
      const object = await client.json<ApiObject>('GET', resourcePath(resource, namespace, name));
      if (uid !== undefined && object.metadata?.uid !== uid) return true;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
    const path = resourcePath(resource, namespace);
    const fieldSelector = `metadata.name=${name}`;
    const list = await client.json<ApiList>('GET', path, { query: { fieldSelector } });
    if ((list.items ?? []).length === 0) return true;
    const query = { fieldSelector, resourceVersion: list.metadata?.resourceVersion };
    for await (const event of watch<ApiObject>(client, path, query, { signal: deadline })) {
      if (event.type === 'DELETED') return true;
    }
  }
  return false;
}
