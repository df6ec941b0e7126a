import { MAX_INPUT_LENGTH } from '../../common/parse-client-message.ts';

export interface InputPiece {
  /** From 1, without gaps, per terminal. */
  seq: number;
  data: string;
}

/**
 * Keys that the shell may not have received yet. They are kept until the server says so and sent again after a
 * reconnect; the server tells by `seq` what it had before.
 */
export interface PendingInput {
  /** Highest `seq` that is known to have reached the shell. */
  readonly acknowledged: number;
  /** @returns the pieces to send, in order */
  add(data: string): InputPiece[];
  acknowledge(seq: number): void;
  /** What to send again, in order. */
  unacknowledged(): InputPiece[];
  /** Gives up what has not been acknowledged. Its numbers are not used again: the server may have seen them. */
  discard(): void;
  /** Forgets everything and counts from 1 again. */
  restart(): void;
}

export function createPendingInput(): PendingInput {
  let pieces: InputPiece[] = [];
  let lastSeq = 0;
  let acknowledged = 0;

  return {
    get acknowledged() {
      return acknowledged;
    },
    add(data) {
      const added = cut(data).map((piece) => ({ seq: ++lastSeq, data: piece }));
      pieces.push(...added);
      return added;
    },
    acknowledge(seq) {
      acknowledged = Math.max(acknowledged, seq);
      // Another page of the session may have typed meanwhile; what comes next has to count on from there.
      lastSeq = Math.max(lastSeq, seq);
      pieces = pieces.filter((piece) => piece.seq > acknowledged);
    },
    unacknowledged: () => [...pieces],
    discard() {
      pieces = [];
    },
    restart() {
      pieces = [];
      lastSeq = 0;
      acknowledged = 0;
    },
  };
}

function cut(data: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < data.length) {
    let end = Math.min(start + MAX_INPUT_LENGTH, data.length);
    // Half a surrogate pair does not survive UTF-8.
    if (end < data.length && isHighSurrogate(data.charCodeAt(end - 1))) end -= 1;
    pieces.push(data.slice(start, end));
    start = end;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
