import type { HeaderOperations } from './virtual-service.ts';

/** A header's new value; null removes it. `add` appends to what is there, `set` replaces it. */
export interface HeaderChange {
  name: string;
  value: string | null;
  append: boolean;
}

/** The changes of a route and of its destination, in Envoy's order: what is removed goes first, the nearest rule first. */
export function headerChanges(...levels: readonly (HeaderOperations | undefined)[]): HeaderChange[] {
  return levels.flatMap((operations) => [
    ...(operations?.remove ?? []).map((name) => ({ name: name.toLowerCase(), value: null, append: false })),
    ...Object.entries(operations?.set ?? {}).map(([name, value]) => ({
      name: name.toLowerCase(),
      value,
      append: false,
    })),
    ...Object.entries(operations?.add ?? {}).map(([name, value]) => ({
      name: name.toLowerCase(),
      value,
      append: true,
    })),
  ]);
}
