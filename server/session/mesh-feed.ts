import type { MeshGraph } from '../../common/mesh.ts';
import type { ServerMessage } from '../../common/protocol.ts';

/** Often enough to look live, and a graph of a lesson takes less than a millisecond. */
const LOOK_MS = 1_000;

/** The mesh as one page looks at it. */
export interface MeshFeed {
  /** Sends what there is now, and again whenever it differs. A second call changes the window. */
  watch(windowSeconds: number): void;
  /** Safe to call when nothing is watched. */
  stop(): void;
}

/** @param look the graph of a window as it is now; null for a cluster without a mesh */
export function createMeshFeed(
  look: (windowSeconds: number) => MeshGraph | null,
  send: (message: ServerMessage) => void,
): MeshFeed {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearInterval(timer);
  return {
    watch(windowSeconds) {
      stop();
      let sent = '';
      const show = (): void => {
        const graph = look(windowSeconds);
        // The time alone is no news.
        const facts = JSON.stringify({ ...graph, time: 0 });
        if (facts === sent) return;
        sent = facts;
        send({ type: 'mesh', graph });
      };
      show();
      timer = setInterval(show, LOOK_MS);
      timer.unref();
    },
    stop,
  };
}
