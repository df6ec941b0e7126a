import type { Token } from 'marked';
import type { ExpectedOutput } from '../../common/lesson.ts';
import type { FenceAction } from './fence-options.ts';
import type { ParsedCheck } from './parse-check.ts';

/** A lesson's text in one language, taken apart but not yet rendered. */
export interface ParsedText {
  /** The `#` heading, null when there is none. */
  title: { text: string; line: number } | null;
  intro: Token[];
  steps: ParsedStep[];
  /** What stands in the place of a fence: the block with this id, or nothing when it belongs to the block before. */
  places: Map<Token, string | null>;
  /** In the order of the text, with the line of each. */
  images: { href: string; alt: string; line: number }[];
  /** Output fences without a command to belong to; each is reported. `step` counts from 1. */
  strays: (ParsedRun['outputs'][number] & { step: number })[];
  /** Lines with a mistake. Comparing what stands there with another language would report it twice. */
  brokenLines: Set<number>;
}

export interface ParsedStep {
  title: string;
  line: number;
  tokens: Token[];
  blocks: ParsedBlock[];
}

export type ParsedBlock = ParsedRun | ParsedCheckBlock | ParsedHint;

/** Where a fence stands: its opening line, and the last line of its content. */
export interface Span {
  line: number;
  endLine: number;
}

export interface ParsedRun extends Span {
  kind: 'run';
  id: string;
  command: string;
  options: Extract<FenceAction, { kind: 'run' }>;
  outputs: (ExpectedOutput & Span & { exit: number | null })[];
  hint: (Span & { text: string }) | null;
}

export interface ParsedCheckBlock extends Span {
  kind: 'check';
  id: string;
  name: string;
  /** Null when it could not be read. */
  check: ParsedCheck | null;
}

export interface ParsedHint extends Span {
  kind: 'hint';
  id: string;
  text: string;
}
