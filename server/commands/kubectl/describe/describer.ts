import type { Client } from '../api/client.ts';
import type { ApiObject } from '../api/object.ts';

export interface DescribeContext {
  client: Client;
  /** Whether events are shown. */
  events: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

/** Text of one object, cells set apart by tabs. */
export type Describer = (object: ApiObject, context: DescribeContext) => Promise<string>;
