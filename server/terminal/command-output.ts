import { ReplayBuffer } from './replay-buffer.ts';

/** Bytes kept of each end of a long output. */
const KEPT_BYTES = 512 * 1024;

/** What one command printed, decoded as UTF-8. Of more than 1 MiB the middle is left out, and says so. */
export class CommandOutput {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #head = '';
  #headBytes = 0;
  #tail: ReplayBuffer | null = null;

  append(bytes: Uint8Array): void {
    if (this.#tail) return this.#tail.append(bytes);
    let cut = Math.min(KEPT_BYTES - this.#headBytes, bytes.length);
    // The head takes the rest of a character whose first byte it has.
    while (cut < bytes.length && isInsideCharacter(bytes[cut]!)) cut++;
    this.#head += this.#decoder.decode(bytes.subarray(0, cut), { stream: true });
    this.#headBytes += Math.min(cut, KEPT_BYTES - this.#headBytes);
    if (cut === bytes.length) return;
    this.#tail = new ReplayBuffer(KEPT_BYTES);
    this.#tail.append(bytes.subarray(cut));
  }

  text(): string {
    if (!this.#tail) return this.#head;
    const elided = this.#tail.start;
    const note = elided === 0 ? '' : `\n[… ${elided} bytes left out …]\n`;
    return this.#head + note + this.#tail.since(elided)!.toString('utf8');
  }
}

function isInsideCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
