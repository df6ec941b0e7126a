import type { ApiObject } from '../api/object.ts';

/** An object on its way through kustomizations. */
export interface Item {
  object: ApiObject;
  /** All names that it has had; patches may use any. */
  names: string[];
  /** Made by a generator: a hash of the content goes behind its name. */
  hashed: boolean;
}

export function nameOf({ object }: Item): string {
  return object.metadata?.name ?? '';
}
