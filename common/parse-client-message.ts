import type { ClientMessage, ClusterIdentity } from './protocol.ts';

/** No message holds a longer string: a paste is sent in pieces. UTF-16 units. */
export const MAX_INPUT_LENGTH = 16 * 1024;

const MAX_CELLS = 1000;
const MAX_TERMINALS = 9;

/**
 * Reads what came over the network.
 * @param text one text frame.
 * @returns null for anything that is not a message of this protocol version; the socket is then closed.
 */
export function parseClientMessage(text: string): ClientMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // not JSON: the caller closes the connection
  }
  return isRecord(value) ? readMessage(value) : null;
}

function readMessage(value: Record<string, unknown>): ClientMessage | null {
  const { type, terminal } = value;
  switch (type) {
    case 'hello': {
      const { protocolVersion, terminals } = value;
      // A hello of another version may look different in everything else, but not in this.
      if (!isCount(protocolVersion)) return null;
      if (!Array.isArray(terminals) || terminals.length > MAX_TERMINALS || !terminals.every(isDrawn)) return null;
      return { type, protocolVersion, terminals };
    }
    case 'terminal-open':
    case 'terminal-resize': {
      const { columns, rows } = value;
      return isTerminal(terminal) && isCells(columns) && isCells(rows) ? { type, terminal, columns, rows } : null;
    }
    case 'terminal-input': {
      const { seq, data } = value;
      if (!isTerminal(terminal) || !isCount(seq) || !isText(data, MAX_INPUT_LENGTH)) return null;
      return { type, terminal, seq, data };
    }
    case 'terminal-ack': {
      const { offset } = value;
      return isTerminal(terminal) && isCount(offset) ? { type, terminal, offset } : null;
    }
    case 'terminal-restart':
    case 'terminal-interrupt':
      return isTerminal(terminal) ? { type, terminal } : null;
    case 'block-run': {
      const { block, interrupt } = value;
      return isText(block, 100) && typeof interrupt === 'boolean' ? { type, block, interrupt } : null;
    }
    case 'check-run':
      return isText(value.check, 100) ? { type, check: value.check } : null;
    case 'step-shown':
      return isText(value.step, 100) ? { type, step: value.step } : null;
    case 'mesh-watch': {
      const { windowSeconds } = value;
      return isCount(windowSeconds) && windowSeconds >= 5 && windowSeconds <= 600 ? { type, windowSeconds } : null;
    }
    case 'cluster-accept': {
      const { cluster } = value;
      if (cluster === null) return { type, cluster };
      if (!isClusterIdentity(cluster)) return null;
      const { server, context, user } = cluster;
      return { type, cluster: { server, context, user } };
    }
    case 'mesh-unwatch':
    case 'session-restart':
      return { type };
    default:
      return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isClusterIdentity(value: unknown): value is ClusterIdentity {
  return isRecord(value) && [value.server, value.context, value.user].every((each) => isText(each, 2000));
}

function isDrawn(value: unknown): value is { terminal: number; offset: number; inputSeq: number } {
  return isRecord(value) && isTerminal(value.terminal) && isCount(value.offset) && isCount(value.inputSeq);
}

function isTerminal(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MAX_TERMINALS;
}

function isCells(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MAX_CELLS;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength;
}
