import { relative } from 'node:path';
import type { Locale } from '../../common/locale.ts';
import type { Problem } from '../lessons/definition.ts';

/** One lesson in one language. `blocks` and `checks` count what the text holds, `passed` and `failed` what was run. */
export interface LessonReport {
  id: string;
  locale: Locale;
  /** Its text, as the author would type the path. */
  file: string;
  steps: number;
  blocks: number;
  checks: number;
  passed: number;
  failed: number;
  problems: Problem[];
  results: ResultReport[];
  /** How long it took, its start included; to the millisecond. */
  seconds: number;
}

/** One block or check. */
export interface ResultReport {
  /** Title of its step. */
  step: string;
  /** The command's first line, or `check NAME`. */
  label: string;
  /** From 1, in the text of the report's language. */
  line: number;
  /** Null when it passed. */
  failure: string | null;
  seconds: number;
}

/** How the checks of one lesson stood up to being put to the test. */
export interface ProofReport {
  id: string;
  /** Wrong states that the checks had to refuse, and how many they did: the lesson's score. */
  wrongStates: { refused: number; of: number };
  /** Other right ways that the author lists, and how many passed. */
  ways: { passed: number; of: number };
  /** What must be mended. */
  problems: Problem[];
  /** Wrong fields that no check of the stage refused. They lower the score and fail nothing. */
  survivors: Problem[];
  attempts: { kind: string; check: string; label: string; problem: string | null }[];
  /** Why stages were left out; null when all were put to the test. */
  skipped: string | null;
  seconds: number;
}

/** What `--json` writes. Problems of text and of proofs count as failed. */
export interface CheckReport {
  lessons: LessonReport[];
  proofs: ProofReport[];
  /** Problems in files of lessons that cannot be read at all. */
  problems: Problem[];
  passed: number;
  failed: number;
  /** Less than the sum of those of the lessons, which are checked beside each other. */
  seconds: number;
}

/** Paths as the author would type them. */
export function relativeProblem(problem: Problem): Problem {
  const short = relative(process.cwd(), problem.file);
  return { ...problem, file: short.startsWith('..') ? problem.file : short };
}

export function formatProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}

/** `58 of 60 wrong states refused, 6 of 6 other ways accepted`. */
export function formatScore({ wrongStates, ways }: ProofReport): string {
  const refused = `${wrongStates.refused} of ${wrongStates.of} wrong states refused`;
  return ways.of === 0 ? refused : `${refused}, ${ways.passed} of ${ways.of} other ways accepted`;
}

/** @returns gives the seconds since the call, to the millisecond. */
export function startWatch(): () => number {
  const start = performance.now();
  return () => Math.round(performance.now() - start) / 1000;
}
