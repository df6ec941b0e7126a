import { StatusError, type Status } from '../errors.ts';
import type { Client, Query } from './client.ts';
import type { HttpAnswer } from './http-answer.ts';

export interface WatchEvent<Item> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: Item;
}

/**
 * Follows a collection until the server closes the stream or the caller leaves the loop.
 * @throws StatusError when the server sends an ERROR event.
 */
export async function* watch<Item>(
  client: Client,
  path: string,
  query: Query,
  options: { accept?: string; signal?: AbortSignal } = {},
): AsyncGenerator<WatchEvent<Item>> {
  const response = await client.stream('GET', path, {
    query: { ...query, watch: true },
    ...(options.accept ? { accept: options.accept } : {}),
  });
  const stop = () => response.destroy();
  const { requestTimeoutMs } = client.connection;
  const timer = requestTimeoutMs > 0 ? setTimeout(stop, requestTimeoutMs) : undefined;
  options.signal?.addEventListener('abort', stop);
  try {
    for await (const line of readLines(response)) {
      const event = JSON.parse(line) as { type: string; object: unknown };
      if (event.type === 'ERROR') throw new StatusError(event.object as Status);
      yield event as WatchEvent<Item>;
    }
  } catch (error) {
    // The end of a stream that was cut: by us, or by a server that went away.
    const { code } = error as NodeJS.ErrnoException;
    if (options.signal?.aborted || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    response.destroy();
  }
}

async function* readLines(response: HttpAnswer): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of response.pieces()) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}
