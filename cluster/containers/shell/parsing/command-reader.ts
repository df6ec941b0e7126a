import type { Command, List } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

/** What a command may hold; the parser reads it. */
export interface CommandReader {
  readonly tokens: TokenStream;
  /** Commands up to a word or operator that ends a list, which stays unread. */
  list(): List;
  /** A list with at least one command. At the end of the source, what should follow is missed instead. */
  body(): List;
  command(): Command;
}
