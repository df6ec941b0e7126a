/**
 * What a file descriptor points to. Reads and writes never wait: `tryRead` and `tryWrite` do what can be done now, and
 * `readable` and `writable` resolve when it is worth trying again. So a process that is killed while it waits has taken
 * nothing that belongs to the next reader.
 */
export interface OpenFile {
  /** The next bytes; null at the end; undefined when there are none yet. */
  tryRead(): Uint8Array | null | undefined;
  readable(): Promise<void>;
  /** Takes all the bytes or none. @throws BrokenPipeError when nobody will read them. */
  tryWrite(bytes: Uint8Array): boolean;
  writable(): Promise<void>;
  readonly isTerminal: boolean;
  /** Called when the last descriptor is closed. */
  close(): void;
}

/** Writing to a pipe that nobody reads: the process gets SIGPIPE. */
export class BrokenPipeError extends Error {
  override name = 'BrokenPipeError';
}

/** An open file shared by several descriptors; closes with the last of them. */
export class Descriptor {
  readonly file: OpenFile;
  /** What all duplicates have in common. */
  readonly #shared: { count: number; unread: Uint8Array[] };
  #open = true;

  constructor(file: OpenFile, shared = { count: 0, unread: [] as Uint8Array[] }) {
    this.file = file;
    this.#shared = shared;
    shared.count += 1;
  }

  duplicate(): Descriptor {
    return new Descriptor(this.file, this.#shared);
  }

  tryRead(): Uint8Array | null | undefined {
    return this.#shared.unread.shift() ?? this.file.tryRead();
  }

  /** Gives back what was read too far, for the next reader of the same file. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#shared.unread.unshift(bytes);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#shared.count -= 1;
    if (this.#shared.count === 0) this.file.close();
  }
}

const IMMEDIATELY = Promise.resolve();

/** `/dev/null`. */
export const nullFile: OpenFile = {
  tryRead: () => null,
  readable: () => IMMEDIATELY,
  tryWrite: () => true,
  writable: () => IMMEDIATELY,
  isTerminal: false,
  close() {},
};

/** Bytes that are there already: a here-document, a file that is read. */
export function bytesFile(bytes: Uint8Array): OpenFile {
  let rest: Uint8Array | null = bytes;
  return {
    ...nullFile,
    tryRead() {
      const result = rest === null || rest.length === 0 ? null : rest;
      rest = null;
      return result;
    },
  };
}

/** A file that is read piece by piece; `next` gives null at the end. */
export function pieceFile(next: () => Uint8Array | null): OpenFile {
  return { ...nullFile, tryRead: next };
}

/** Hands everything that is written to `take`. */
export function sinkFile(take: (bytes: Uint8Array) => void): OpenFile {
  return {
    ...nullFile,
    tryWrite(bytes) {
      take(bytes);
      return true;
    },
  };
}
