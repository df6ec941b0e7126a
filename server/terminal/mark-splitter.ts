/**
 * Takes the marks of the shell integration out of a pty's output. A mark is `ESC ] 133 ; LETTER ; NONCE … BEL`:
 *
 * - `A;nonce;status;pid` a prompt begins, `B;nonce` it ends; readline repeats both when it redraws.
 * - `D;nonce;status;pid` before a new prompt: what was entered has ended, or was nothing.
 * - `P;nonce;status;pid` readline asks for a further line of a command.
 * - `T;nonce;status;pid` text follows, ended by `C;nonce` (a command that was read and now runs; the status is that
 *   of the command before it) or by `R;nonce` (the line that was being edited).
 *
 * The text between marks is raw: nobody who does not know the nonce can end it.
 */
export type Mark =
  | { type: 'prompt-start'; status: number; pid: number }
  | { type: 'prompt-end' }
  | { type: 'done'; status: number; pid: number }
  | { type: 'continuation'; status: number; pid: number }
  | { type: 'command'; status: number; pid: number; text: string }
  | { type: 'line'; text: string };

export interface MarkSplitterListener {
  /** Everything that is not a mark. The bytes may be a view of what was pushed. */
  output(bytes: Uint8Array): void;
  mark(mark: Mark): void;
}

export interface MarkSplitter {
  push(chunk: Uint8Array): void;
  /** Passes on what was held back because a mark might have begun there. */
  end(): void;
}

/** Bytes of a command's text that are kept. */
const TEXT_LIMIT = 64 * 1024;
/** Letter, nonce of 32 digits, status and process id take less than this many bytes. */
const LONGEST_BODY = 80;
const INTRODUCER = Buffer.from('\x1b]133;');
const BEL = 0x07;
const NOTHING = Buffer.alloc(0);

export function createMarkSplitter(nonce: string, listener: MarkSplitterListener): MarkSplitter {
  const body = new RegExp(`^([ABCDPRT]);${nonce}(?:;(\\d{1,3});(\\d{1,10}))?$`);
  let held: Buffer = NOTHING;
  let text: TextFrame | null = null;

  function pass(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (text) text.append(bytes);
    else listener.output(bytes);
  }

  function accept(match: RegExpExecArray): void {
    const status = Number(match[2] ?? 0);
    const pid = Number(match[3] ?? 0);
    const frame = text;
    text = null;
    switch (match[1]) {
      case 'A':
        listener.mark({ type: 'prompt-start', status, pid });
        break;
      case 'B':
        listener.mark({ type: 'prompt-end' });
        break;
      case 'D':
        listener.mark({ type: 'done', status, pid });
        break;
      case 'P':
        listener.mark({ type: 'continuation', status, pid });
        break;
      case 'T':
        text = new TextFrame(status, pid);
        break;
      case 'C':
        listener.mark({ type: 'command', status: frame?.status ?? 0, pid: frame?.pid ?? 0, text: frame?.read() ?? '' });
        break;
      case 'R':
        listener.mark({ type: 'line', text: frame?.read() ?? '' });
        break;
    }
  }

  return {
    push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const data = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      held = NOTHING;
      let passed = 0;
      let search = 0;
      for (;;) {
        const start = data.indexOf(INTRODUCER, search);
        if (start === -1) break;
        const from = start + INTRODUCER.length;
        const end = bodyEnd(data, from);
        if (end === data.length && end - from < LONGEST_BODY) {
          pass(data.subarray(passed, start));
          held = Buffer.from(data.subarray(start));
          return;
        }
        search = start + 1;
        if (data[end] !== BEL) continue;
        const match = body.exec(data.toString('latin1', from, end));
        if (!match) continue;
        pass(data.subarray(passed, start));
        accept(match);
        passed = search = end + 1;
      }
      const tail = introducerTail(data, Math.max(passed, data.length - INTRODUCER.length + 1));
      pass(data.subarray(passed, tail));
      if (tail < data.length) held = Buffer.from(data.subarray(tail));
    },
    end() {
      const rest = held;
      held = NOTHING;
      pass(rest);
    },
  };
}

/** Where the run of letters, digits and semicolons ends that a mark's body is made of. */
function bodyEnd(data: Buffer, from: number): number {
  const limit = Math.min(data.length, from + LONGEST_BODY);
  let at = from;
  while (at < limit && isBodyByte(data[at]!)) at++;
  return at;
}

function isBodyByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x3b) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Where a part of the introducer begins that the end of `data` cuts off; its length when there is none. */
function introducerTail(data: Buffer, from: number): number {
  for (let at = data.indexOf(0x1b, from); at !== -1; at = data.indexOf(0x1b, at + 1)) {
    if (data.compare(INTRODUCER, 0, data.length - at, at) === 0) return at;
  }
  return data.length;
}

class TextFrame {
  readonly status: number;
  readonly pid: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(status: number, pid: number) {
    this.status = status;
    this.pid = pid;
  }

  append(bytes: Buffer): void {
    const room = TEXT_LIMIT - this.#length;
    if (room <= 0) return;
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#length += part.length;
  }

  read(): string {
    // The tty writes a newline as CR LF.
    return Buffer.concat(this.#parts).toString('utf8').replaceAll('\r\n', '\n');
  }
}
