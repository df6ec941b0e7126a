import type { ClientMessage } from '../../common/protocol.ts';
import { FLOW_ACK_BYTES } from '../../common/protocol.ts';
import { createPendingInput } from './pending-input.ts';
import { isTerminalReply } from './terminal-reply.ts';

/** Quiet time after which output is acknowledged that did not fill a window. Milliseconds. */
const IDLE_ACK_MS = 100;

/** Where the output is drawn: xterm in the page, a headless one in tests. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** `drawn` is called when everything up to and including `data` has been read. */
  write(data: Uint8Array | string, drawn: () => void): void;
  resize(columns: number, rows: number): void;
  /** Takes the size of its place on the page again. */
  fit(): void;
}

/** How far a terminal has been drawn, as `hello` tells the server. */
export interface Position {
  terminal: number;
  offset: number;
  inputSeq: number;
}

/** The traffic of one terminal: draws each byte of output once, and brings each key to the shell once. */
export interface TerminalFeed {
  readonly terminal: number;
  /** Null before anything has been drawn. */
  position(): Position | null;
  /**
   * Asks the server for the terminal, then sends what it has not received.
   *
   * @param inputSeq last input that the server has, 0 for a terminal that it does not know yet
   */
  open(inputSeq: number): void;
  output(offset: number, data: Uint8Array): void;
  snapshot(snapshot: { offset: number; columns: number; rows: number; data: string }): void;
  /** What xterm wants to say: keys, pasted text, and replies to programs. */
  input(data: string): void;
  resized(): void;
  acknowledgeInput(seq: number): void;
  /** Another page goes on: keys that have not arrived are given up, and what is drawn here is out of date. */
  abandon(): void;
  /** Empties the screen for a shell whose output starts anew. */
  clear(): void;
  /** The session was made anew: nothing of this terminal is left on the server. */
  reset(): void;
  /** Safe to call twice. */
  dispose(): void;
}

export interface FeedDeps {
  terminal: number;
  screen: Screen;
  /** May be called without a connection; what must arrive is sent again by `open`. */
  send(message: ClientMessage): void;
  /** Output is missing between what was drawn and what came. */
  gap(): void;
}

export function createTerminalFeed({ terminal, screen, send, gap }: FeedDeps): TerminalFeed {
  const pending = createPendingInput();
  /** Offset behind the last byte handed to the screen; null when the screen shows nothing of the terminal. */
  let received: number | null = null;
  let drawn = 0;
  let acknowledged = 0;
  let snapshotsUnderWay = 0;
  /** Raised by `reset`: what was written before no longer counts. */
  let generation = 0;
  let opened = false;
  let idle: ReturnType<typeof setTimeout> | undefined;

  function write(data: Uint8Array | string, end: number, done: () => void): void {
    const startedIn = generation;
    screen.write(data, () => {
      done();
      if (startedIn !== generation) return;
      drawn = end;
      if (drawn - acknowledged >= FLOW_ACK_BYTES) acknowledge();
      else idle ??= setTimeout(acknowledge, IDLE_ACK_MS);
    });
  }

  function acknowledge(): void {
    clearTimeout(idle);
    idle = undefined;
    acknowledged = drawn;
    send({ type: 'terminal-ack', terminal, offset: drawn });
  }

  function sendInput(pieces: { seq: number; data: string }[]): void {
    for (const { seq, data } of pieces) send({ type: 'terminal-input', terminal, seq, data });
  }

  function size(): { columns: number; rows: number } {
    return { columns: screen.columns, rows: screen.rows };
  }

  function clear(): void {
    generation += 1;
    clearTimeout(idle);
    idle = undefined;
    received = null;
    drawn = 0;
    acknowledged = 0;
    pending.discard();
    screen.write('\x1bc', () => {});
  }

  return {
    terminal,
    position: () => (received === null ? null : { terminal, offset: received, inputSeq: pending.acknowledged }),
    open(inputSeq) {
      opened = true;
      pending.acknowledge(inputSeq);
      send({ type: 'terminal-open', terminal, ...size() });
      sendInput(pending.unacknowledged());
    },
    output(offset, data) {
      const start = received ?? offset;
      if (offset > start) {
        received = null;
        gap();
        return;
      }
      const fresh = data.subarray(start - offset);
      received = start + fresh.length;
      if (fresh.length > 0) write(fresh, received, () => {});
    },
    snapshot({ offset, columns, rows, data }) {
      snapshotsUnderWay += 1;
      received = offset;
      acknowledged = offset;
      screen.resize(columns, rows);
      // RIS inside the stream empties the screen after what is still to be parsed; calling reset() would come before.
      write(`\x1bc${data}`, offset, () => {
        snapshotsUnderWay -= 1;
        if (snapshotsUnderWay === 0) screen.fit();
      });
    },
    input(data) {
      // The program that asked has had its answer long ago; a second one would appear as typed text.
      if (snapshotsUnderWay > 0 && isTerminalReply(data)) return;
      sendInput(pending.add(data));
    },
    resized() {
      if (opened && snapshotsUnderWay === 0) send({ type: 'terminal-resize', terminal, ...size() });
    },
    acknowledgeInput: (seq) => pending.acknowledge(seq),
    abandon() {
      pending.discard();
      received = null;
    },
    clear,
    reset() {
      clear();
      pending.restart();
    },
    dispose() {
      clearTimeout(idle);
      idle = undefined;
      generation += 1;
    },
  };
}
