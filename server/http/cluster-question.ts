import { isDeepStrictEqual } from 'node:util';
import type { RawData, WebSocket } from 'ws';
import { parseClientMessage } from '../../common/parse-client-message.ts';
import { CloseCode, PROTOCOL_VERSION, type ClusterIdentity, type ServerMessage } from '../../common/protocol.ts';
import { UserError } from '../errors.ts';
import type { RealCluster } from '../session/real-cluster.ts';

/** The cluster of the server's kubeconfig, and who has agreed to use it. */
export interface RealClusters {
  /** @throws UserError KUBECONFIG_UNUSABLE */
  load(): Promise<RealCluster>;
  /** @param key learner and lesson. */
  agreed(key: string, cluster: ClusterIdentity): boolean;
  agree(key: string, cluster: ClusterIdentity): void;
}

export function createRealClusters(load: () => Promise<RealCluster>): RealClusters {
  const agreements = new Map<string, ClusterIdentity>();
  return {
    load,
    agreed: (key, cluster) => isDeepStrictEqual(agreements.get(key), cluster),
    agree: (key, cluster) => void agreements.set(key, cluster),
  };
}

/** The talk with a page before its session exists. */
export interface ClusterQuestion {
  /**
   * Resolves once the learner has agreed, at once when that was before; null when the page goes away.
   * @param problem why the last attempt failed; it is asked again then.
   */
  ask(key: string, problem: string | null): Promise<{ realCluster: RealCluster } | null>;
  /** Gives the page's `hello` to whoever listens to the socket now. */
  replay(): void;
}

/** @param socket paused, and paused again while nothing is asked. */
export function createClusterQuestion(socket: WebSocket, clusters: RealClusters): ClusterQuestion {
  let hello: RawData | undefined;

  return {
    async ask(key, problem) {
      for (let said = problem; ; said = null) {
        const loaded = await clusters.load().catch((error: unknown) => {
          if (error instanceof UserError) return error;
          throw error;
        });
        const realCluster = loaded instanceof UserError ? null : loaded;
        const identity = realCluster && identify(realCluster);
        if (realCluster && identity && said === null && clusters.agreed(key, identity)) return { realCluster };
        const question = {
          type: 'cluster-question' as const,
          cluster: identity,
          problem: loaded instanceof UserError ? loaded.message : said,
        };
        const answer = await converse(question);
        if (!answer) return null;
        // What was agreed to is what was named, whatever the kubeconfig says by now.
        if (!realCluster || !identity || !isDeepStrictEqual(answer.cluster, identity)) continue;
        clusters.agree(key, identity);
        return { realCluster };
      }
    },
    replay() {
      if (hello !== undefined) socket.emit('message', hello, false);
    },
  };

  /** Sends the question behind the page's `hello`. @returns null when the page goes away or makes no sense */
  function converse(question: ServerMessage): Promise<{ cluster: ClusterIdentity | null } | null> {
    return new Promise((resolve) => {
      const done = (answer: { cluster: ClusterIdentity | null } | null) => {
        socket.off('message', read);
        socket.off('close', gone);
        if (answer) socket.pause();
        resolve(answer);
      };
      const gone = () => done(null);
      const read = (data: RawData, isBinary: boolean) => {
        const message = isBinary ? null : parseClientMessage(String(data));
        if (message?.type === 'cluster-accept' && hello !== undefined) return done(message);
        if (message?.type !== 'hello' || hello !== undefined) {
          socket.close(CloseCode.badMessage, 'cannot read this message');
        } else if (message.protocolVersion !== PROTOCOL_VERSION) socket.close(CloseCode.upgrade, 'reload the page');
        else {
          hello = data;
          socket.send(JSON.stringify(question));
        }
      };
      socket.on('message', read);
      socket.on('close', gone);
      if (hello !== undefined) socket.send(JSON.stringify(question));
      socket.resume();
    });
  }
}

function identify({ server, context, user }: RealCluster): ClusterIdentity {
  return { server, context, user };
}
