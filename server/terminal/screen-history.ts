import { completePrefix } from './complete-prefix.ts';
import { PrivateModes } from './private-modes.ts';
import { ReplayBuffer } from './replay-buffer.ts';
import { renderScreen, type SizedOutput } from './screen-snapshot.ts';

const NEWLINE = 0x0a;
const ESC = 0x1b;

/** The output of a terminal as far as it is kept, and what it takes to make a screen of it. */
export class ScreenHistory {
  readonly #output: ReplayBuffer;
  /** As they were set where the kept output begins. */
  readonly #modes = new PrivateModes();
  /** By the offset from which they hold; the first covers the beginning of what is kept. */
  #sizes: { offset: number; columns: number; rows: number }[];

  constructor(keptBytes: number, columns: number, rows: number) {
    this.#output = new ReplayBuffer(keptBytes, (dropped) => this.#modes.scan(dropped));
    this.#sizes = [{ offset: 0, columns, rows }];
  }

  /** Bytes since the start. */
  get end(): number {
    return this.#output.end;
  }

  append(data: Uint8Array): void {
    this.#output.append(data);
  }

  /** @returns whether that is another size than before. */
  resize(columns: number, rows: number): boolean {
    const last = this.#sizes.at(-1)!;
    if (last.columns === columns && last.rows === rows) return false;
    const first = this.#sizes.findLastIndex((size) => size.offset <= this.#output.start);
    // A size that nothing was printed at is not kept, or a window that is dragged to and fro would fill the list.
    const printed = this.#sizes.slice(first).filter((size) => size.offset < this.end);
    this.#sizes = [...printed, { offset: this.end, columns, rows }];
    return true;
  }

  since(offset: number): Uint8Array | null {
    return this.#output.since(offset);
  }

  async snapshot(): Promise<{ offset: number; columns: number; rows: number; data: string }> {
    const { columns, rows } = this.#sizes.at(-1)!;
    const start = this.#output.start;
    const kept = this.#output.since(start)!;
    const from = start === 0 ? 0 : sequenceStart(kept);
    const bytes = kept.subarray(from, from + completePrefix(kept.subarray(from)));

    const before = new PrivateModes(this.#modes);
    before.scan(kept.subarray(0, from));
    const after = new PrivateModes(before);
    after.scan(bytes);
    const data = await renderScreen(before.sequence(), this.#sized(bytes, start + from));
    return { offset: start + from + bytes.length, columns, rows, data: data + unserialized(after) };
  }

  /** `bytes`, the first of which is at `offset`, in pieces of one size each. */
  #sized(bytes: Uint8Array, offset: number): SizedOutput[] {
    return this.#sizes.map(({ offset: from, columns, rows }, index) => {
      const to = this.#sizes[index + 1]?.offset ?? Infinity;
      return { columns, rows, bytes: bytes.subarray(Math.max(0, from - offset), Math.max(0, to - offset)) };
    });
  }
}

/** Where output can be cut without cutting a character or a sequence: behind a newline, or where one begins. */
function sequenceStart(output: Uint8Array): number {
  const newline = output.indexOf(NEWLINE);
  if (newline !== -1) return newline + 1;
  return Math.max(0, output.indexOf(ESC));
}

/** Modes that the serialize addon (0.14) leaves out: a hidden cursor, and the form of mouse reports. */
function unserialized(modes: PrivateModes): string {
  const cursor = modes.isSet('25') === false ? '\x1b[?25l' : '';
  return cursor + (modes.isSet('1006') ? '\x1b[?1006h' : '');
}
