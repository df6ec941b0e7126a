import type { ClientMessage, ClusterIdentity, ServerMessage } from '../../common/protocol.ts';
import { decodeOutput } from '../../common/protocol.ts';
import type { CloseReason } from './close-reason.ts';
import { closeReason } from './close-reason.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import type { WakeReason } from './wake.ts';

export type ConnectionStatus =
  | { phase: 'connecting' }
  /** The server has answered `hello`. */
  | { phase: 'open' }
  /** Lost; a new attempt follows by itself. */
  | { phase: 'reconnecting' }
  /** Ended for a reason that another attempt would meet again. */
  | { phase: 'closed'; reason: CloseReason };

export interface ConnectionDeps {
  /** Called for each attempt. A browser's WebSocket or one that looks like it. */
  openSocket(): WebSocket;
  /** Tells when waiting longer makes no sense. @returns a function that ends this */
  onWake(listener: (reason: WakeReason) => void): () => void;
  random(): number;
}

export interface ConnectionEvents {
  /** The first message of each connection. */
  hello(): ClientMessage;
  message(message: ServerMessage): void;
  output(terminal: number, offset: number, data: Uint8Array): void;
  status(status: ConnectionStatus): void;
}

export interface Connection {
  /** Sends now or not at all. @returns false when there is no connection */
  send(message: ClientMessage): boolean;
  /** Agrees to a `cluster-question`, which comes before the server's `hello`. */
  accept(cluster: ClusterIdentity | null): void;
  /** Drops what there is and connects at once, also after a final close. */
  reconnect(): void;
  /** Safe to call twice. */
  dispose(): void;
}

/**
 * One WebSocket after another, until disposed of. A message counts as sent only after the server's `hello`, so
 * nothing overtakes what that brings.
 */
export function createConnection(deps: ConnectionDeps, events: ConnectionEvents): Connection {
  let socket: WebSocket | null = null;
  let greeted = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;

  function connect(): void {
    clearTimeout(timer);
    timer = undefined;
    const opened = deps.openSocket();
    opened.binaryType = 'arraybuffer';
    socket = opened;
    greeted = false;
    // A socket that was replaced may still deliver what was under way; it no longer speaks for this connection.
    opened.addEventListener('open', () => {
      if (socket === opened) opened.send(JSON.stringify(events.hello()));
    });
    opened.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (socket === opened) receive(event.data);
    });
    opened.addEventListener('close', (event) => {
      if (socket === opened) lost(event.code);
    });
  }

  function receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const output = decodeOutput(new Uint8Array(data));
      if (output === null) throw new Error('The server sent a binary frame that is too short to be terminal output.');
      events.output(output.terminal, output.offset, output.data);
      return;
    }
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.type === 'hello') {
      greeted = true;
      failures = 0;
      events.status({ phase: 'open' });
    }
    events.message(message);
  }

  function lost(code: number): void {
    socket = null;
    greeted = false;
    const reason = closeReason(code);
    if (reason !== null) {
      events.status({ phase: 'closed', reason });
      return;
    }
    events.status({ phase: 'reconnecting' });
    timer = setTimeout(connect, reconnectDelay(failures, deps.random()));
    failures += 1;
  }

  function drop(): void {
    const old = socket;
    socket = null;
    greeted = false;
    old?.close();
  }

  const stopWaking = deps.onWake((reason) => {
    if (timer !== undefined) connect();
    // After a change of network the old socket may look open for minutes; resuming loses nothing.
    else if (reason === 'online' && socket !== null) reconnect();
  });

  function reconnect(): void {
    if (disposed) return;
    drop();
    events.status({ phase: 'reconnecting' });
    connect();
  }

  events.status({ phase: 'connecting' });
  connect();

  return {
    send(message) {
      if (socket === null || !greeted) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    accept(cluster) {
      socket?.send(JSON.stringify({ type: 'cluster-accept', cluster } satisfies ClientMessage));
    },
    reconnect,
    dispose() {
      disposed = true;
      clearTimeout(timer);
      timer = undefined;
      stopWaking();
      drop();
    },
  };
}
