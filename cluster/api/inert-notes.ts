import { resourceKeyOf, type Kind } from '../objects/kinds/kind.ts';
import { type ResourceKey } from '../objects/object.ts';
import { type ResourceResult } from './resource-requests.ts';

/** Tells learners of one cluster what is stored and nothing else: once for each kind, since reading it again helps nobody. */
export interface InertNotes {
  /** The warning that goes with the answer to a request that has created an object; undefined when there is none. */
  noteFor(kind: Kind, result: ResourceResult, query: URLSearchParams): string | undefined;
}

export function createInertNotes(): InertNotes {
  const told = new Set<ResourceKey>();
  return {
    noteFor(kind, result, query) {
      const isNew = result.form === 'object' && result.status === 201 && !query.has('dryRun');
      if (kind.inertNote === undefined || !isNew || told.has(resourceKeyOf(kind))) return undefined;
      told.add(resourceKeyOf(kind));
      return `${kind.kind} is stored but not simulated by this cluster: ${kind.inertNote}`;
    },
  };
}
