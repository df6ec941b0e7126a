import type { Readable, Writable } from 'node:stream';
import { BrokenPipeError, nullFile, type OpenFile } from './open-file.ts';
import { Waiters } from './waiters.ts';

/** Reads from a Node stream; an error of the stream reads as its end. */
export function readableFile(stream: Readable): OpenFile {
  const waiters = new Waiters();
  let ended = stream.readableEnded || stream.destroyed;
  const wake = (): void => waiters.wake();
  const end = (): void => {
    ended = true;
    waiters.wake();
  };
  stream.on('readable', wake);
  stream.on('end', end);
  stream.on('close', end);
  stream.on('error', end);
  return {
    ...nullFile,
    tryRead() {
      const chunk = stream.read() as Buffer | string | null;
      if (chunk !== null) return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      return ended ? null : undefined;
    },
    readable: () => (ended || stream.readableLength > 0 ? Promise.resolve() : waiters.wait()),
    close() {
      stream.off('readable', wake);
      stream.off('end', end);
      stream.off('close', end);
    },
  };
}

/** Writes to a Node stream, as fast as it takes them; the stream stays open at the end. */
export function writableFile(stream: Writable): OpenFile {
  const waiters = new Waiters();
  let closed = stream.destroyed;
  const wake = (): void => waiters.wake();
  const close = (): void => {
    closed = true;
    waiters.wake();
  };
  stream.on('drain', wake);
  stream.on('close', close);
  stream.on('error', close);
  return {
    ...nullFile,
    tryWrite(bytes) {
      if (closed || stream.writableEnded) throw new BrokenPipeError('Broken pipe');
      if (stream.writableNeedDrain) return false;
      stream.write(bytes);
      return true;
    },
    writable: () => (closed || !stream.writableNeedDrain ? Promise.resolve() : waiters.wait()),
    close() {
      stream.off('drain', wake);
      stream.off('close', close);
    },
  };
}
