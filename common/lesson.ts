import type { Locale } from './locale.ts';
import type { MeshVerdict } from './mesh.ts';

/** What a list of lessons shows of one. */
export interface LessonSummary {
  /** Name of the lesson's folder, `[a-z0-9-]+`. */
  id: string;
  title: string;
  /** One or two sentences, plain text. */
  summary: string;
  /** Estimated time, 1 to 480. */
  minutes: number;
  level: LessonLevel;
  stepCount: number;
  /** The command that it teaches: `oc` where its cluster is an OpenShift cluster. */
  tool: 'kubectl' | 'oc';
  /** Its release of Istio, such as `1.4`, when it is not today's; else null. */
  istio: string | null;
}

/** A lesson in the list of all. */
export interface ListedLesson extends LessonSummary {
  /** Its place in a course, from 1; null for a lesson that stands alone. */
  position: number | null;
}

export const LESSON_LEVELS = ['beginner', 'intermediate', 'advanced'] as const;
export type LessonLevel = (typeof LESSON_LEVELS)[number];

/** One lesson in one language, ready to be shown. */
export interface Lesson extends LessonSummary {
  locale: Locale;
  /** What stands before the first `##`, rendered; may be empty. Unsanitised: see {@link Step.html}. */
  introHtml: string;
  steps: Step[];
  /** The lesson that follows, `available: false` while it does not exist; null at the end of a course. */
  next: { id: string; title: string; available: boolean } | null;
}

export interface Step {
  /** `step-1`, `step-2` …, the same in every language. */
  id: string;
  title: string;
  /**
   * The step's Markdown as HTML, its blocks replaced by `<div data-block="ID"></div>`.
   * It may still hold raw HTML of the author: whoever puts it into a document sanitises it there.
   */
  html: string;
  /** In the order of the text. */
  blocks: Block[];
}

export type Block = RunBlock | CheckBlock | HintBlock;

/** A command that runs with a click. */
export interface RunBlock {
  kind: 'run';
  /** `1-1`, `1-2` …: step and position, the same in every language. */
  id: string;
  /** One or more lines, without a final newline. */
  command: string;
  /** Number of the terminal that it runs in, from 1. */
  terminal: number;
  /** Whether Ctrl-C is sent to that terminal first. */
  interrupt: boolean;
  /** How long the command may take before it counts as failed. Milliseconds. */
  timeoutMs: number;
  /** Exit status that counts as success. */
  exit: number;
  /** What the command should print, in the author's notation; empty when anything will do. */
  outputs: ExpectedOutput[];
  /** The hint that follows the block, as HTML (unsanitised); null when there is none. */
  hintHtml: string | null;
}

export interface ExpectedOutput {
  /** The lines as the author wrote them, holes and `...` included. */
  text: string;
  /** `in-order`: these lines in this order. `any-order`: all of them. `not`: none of them. */
  mode: 'in-order' | 'any-order' | 'not';
}

/** Something that must be true at the end of a stage, whatever way the learner took. */
export interface CheckBlock {
  kind: 'check';
  /** Position as in {@link RunBlock.id}. */
  id: string;
  /** The word behind `check`, unique in the lesson. */
  name: string;
  /** What must be true, in the learner's words, code between backticks; null when the author has not said it. */
  goal: string | null;
  /** What is looked at: `PeerAuthentication default -n istio-system`, or a command of one or more lines. */
  subject: string;
  /** Hints by the clause that failed, as HTML (unsanitised). See {@link ClauseFailure.clause}. */
  hintsHtml: Record<string, string>;
}

/** A hint that stands alone and folds open. */
export interface HintBlock {
  kind: 'hint';
  id: string;
  html: string;
}

/** What became of a run block. `verdicts`: what the mesh refused or failed meanwhile, left out when there is nothing. */
export type BlockState =
  | { status: 'idle' }
  | { status: 'running' }
  /** `running`: the output matched and the command goes on, as `get -w` does. */
  | { status: 'passed'; how: RunOrigin; running: boolean; verdicts?: MeshVerdict[] }
  | { status: 'failed'; how: RunOrigin; failure: RunFailure; verdicts?: MeshVerdict[] };

/** `typed` when the learner entered the command by hand. */
export type RunOrigin = 'clicked' | 'typed';

export type RunFailure =
  /** The command ended; its output or its exit status differs. `exit` is null when the status was right. */
  | { reason: 'different'; lines: ComparedLine[]; exit: { expected: number; actual: number } | null }
  /** Bash cannot read the command; `message` is bash's own. */
  | { reason: 'syntax'; message: string }
  /** Still running after `timeoutMs`, what was printed so far compared. */
  | { reason: 'timeout'; timeoutMs: number; lines: ComparedLine[] }
  | { reason: 'interrupted' }
  /** The shell itself ended while the block ran. */
  | { reason: 'shell-ended' };

/** A line of a comparison, in reading order. Texts are normalised: no ANSI, no trailing blanks. */
export type ComparedLine =
  | { kind: 'same'; text: string }
  /** Expected in the author's notation, and the nearest line that came instead. */
  | { kind: 'different'; expected: string; actual: string }
  | { kind: 'missing'; expected: string }
  | { kind: 'unexpected'; actual: string }
  /** Lines that `...` stands for. */
  | { kind: 'elided'; count: number };

/** What became of a check. `verdicts` as in {@link BlockState}. */
export type CheckState =
  | { status: 'idle' }
  /** `failures`: what does not hold yet, once that has lasted; a check may wait for it to become true. */
  | { status: 'running'; failures?: ClauseFailure[] }
  | { status: 'passed'; verdicts?: MeshVerdict[] }
  | { status: 'failed'; failures: ClauseFailure[]; verdicts?: MeshVerdict[] };

/**
 * A clause of a check that does not hold. `clause` is the key under which an author puts the hint for it:
 * `missing`, the path of a field, `exit`, `lines`, `json` or `timeout`.
 */
export type ClauseFailure =
  | { kind: 'object-missing'; clause: 'missing'; subject: string }
  | { kind: 'object-present'; clause: 'present'; subject: string }
  /** `actual` is null when the field is absent. Values are written as YAML flow text. */
  | { kind: 'field'; clause: string; path: string; expected: string; actual: string | null }
  | { kind: 'exit'; clause: 'exit'; expected: number; actual: number }
  | { kind: 'lines'; clause: 'lines'; lines: ComparedLine[] }
  | { kind: 'json'; clause: 'json'; path: string; operator: string; expected: string; actual: string | null }
  | { kind: 'timeout'; clause: 'timeout'; timeoutMs: number }
  /** The check could not run: `message` says why, in English, for the author. */
  | { kind: 'error'; clause: 'error'; message: string };
