import type { Duplex } from 'node:stream';

/**
 * Waits until the first bytes are enough to judge, and leaves them unread: whoever reads next gets them, and who closes
 * the connection instead resets it, as the kernel does with unread bytes.
 * @param isEnough told all bytes so far
 * @returns the bytes; null when the connection ended before there were any, or is gone
 */
export function peek(stream: Duplex, isEnough: (bytes: Buffer) => boolean): Promise<Buffer | null> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (result: Buffer | null): void => {
      stream.off('readable', onReadable);
      stream.off('end', onEnd);
      stream.off('close', onClose);
      if (bytes.length > 0 && !stream.destroyed) stream.unshift(bytes);
      resolve(result);
    };
    const onReadable = (): void => {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) return;
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      if (isEnough(bytes)) finish(bytes);
    };
    const onEnd = (): void => {
      // Fewer bytes than a judgement needs, and no more to come.
      finish(bytes.length === 0 ? null : bytes);
    };
    const onClose = (): void => finish(null);
    if (stream.destroyed) {
      resolve(null);
      return;
    }
    stream.on('readable', onReadable);
    stream.on('end', onEnd);
    stream.on('close', onClose);
  });
}
