import { spawnSync } from 'node:child_process';
import type { Io } from './io.ts';

/**
 * Puts our terminal into raw mode, output included: what the remote terminal sends is already final. Node's own
 * raw mode would put a carriage return before each line feed once more.
 * @returns gives the terminal back as it was; safe to call twice.
 */
export function makeRaw(stdin: Io['stdin']): () => void {
  const { fd } = stdin as { fd?: number };
  const saved = fd === undefined ? null : stty(fd, '-g');
  if (fd === undefined || saved === null) {
    stdin.setRawMode?.(true);
    return () => void stdin.setRawMode?.(false);
  }
  stty(fd, 'raw', '-echo');
  let restored = false;
  const restore = () => {
    if (!restored) stty(fd, saved);
    restored = true;
    process.off('exit', restore);
  };
  // A shell without echo would be left behind by an error on the way.
  process.on('exit', restore);
  return restore;
}

/** @returns what it printed, null when it is not there or failed. */
function stty(fd: number, ...words: string[]): string | null {
  const { status, stdout } = spawnSync('stty', words, { stdio: [fd, 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
