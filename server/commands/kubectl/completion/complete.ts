import type { CommandEntry } from '../command.ts';
import type { Io } from '../io.ts';
import { findCandidates } from './candidates.ts';

/** Cobra's directives: bits behind the last colon. */
const NO_SPACE = 2;
const NO_FILES = 4;

/**
 * The hidden `__complete`: a candidate per line, a tab and what it is, then a directive. As cobra prints it, so that a
 * script made for the real one can ask it too. Whatever goes wrong is no candidate: nothing may be printed into the
 * line that a learner is typing.
 */
export async function complete(entries: readonly CommandEntry[], words: readonly string[], io: Io): Promise<number> {
  let lines: string[] = [];
  let directive = NO_FILES;
  try {
    const candidates = await findCandidates(entries, words, io);
    lines = candidates.map(({ text, description }) => (description ? `${text}\t${description}` : text));
    if (candidates.length > 0 && candidates.every(({ text }) => /[=/]$/.test(text))) directive |= NO_SPACE;
    // Only -f and its like want files.
    if (/^(-f|--filename|-k|--kustomize|--kubeconfig|--from-file)$/.test(words.at(-2) ?? '')) directive = 0;
  } catch {
    lines = [];
  }
  io.stdout.write(`${[...lines, `:${directive}`].join('\n')}\n`);
  return 0;
}
