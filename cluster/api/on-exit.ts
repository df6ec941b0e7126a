import { type RunningContainer } from '../containers/runtime.ts';

/**
 * Calls back when the container's main process has ended, unless the returned function was called before. A client that
 * comes and goes must use this and not `exited.then`: a promise keeps what waits for it, with all that it refers to, for
 * as long as the container runs.
 */
export function onExit(container: RunningContainer, callback: () => void): () => void {
  let wanted: (() => void) | undefined = callback;
  void container.exited.then(() => wanted?.());
  return () => {
    wanted = undefined;
  };
}
