import { ShellSyntaxError } from './syntax-error.ts';

/** Characters that aliases may bring into one source; more is an alias that multiplies itself by others. */
const MAX_CHARACTERS = 64 * 1024;

/**
 * Which texts of aliases a source is being read in, since a name does not stand for its alias inside of the alias's
 * own text (POSIX, shell command language, 2.3.1).
 *
 * A text is known by how much of the source is left behind it, which does not change when others are put into it.
 */
export class AliasTexts {
  readonly #open: { name: string; behind: number }[] = [];
  /** Characters that may still come, into this source and those that are taken out of it. */
  readonly #budget: { left: number };

  constructor(budget = { left: MAX_CHARACTERS }) {
    this.#budget = budget;
  }

  /** For a text that is taken out of the source. */
  forText(): AliasTexts {
    return new AliasTexts(this.#budget);
  }

  /**
   * Whether a word with `left` characters from it to the source's end stands in the text of its own alias. Asked of each
   * word that has one, in their order: texts that end before it are forgotten, since others may grow behind them.
   */
  isWithin(name: string, left: number): boolean {
    while ((this.#open.at(-1)?.behind ?? -1) >= left) this.#open.pop();
    return this.#open.some((one) => one.name === name);
  }

  /**
   * @param behind characters of the source behind the text
   * @throws ShellSyntaxError when the aliases of a source have become too much text
   */
  add(name: string, text: string, behind: number, line: number): void {
    // What an empty alias costs is its turn.
    this.#budget.left -= text.length + 1;
    if (this.#budget.left < 0) {
      throw new ShellSyntaxError({ kind: 'not-simulated', what: 'aliases of as much text as this' }, line);
    }
    this.#open.push({ name, behind });
  }
}
