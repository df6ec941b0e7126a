import type { WebSocket } from 'ws';
import { parseClientMessage } from '../../common/parse-client-message.ts';
import { CloseCode, PROTOCOL_VERSION, type ClientMessage, type ServerMessage } from '../../common/protocol.ts';
import { UserError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Session } from '../session/session.ts';
import { createAttachment, type Attachment } from '../terminal/attachment.ts';
import { createMeshFeed } from '../session/mesh-feed.ts';
import { createRateLimit } from './rate-limit.ts';

/** Ctrl-C from a button: a message, because a key would wait behind a block that is being typed. */
const INTERRUPT_TIMEOUT_MS = 3_000;

/** One page that shows a session: its messages in, the session's out, and an attachment per terminal. */
export function connect(socket: WebSocket, session: Session, logger: Logger): void {
  const attachments = new Map<number, Attachment>();
  /** How far this page had drawn each terminal when it came. */
  const drawn = new Map<number, number>();
  const sizes = new Map<number, { columns: number; rows: number }>();
  const limit = createRateLimit();
  let greeted = false;

  const send = (message: ServerMessage) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const sendBytes = (frame: Uint8Array) => {
    if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true });
  };
  const mesh = createMeshFeed((windowSeconds) => session.environment.meshGraph(windowSeconds), send);
  const detachAll = () => {
    for (const attachment of attachments.values()) attachment.dispose();
    attachments.clear();
  };
  const stop = session.onMessage((message) => {
    if (message.type === 'session-restarted') detachAll();
    if (greeted) send(message);
  });
  socket.once('close', () => {
    stop();
    mesh.stop();
    detachAll();
  });

  const attach = (number: number): Attachment | undefined => {
    const terminal = session.terminal(number);
    if (!terminal) return undefined;
    attachments.get(number)?.dispose();
    const attachment = createAttachment({
      terminal: terminal.pty,
      terminalNumber: number,
      input: terminal.input,
      send,
      sendBytes,
    });
    attachments.set(number, attachment);
    send({ type: 'terminal-state', state: terminal.state() });
    return attachment;
  };

  const handle = async (message: ClientMessage): Promise<void> => {
    switch (message.type) {
      case 'hello':
        greeted = true;
        for (const { terminal, offset } of message.terminals) drawn.set(terminal, offset);
        return send({
          type: 'hello',
          protocolVersion: PROTOCOL_VERSION,
          sessionId: session.id,
          ...session.state(),
        });
      case 'terminal-open': {
        const offset = drawn.get(message.terminal) ?? null;
        drawn.delete(message.terminal);
        sizes.set(message.terminal, message);
        return attach(message.terminal)?.open(offset, message.columns, message.rows);
      }
      case 'terminal-input':
        return attachments.get(message.terminal)?.input(message.seq, message.data);
      case 'terminal-resize':
        sizes.set(message.terminal, message);
        return attachments.get(message.terminal)?.resize(message.columns, message.rows);
      case 'terminal-ack':
        return attachments.get(message.terminal)?.ack(message.offset);
      case 'terminal-restart': {
        const size = sizes.get(message.terminal);
        // The page has emptied its screen: the new shell's output is its own from the first byte.
        if (!session.restartTerminal(message.terminal) || !size) return;
        return attach(message.terminal)?.open(0, size.columns, size.rows);
      }
      case 'terminal-interrupt':
        return void (await session.terminal(message.terminal)?.pty.interrupt(INTERRUPT_TIMEOUT_MS));
      case 'block-run': {
        const start = await session.runBlock(message.block, message);
        if (start.started || start.reason === 'unknown') return;
        return send({ type: 'block-refused', block: message.block, reason: start.reason });
      }
      case 'check-run':
        return void (await session.runCheck(message.check));
      case 'step-shown':
        return session.showStep(message.step);
      case 'mesh-watch':
        return mesh.watch(message.windowSeconds);
      case 'mesh-unwatch':
        return mesh.stop();
      case 'cluster-accept':
        return; // a second click on a question that was answered
      case 'session-restart':
        drawn.clear();
        return session.restart();
      default:
        return message satisfies never;
    }
  };

  socket.on('message', (data: Buffer, isBinary) => {
    if (!limit.take()) return socket.close(CloseCode.tooMany, 'too many messages');
    const message = isBinary ? null : parseClientMessage(data.toString('utf8'));
    if (!message || greeted === (message.type === 'hello')) {
      return socket.close(CloseCode.badMessage, 'cannot read this message');
    }
    if (message.type === 'hello' && message.protocolVersion !== PROTOCOL_VERSION) {
      return socket.close(CloseCode.upgrade, 'reload the page');
    }
    handle(message).catch((error: unknown) => {
      if (error instanceof UserError) logger.error(`cannot handle ${message.type}: ${error.message}`);
      else logger.error(`cannot handle ${message.type}`, error);
      socket.close(1011, 'internal error');
    });
  });
}
