const SEQUENCE_START = '\x1b[?';
const RESET = '\x1bc';
/** Longer sequences than this do not set modes. */
const LONGEST_SEQUENCE = 32;
/** As `\x1b[?1049h` and `\x1b[?1002;1006l`, or a full reset. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what this looks for
const SEQUENCES = /\x1b(?:c|\[\?([\d;]{1,28})([hl]))/g;
/** A sequence that the end of the text cuts off. */
// oxlint-disable-next-line no-control-regex -- see above
const CUT_OFF = /\x1b(?:\[(?:\?[\d;]{0,28})?)?$/;

/** DEC private modes (`\x1b[?…h`, `\x1b[?…l`) that output has set: alternate screen, mouse, cursor and the like. */
export class PrivateModes {
  readonly #modes: Map<string, boolean>;
  #rest: string;

  constructor(before?: PrivateModes) {
    this.#modes = new Map(before ? before.#modes : []);
    this.#rest = before ? before.#rest : '';
  }

  scan(output: Uint8Array): void {
    const bytes = Buffer.from(output.buffer, output.byteOffset, output.length);
    const rest = this.#rest;
    if (rest || bytes.includes(SEQUENCE_START) || bytes.includes(RESET)) this.#read(rest + bytes.toString('latin1'));
    const end = rest + bytes.toString('latin1', Math.max(0, bytes.length - LONGEST_SEQUENCE));
    this.#rest = CUT_OFF.exec(end)?.[0] ?? '';
  }

  isSet(mode: string): boolean | undefined {
    return this.#modes.get(mode);
  }

  /** Sets all the modes again in a new terminal. */
  sequence(): string {
    return [...this.#modes].map(([mode, isOn]) => `\x1b[?${mode}${isOn ? 'h' : 'l'}`).join('');
  }

  #read(text: string): void {
    for (const [, modes, action] of text.matchAll(SEQUENCES)) {
      if (modes === undefined) this.#modes.clear();
      else for (const mode of modes.split(';')) if (mode) this.#modes.set(mode, action === 'h');
    }
  }
}
