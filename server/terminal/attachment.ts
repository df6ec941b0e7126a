import { encodeOutput, FLOW_HIGH_BYTES, FLOW_LOW_BYTES, type ServerMessage } from '../../common/protocol.ts';
import type { Terminal } from './terminal.ts';

/** Replayed output goes out in frames of this size, so that acknowledgements come in between. */
const REPLAY_FRAME_BYTES = 32 * 1024;

export interface AttachmentOptions {
  terminal: Terminal;
  /** Number of the terminal in messages, from 1. */
  terminalNumber: number;
  /** `seq` of the last input that reached the shell. One object per terminal, shared by all its attachments. */
  input: { seq: number };
  send(message: ServerMessage): void;
  /** Takes a frame of {@link encodeOutput}. */
  sendBytes(frame: Uint8Array): void;
}

/**
 * One page's view of a terminal. It pauses the pty while the page is behind by {@link FLOW_HIGH_BYTES}; without an
 * attachment output just goes into the terminal's ring. A terminal has one at a time.
 */
export interface Attachment {
  /**
   * Sets the size, sends what the page has not drawn, and from then on all output. Call once.
   * @param offset how far the page has drawn the terminal; null for a page that has drawn nothing, which then gets
   * a snapshot, as does one that is too far behind.
   */
  open(offset: number | null, columns: number, rows: number): Promise<void>;
  /** Keys, once for each `seq`: what a page sends again after a reconnect is acknowledged and not typed. */
  input(seq: number, data: string): void;
  /** The page has drawn everything below `offset`. */
  ack(offset: number): void;
  resize(columns: number, rows: number): void;
  /** Detaches; the terminal lives on. Safe to call twice. */
  dispose(): void;
}

export function createAttachment(options: AttachmentOptions): Attachment {
  const { terminal, terminalNumber, input, send, sendBytes } = options;
  let sent = 0;
  let drawn = 0;
  let isPaused = false;
  let isDisposed = false;
  let stop: (() => void) | null = null;

  function forward(data: Uint8Array, offset: number): void {
    sendBytes(encodeOutput(terminalNumber, offset, data));
    sent = offset + data.length;
    if (isPaused || sent - drawn <= FLOW_HIGH_BYTES) return;
    isPaused = true;
    terminal.pause();
  }

  /** @returns false when the output from `offset` on is not kept any more. */
  function follow(offset: number): boolean {
    const missed = terminal.since(offset);
    if (!missed) return false;
    sent = drawn = offset;
    stop = terminal.onOutput(forward);
    for (let at = 0; at < missed.length; at += REPLAY_FRAME_BYTES) {
      forward(missed.subarray(at, at + REPLAY_FRAME_BYTES), offset + at);
    }
    return true;
  }

  return {
    async open(offset, columns, rows) {
      if (isDisposed) return;
      terminal.resize(columns, rows);
      if (offset !== null && follow(offset)) return;
      for (;;) {
        const snapshot = await terminal.snapshot();
        if (isDisposed) return;
        // A flood may have filled the whole ring while the snapshot was made; then it is too old to go on from.
        if (terminal.since(snapshot.offset) === null) continue;
        send({ type: 'terminal-snapshot', terminal: terminalNumber, ...snapshot });
        follow(snapshot.offset);
        return;
      }
    },
    input(seq, data) {
      if (isDisposed) return;
      if (seq > input.seq) {
        input.seq = seq;
        terminal.write(data);
      }
      send({ type: 'input-ack', terminal: terminalNumber, seq: input.seq });
    },
    ack(offset) {
      drawn = Math.max(drawn, Math.min(offset, sent));
      if (!isPaused || sent - drawn >= FLOW_LOW_BYTES) return;
      isPaused = false;
      terminal.resume();
    },
    resize(columns, rows) {
      if (!isDisposed) terminal.resize(columns, rows);
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      stop?.();
      if (isPaused) terminal.resume();
    },
  };
}
