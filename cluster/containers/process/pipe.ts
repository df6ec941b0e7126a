import { BrokenPipeError, nullFile, type OpenFile } from './open-file.ts';
import { Waiters } from './waiters.ts';

/** Linux' default capacity of a pipe. */
const CAPACITY_BYTES = 65_536;

/** A pipe: what is written to one end is read from the other. */
export function createPipe(): { reader: OpenFile; writer: OpenFile } {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let writerOpen = true;
  let readerOpen = true;
  const readers = new Waiters();
  const writers = new Waiters();

  return {
    reader: {
      ...nullFile,
      tryRead() {
        const chunk = chunks.shift();
        if (chunk === undefined) return writerOpen ? undefined : null;
        size -= chunk.length;
        writers.wake();
        return chunk;
      },
      readable: () => (chunks.length > 0 || !writerOpen ? Promise.resolve() : readers.wait()),
      close() {
        readerOpen = false;
        chunks.length = 0;
        writers.wake();
      },
    },
    writer: {
      ...nullFile,
      tryWrite(bytes) {
        if (!readerOpen) throw new BrokenPipeError('Broken pipe');
        if (size >= CAPACITY_BYTES) return false;
        if (bytes.length === 0) return true;
        chunks.push(bytes);
        size += bytes.length;
        readers.wake();
        return true;
      },
      writable: () => (size < CAPACITY_BYTES || !readerOpen ? Promise.resolve() : writers.wait()),
      close() {
        writerOpen = false;
        readers.wake();
      },
    },
  };
}
