import type { BlockState, CheckState } from './lesson.ts';
import type { MeshGraph } from './mesh.ts';

/**
 * Version of the messages below. Raise it whenever an old peer would misread a new one; the server then
 * closes with {@link CloseCode.upgrade} and the page offers to reload.
 */
export const PROTOCOL_VERSION = 2;

/** WebSocket close codes: 4000 + the HTTP status of the same meaning. */
export const CloseCode = {
  /** A frame could not be read. */
  badMessage: 4400,
  /** The cookie is missing or from an earlier process: reload the page. */
  unauthorized: 4401,
  notFound: 4404,
  /** Another page of this session took over. */
  takenOver: 4409,
  /** Protocol versions differ: reload the page. */
  upgrade: 4426,
  /** Too many sessions, or too many messages. */
  tooMany: 4429,
  /** The lesson cannot be started: its author has to mend it, the server's log says what. */
  broken: 4500,
} as const;

/** Bytes of terminal output that may be under way before the server pauses the pty; see `terminal-ack`. */
export const FLOW_HIGH_BYTES = 256 * 1024;
/** The server goes on below this. */
export const FLOW_LOW_BYTES = 64 * 1024;
/** The client acknowledges at least this often; must not exceed {@link FLOW_LOW_BYTES}. */
export const FLOW_ACK_BYTES = 32 * 1024;

export type ClientMessage =
  /** Always first. `terminals`: how far this page has drawn each terminal; none when the page is new. */
  | { type: 'hello'; protocolVersion: number; terminals: { terminal: number; offset: number; inputSeq: number }[] }
  /** Starts the terminal if it does not run, then sends what is missing. Size in character cells. */
  | { type: 'terminal-open'; terminal: number; columns: number; rows: number }
  /** `seq` counts messages of one terminal from 1; the server drops what it had before. */
  | { type: 'terminal-input'; terminal: number; seq: number; data: string }
  | { type: 'terminal-resize'; terminal: number; columns: number; rows: number }
  /** Everything below `offset` is on the screen. */
  | { type: 'terminal-ack'; terminal: number; offset: number }
  /** A new shell in a terminal whose shell has ended. */
  | { type: 'terminal-restart'; terminal: number }
  /** Ctrl-C. */
  | { type: 'terminal-interrupt'; terminal: number }
  /** `interrupt`: end the command that still runs first. */
  | { type: 'block-run'; block: string; interrupt: boolean }
  | { type: 'check-run'; check: string }
  /** The step that the learner looks at: where the same command stands in several, this one's counts. */
  | { type: 'step-shown'; step: string }
  /** The learner looks at the mesh: it is sent, and again whenever it changes, until `mesh-unwatch`. 5 to 600 seconds. */
  | { type: 'mesh-watch'; windowSeconds: number }
  | { type: 'mesh-unwatch' }
  /** The learner agrees to what `cluster-question` named; null looks for a cluster again. */
  | { type: 'cluster-accept'; cluster: ClusterIdentity | null }
  /** A new home, cluster and terminals; results are forgotten. */
  | { type: 'session-restart' };

/** A cluster that is not Taller's own. */
export interface ClusterIdentity {
  /** URL of the API server. */
  server: string;
  /** Names in the kubeconfig. */
  context: string;
  user: string;
}

export type ServerMessage =
  /**
   * In place of the answer to `hello`, which follows once `cluster-accept` has come: the lesson works on this cluster,
   * and nothing happens there before. `cluster` is null when there is none; `problem` says why it could not be used
   * (English, as everything from the tools of a cluster). Asked once per learner and lesson.
   */
  | { type: 'cluster-question'; cluster: ClusterIdentity | null; problem: string | null }
  /** Answer to `hello`: all the state there is. Keys are block ids and check names. */
  | {
      type: 'hello';
      protocolVersion: number;
      sessionId: string;
      /** Label of the cluster's ingress, for {@link ingressUrl}. */
      ingress: string;
      blocks: Record<string, BlockState>;
      checks: Record<string, CheckState>;
      /** What has passed once, blocks by id and checks as {@link doneCheck}: running `create` again is no step back. */
      done: string[];
      terminals: TerminalState[];
      /** What the author has to mend in the lesson as it is on disk now; only with `serve --watch`. */
      problems: LessonProblem[];
    }
  /** The author has saved the lesson: fetch its text again. `stale`: its cluster or files are from before. */
  | {
      type: 'lesson-changed';
      blocks: Record<string, BlockState>;
      checks: Record<string, CheckState>;
      done: string[];
      problems: LessonProblem[];
      stale: boolean;
    }
  /** Replaces the screen: reset it, size it, write `data`; the next output starts at `offset`. */
  | { type: 'terminal-snapshot'; terminal: number; offset: number; columns: number; rows: number; data: string }
  | { type: 'terminal-state'; state: TerminalState }
  /** Input up to `seq` has reached the shell. */
  | { type: 'input-ack'; terminal: number; seq: number }
  | { type: 'block-state'; block: string; state: BlockState }
  /** The block was not run. `busy`: a command still runs in its terminal, ask whether to interrupt it. */
  | { type: 'block-refused'; block: string; reason: 'busy' | 'shell-ended' | 'not-interruptible' }
  | { type: 'check-state'; check: string; state: CheckState }
  /** Answer to `mesh-watch`. Null where the cluster has no mesh. */
  | { type: 'mesh'; graph: MeshGraph | null }
  /** The session was made anew: forget terminals and results, then open the terminals again. */
  | { type: 'session-restarted'; ingress: string };

/** Something an author has to mend. */
export interface LessonProblem {
  /** Path below the lesson's folder. */
  file: string;
  /** From 1. */
  line: number;
  /** English, as everything for authors. */
  message: string;
}

/** Terminal output travels in binary frames, see {@link encodeOutput}; everything else is JSON text. */
export interface TerminalState {
  /** From 1. */
  terminal: number;
  /** `ended`: the shell is gone, `exitCode` says how. */
  activity: 'starting' | 'prompt' | 'running' | 'ended';
  exitCode: number | null;
  /** `seq` of the last input that reached the shell. */
  inputSeq: number;
}

const OUTPUT_HEADER_BYTES = 10;

/**
 * A frame of terminal output: uint16 terminal, float64 offset of the first byte (both big-endian), then the
 * bytes as the pty gave them. Offsets count bytes since the terminal started.
 */
export function encodeOutput(terminal: number, offset: number, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(OUTPUT_HEADER_BYTES + data.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, terminal);
  view.setFloat64(2, offset);
  frame.set(data, OUTPUT_HEADER_BYTES);
  return frame;
}

/** @returns null when the frame is too short to be one. */
export function decodeOutput(frame: Uint8Array): { terminal: number; offset: number; data: Uint8Array } | null {
  if (frame.length < OUTPUT_HEADER_BYTES) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return { terminal: view.getUint16(0), offset: view.getFloat64(2), data: frame.subarray(OUTPUT_HEADER_BYTES) };
}

/** A check in the list of what has passed once. */
export function doneCheck(name: string): string {
  return `check:${name}`;
}
