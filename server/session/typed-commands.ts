import type { RunBlock } from '../../common/lesson.ts';
import { isSameCommand } from '../lessons/same-command.ts';

/** A block of as many commands as this is still recognised when its lines are typed one by one. */
const REMEMBERED_COMMANDS = 20;

/**
 * Recognises blocks in what a learner types. One per terminal.
 *
 * Bash tells each command apart, so a block of three commands arrives as three; the last one completes it.
 */
export class TypedCommands {
  #recent: { text: string; output: string }[] = [];

  /**
   * The blocks that `text` completes, alone or with the commands before it, and what those had printed.
   * Several blocks can hold the same command: the caller chooses.
   */
  match(text: string, blocks: readonly RunBlock[]): { block: RunBlock; earlierOutput: string }[] {
    const found: { block: RunBlock; earlierOutput: string }[] = [];
    let joined = text;
    let earlierOutput = '';
    for (let taken = 0; ; taken++) {
      for (const block of blocks) {
        if (isSameCommand(joined, block.command)) found.push({ block, earlierOutput });
      }
      const earlier = this.#recent[this.#recent.length - 1 - taken];
      if (!earlier) return found;
      joined = `${earlier.text}\n${joined}`;
      earlierOutput = earlier.output + earlierOutput;
    }
  }

  finished(text: string, output: string): void {
    this.#recent.push({ text, output });
    if (this.#recent.length > REMEMBERED_COMMANDS) this.#recent.shift();
  }
}
