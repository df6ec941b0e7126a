/** The head of an answer. */
export interface AnswerHead {
  status: number;
  /** Names in lower case; values of one name joined by commas. */
  headers: ReadonlyMap<string, string>;
}

const EMPTY = Buffer.alloc(0);

/** A server that sends more than this before its headers end is none that we know. As Node's limit is for one header. */
const MAX_HEAD_BYTES = 256 * 1024;

/** Reads one HTTP/1.1 answer from the bytes of a connection. RFC 9112, sections 4 to 7. */
export class AnswerReader {
  head: AnswerHead | undefined;
  done = false;
  /** Whether the connection may carry another exchange when this one is done. */
  reusable = false;
  #rest: Buffer = EMPTY;
  /** Bytes of the body, or of the chunk, that are yet to come; Infinity for all until the connection ends. */
  #left = 0;
  #chunked = false;
  #state: 'head' | 'body' | 'chunk-size' | 'chunk-end' | 'trailer' = 'head';

  /** The body has no length of its own: the end of the connection is its end. */
  get endsWithConnection(): boolean {
    return this.head !== undefined && this.#left === Infinity;
  }

  /** @returns what came of the body. @throws Error when this is no HTTP. */
  read(bytes: Buffer): Buffer[] {
    const body: Buffer[] = [];
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (!this.done && this.#step(body));
    return body;
  }

  /** @returns false when more bytes are needed. */
  #step(body: Buffer[]): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'body': {
        const taken = this.#rest.subarray(0, Math.min(this.#left, this.#rest.length));
        if (taken.length > 0) body.push(taken);
        this.#rest = this.#rest.subarray(taken.length);
        this.#left -= taken.length;
        if (this.#left > 0) return false;
        if (this.#chunked) this.#state = 'chunk-end';
        else this.done = true;
        return true;
      }
      case 'chunk-size': {
        const line = this.#line();
        if (line === undefined) return false;
        if (!/^[0-9a-f]+\s*(;.*)?$/i.test(line)) throw malformed(`chunk size ${JSON.stringify(line)}`);
        this.#left = Number.parseInt(line, 16);
        this.#state = this.#left === 0 ? 'trailer' : 'body';
        return true;
      }
      case 'chunk-end':
        if (this.#line() === undefined) return false;
        this.#state = 'chunk-size';
        return true;
      case 'trailer': {
        const line = this.#line();
        if (line === undefined) return false;
        if (line === '') this.done = true;
        return true;
      }
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.#rest.length > MAX_HEAD_BYTES) throw malformed('headers without an end');
      return false;
    }
    const [first = '', ...lines] = this.#rest.toString('latin1', 0, end).split('\r\n');
    this.#rest = this.#rest.subarray(end + 4);
    const start = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first);
    if (!start) throw malformed(`status line ${JSON.stringify(first.slice(0, 100))}`);
    const status = Number(start[2]);
    // 100 Continue and its like are followed by the answer itself.
    if (status < 200 && status !== 101) return true;
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    this.head = { status, headers };
    this.#chunked = /\bchunked$/i.test(headers.get('transfer-encoding') ?? '');
    const length = headers.get('content-length');
    const bodiless = status === 204 || status === 304;
    this.#left = bodiless ? 0 : length === undefined ? Infinity : Number(length);
    this.#state = this.#chunked && !bodiless ? 'chunk-size' : 'body';
    if (this.#chunked) this.#left = 0;
    const closes = /\bclose\b/i.test(headers.get('connection') ?? '');
    this.reusable = start[1] === '1' && !closes && this.#left !== Infinity;
    return true;
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }
}

function malformed(what: string): Error {
  return new Error(`malformed HTTP response: ${what}`);
}
