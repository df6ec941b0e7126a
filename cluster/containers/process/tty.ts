import type { Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../runtime.ts';
import { writableFile } from './node-streams.ts';
import { BrokenPipeError, nullFile, type OpenFile } from './open-file.ts';
import type { Process } from './process.ts';
import { Waiters } from './waiters.ts';

const INTERRUPT = 0x03;
const SUSPEND = 0x1a;
const END_OF_FILE = 0x04;
const ERASE = 0x7f;
const BACKSPACE = 0x08;
const KILL_LINE = 0x15;
const ERASE_WORD = 0x17;

/** Bytes that a line, or input that nobody reads, may have; as Linux' N_TTY_BUF_SIZE. */
const BUFFER_BYTES = 4096;

/**
 * A terminal's line discipline: echo, editing of a line, Ctrl-C and Ctrl-D, and CR before each newline of the output.
 * A line editor switches it to `raw` and does all that itself.
 */
export class Tty {
  raw = false;
  size: TerminalSize;
  /** Processes that Ctrl-C reaches. */
  readonly processes = new Set<Process>();
  readonly file: OpenFile;
  readonly #output: OpenFile;
  readonly #ready: Uint8Array[] = [];
  readonly #waiters = new Waiters();
  #line: number[] = [];
  #endPending = false;
  #hungUp = false;

  constructor(input: Readable | null, output: Writable, size: TerminalSize) {
    this.size = size;
    this.#output = writableFile(output);
    if (input === null) this.#hungUp = true;
    else {
      const hangUp = (): void => {
        this.#hungUp = true;
        this.#waiters.wake();
      };
      input.on('data', (chunk: Buffer | string) => this.#receive(Buffer.from(chunk as Buffer)));
      input.on('end', hangUp);
      input.on('close', hangUp);
      input.on('error', hangUp);
    }
    this.file = {
      ...nullFile,
      isTerminal: true,
      tryRead: () => this.#tryRead(),
      readable: () =>
        this.#ready.length > 0 || this.#endPending || this.#hungUp ? Promise.resolve() : this.#waiters.wait(),
      tryWrite: (bytes) => this.#output.tryWrite(withCarriageReturns(bytes)),
      writable: () => this.#output.writable(),
    };
  }

  #tryRead(): Uint8Array | null | undefined {
    const bytes = this.#ready.shift();
    if (bytes !== undefined) return bytes;
    if (this.#endPending) {
      this.#endPending = false;
      return null;
    }
    return this.#hungUp ? null : undefined;
  }

  #receive(bytes: Buffer): void {
    if (this.raw) {
      this.#ready.push(bytes);
      this.#waiters.wake();
      return;
    }
    for (const [index, byte] of bytes.entries()) {
      this.#receiveByte(byte);
      // Ctrl-C or a newline may have woken a line editor that wants the rest unedited, but only at its next turn.
      if (this.raw) {
        this.#receive(bytes.subarray(index + 1));
        return;
      }
    }
  }

  #receiveByte(byte: number): void {
    switch (byte) {
      case INTERRUPT:
        this.#line = [];
        this.#echo('^C');
        this.interrupt();
        return;
      case SUSPEND:
        this.#echo('^Z (stopping a command is not simulated here; Ctrl-C ends it)\n');
        return;
      case END_OF_FILE:
        if (this.#line.length === 0) this.#endPending = true;
        else this.#deliver();
        this.#waiters.wake();
        return;
      case ERASE:
      case BACKSPACE:
        this.#erase();
        return;
      case KILL_LINE:
        while (this.#line.length > 0) this.#erase();
        return;
      case ERASE_WORD:
        while (this.#line.at(-1) === 0x20) this.#erase();
        while (this.#line.length > 0 && this.#line.at(-1) !== 0x20) this.#erase();
        return;
      case 0x0d:
      case 0x0a:
        this.#line.push(0x0a);
        this.#echo('\n');
        this.#deliver();
        return;
      default:
        if (this.#line.length >= BUFFER_BYTES) return;
        this.#line.push(byte);
        if (byte < 0x20) this.#echo(`^${String.fromCharCode(byte + 0x40)}`);
        else this.#echo(Uint8Array.of(byte));
    }
  }

  /** Takes keys as if they came now. */
  typeAhead(bytes: Uint8Array): void {
    this.#receive(Buffer.from(bytes));
  }

  /** Sends SIGINT to the processes in the foreground. */
  interrupt(): void {
    for (const process of this.processes) if (!process.background) process.signal('INT');
  }

  #erase(): void {
    // The bytes of one UTF-8 character are one position on the screen.
    let byte = this.#line.pop();
    if (byte === undefined) return;
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.#line.pop();
    this.#echo('\b \b');
  }

  #deliver(): void {
    this.#ready.push(Uint8Array.from(this.#line));
    this.#line = [];
    this.#waiters.wake();
  }

  #echo(data: string | Uint8Array): void {
    if (this.#hungUp) return;
    try {
      this.file.tryWrite(typeof data === 'string' ? Buffer.from(data) : data);
    } catch (error) {
      // Nobody looks at the screen any more.
      if (!(error instanceof BrokenPipeError)) throw error;
    }
  }
}

/** ONLCR. */
function withCarriageReturns(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(10)) return bytes;
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
