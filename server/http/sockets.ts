import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CloseCode } from '../../common/protocol.ts';
import { UserError } from '../errors.ts';
import type { Catalog } from '../lessons/catalog.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import type { Logger } from '../logger.ts';
import { closeWith } from '../session/relay.ts';
import type { Sessions } from '../session/sessions.ts';
import { createClusterQuestion, type RealClusters } from './cluster-question.ts';
import { connect } from './connection.ts';
import { isAllowedHost, isOwnOrigin } from './host.ts';
import type { LearnerCookie } from './learner-cookie.ts';

/** A session for a page. */
type Opened = Awaited<ReturnType<Sessions['acquire']>> & {
  /** Called when the page is connected to it. */
  resume?(): void;
};

export interface SocketsOptions {
  catalog: Catalog;
  sessions: Sessions;
  /** For lessons with `environment: kubeconfig`. */
  realClusters: RealClusters;
  cookie: (port: number) => LearnerCookie;
  allowedHosts: readonly string[];
  logger: Logger;
}

/** The WebSockets of pages: `/ws/LESSON`. */
export interface Sockets {
  /** For the `upgrade` event of an HTTP server. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  dispose(): void;
}

/** A client message is a few keys or a piece of a paste; see MAX_INPUT_LENGTH. */
const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Proxies drop a silent connection after 30 to 60 s, and a laptop lid closes without a goodbye. */
const PING_MS = 20_000;

export function createSockets(options: SocketsOptions): Sockets {
  const { catalog, sessions, realClusters, cookie, allowedHosts, logger } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  /** The connection that holds each session: a second page takes over from the first. */
  const holders = new Map<string, WebSocket>();

  const open = async (
    socket: WebSocket,
    learner: string,
    lesson: LessonDefinition | undefined,
    origin: string | undefined,
  ) => {
    keepAlive(socket);
    if (!lesson) return socket.close(CloseCode.notFound, 'no such lesson');
    // Frames may arrive before the session exists; `ws` keeps them while the socket is paused.
    socket.pause();
    const opened: Opened | null =
      lesson.config.environment === 'kubeconfig'
        ? await openOnRealCluster(socket, learner, lesson, origin)
        : await sessions.acquire(learner, lesson, { origin });
    if (!opened) return;
    const { session, release } = opened;
    socket.once('close', () => {
      if (holders.get(session.id) === socket) holders.delete(session.id);
      release();
    });
    // It may have closed while the session was made.
    if (socket.readyState !== socket.OPEN) return release();
    const problems = catalog.problems(lesson.id);
    if (problems.length > 0) session.change({ lesson: null, problems, environment: false });
    holders.get(session.id)?.close(CloseCode.takenOver, 'open in another page');
    holders.set(session.id, socket);
    connect(socket, session, logger);
    socket.resume();
    opened.resume?.();
  };

  /** Asks until the session has started, or the page has gone. */
  const openOnRealCluster = async (
    socket: WebSocket,
    learner: string,
    lesson: LessonDefinition,
    origin: string | undefined,
  ): Promise<Opened | null> => {
    const question = createClusterQuestion(socket, realClusters);
    let problem: string | null = null;
    for (;;) {
      const answer = await question.ask(`${learner}/${lesson.id}`, problem);
      if (!answer) return null;
      try {
        const { realCluster } = answer;
        const opened = await sessions.acquire(learner, lesson, { origin, realCluster });
        // What the page said before it was asked is still to be answered.
        return { ...opened, resume: () => question.replay() };
      } catch (error) {
        if (!(error instanceof UserError) || error.code === 'TOO_MANY_SESSIONS') throw error;
        logger.info(`cannot open a session in ${lesson.id} on ${answer.realCluster.server}: ${error.message}`);
        problem = error.message;
      }
    }
  };

  return {
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const { host, origin } = request.headers;
      // Cross-site WebSocket hijacking: browsers send our cookie along with a socket that another site's page opens,
      // and this socket is a shell. So origin and host are looked at before anything is upgraded.
      if (!isAllowedHost(host, allowedHosts) || !isOwnOrigin(origin, host)) return refuse(socket, '403 Forbidden');
      const match = /^\/ws\/([a-z0-9-]{1,100})$/.exec(request.url ?? '');
      if (!match) return refuse(socket, '404 Not Found');
      const learner = cookie(request.socket.localPort ?? 0).read(request.headers.cookie);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // A broken frame, also one of a stranger; `ws` has sent its close code. Unheard, it would end the server.
        webSocket.on('error', () => webSocket.terminate());
        // A page cannot read the status of a refused upgrade, but it can read a close code and offer to reload.
        if (learner === null) return webSocket.close(CloseCode.unauthorized, 'reload the page');
        open(webSocket, learner, catalog.get(match[1] ?? ''), origin).catch((error: unknown) => {
          webSocket.resume(); // or it would not read the answer to its close
          if (error instanceof UserError && error.code === 'TOO_MANY_SESSIONS') {
            return webSocket.close(CloseCode.tooMany, error.code);
          }
          if (error instanceof UserError) {
            logger.error(`cannot open a session in ${match[1]}: ${error.message}`);
            return webSocket.close(CloseCode.broken, error.code);
          }
          logger.error(`cannot open a session in ${match[1]}`, error);
          webSocket.close(1011, 'internal error');
        });
      });
    },
    dispose() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  closeWith(socket, `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function keepAlive(socket: WebSocket): void {
  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, PING_MS);
  socket.once('close', () => clearInterval(timer));
}
