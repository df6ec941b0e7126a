import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Process } from '../../process/process.ts';
import { connectionKey, openConnection, type CurlConnection } from './connection.ts';
import type { CookieStore } from './cookies.ts';
import { CurlError } from './errors.ts';
import { Meter, type MeterState } from './meter.ts';
import type { CurlOptions } from './options.ts';
import { requestHead, sendsChunked, type RequestPlan } from './request.ts';
import { header, ResponseReader, send, type ResponseHead } from './response.ts';
import { parseUrl, resolveLocation, type CurlUrl } from './url.ts';

/** curl sends a body up to this size together with the head (MAX_INITIAL_POST_SIZE). */
const BODY_WITH_HEAD_BYTES = 65_536;

/** What is known of a transfer when it is over; times in milliseconds from its start. */
export interface TransferInfo {
  givenUrl: string;
  url: string;
  scheme: string;
  method: string;
  index: number;
  status: number;
  httpVersion: string;
  exitCode: number;
  errorMessage: string;
  remoteIp: string;
  remotePort: number;
  localIp: string;
  localPort: number;
  connects: number;
  redirects: number;
  redirectUrl: string;
  referer: string;
  headerCount: number;
  sizeDownload: number;
  sizeUpload: number;
  sizeHeader: number;
  sizeRequest: number;
  fileName: string;
  verifyResult: number;
  times: {
    lookup: number;
    connect: number;
    tls: number;
    pretransfer: number;
    firstByte: number;
    redirect: number;
    total: number;
  };
  header(name: string): string | undefined;
  headerMap(): Record<string, string[]>;
}

/** Where a transfer's bytes go. */
export interface TransferOutput {
  /** @throws CurlError 23 */
  write(bytes: Uint8Array): Promise<void>;
  /** Whether the body goes to a terminal, where neither meter nor `[5 bytes data]` are shown. */
  isTerminal: boolean;
  dumpHeader(text: string): Promise<void>;
}

/** Connections that a command line keeps between its transfers. */
export interface Connections {
  nextId: number;
  idle: CurlConnection | null;
}

export interface ConnectionCache {
  connections: Connections;
  /** Null unless the command line asks for cookies to be kept. */
  cookies: CookieStore | null;
}

/** What `--compressed` may unpack to. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

export class Transfer {
  readonly info: TransferInfo;
  readonly #process: Process;
  readonly #options: CurlOptions;
  readonly #plan: RequestPlan;
  readonly #cache: ConnectionCache;
  readonly #output: TransferOutput;
  readonly #meter: Meter | null;
  readonly #meterState: MeterState;
  readonly #startedAt: number;
  #head: ResponseHead | null = null;
  #dataNoted = false;

  constructor(
    process: Process,
    options: CurlOptions,
    plan: RequestPlan,
    cache: ConnectionCache,
    output: TransferOutput,
    url: string,
    index: number,
  ) {
    this.#process = process;
    this.#options = options;
    this.#plan = plan;
    this.#cache = cache;
    this.#output = output;
    this.#startedAt = process.container.clock.now();
    this.#meterState = {
      downloadTotal: null,
      downloaded: 0,
      uploadTotal: null,
      uploaded: 0,
      startedAt: this.#startedAt,
    };
    this.#meter = options.silent || options.noMeter || output.isTerminal ? null : new Meter(process, this.#meterState);
    this.info = {
      givenUrl: url,
      url,
      scheme: 'http',
      method: plan.method,
      index,
      status: 0,
      httpVersion: '0',
      exitCode: 0,
      errorMessage: '',
      remoteIp: '',
      remotePort: 0,
      localIp: '',
      localPort: 0,
      connects: 0,
      redirects: 0,
      redirectUrl: '',
      referer: options.referer ?? '',
      headerCount: 0,
      sizeDownload: 0,
      sizeUpload: 0,
      sizeHeader: 0,
      sizeRequest: 0,
      fileName: '',
      verifyResult: 0,
      times: { lookup: 0, connect: 0, tls: 0, pretransfer: 0, firstByte: 0, redirect: 0, total: 0 },
      header: (name) => (this.#head === null ? undefined : header(this.#head, name)),
      headerMap: () => {
        const map: Record<string, string[]> = {};
        for (const [name, value] of this.#head?.headers ?? []) (map[name.toLowerCase()] ??= []).push(value);
        return map;
      },
    };
  }

  /** Runs to the end; failures are in `info`. */
  async run(): Promise<void> {
    const { info } = this;
    let connection: CurlConnection | null = null;
    try {
      let url = parseUrl(info.givenUrl, { pathAsIs: this.#options.pathAsIs });
      let { method, body } = this.#plan;
      await this.#meter?.start();
      for (;;) {
        info.url = url.text;
        info.scheme = url.scheme;
        info.method = method;
        connection = await this.#connection(url);
        const next: { url: CurlUrl; method: string; body: Buffer | null } | null = await this.#exchange(
          connection,
          url,
          method,
          body,
        );
        await this.#finishHop(connection, url);
        if (next === null) break;
        info.redirects += 1;
        await this.#note(`Issue another request to this URL: '${next.url.text}'`);
        if (method !== next.method && method === 'POST') await this.#note('Switch from POST to GET');
        ({ url, method, body } = next);
      }
    } catch (error) {
      if (!(error instanceof CurlError)) throw error;
      info.exitCode = error.code;
      info.errorMessage = error.message;
      if (error.code !== 3 && error.code !== 1) await this.#note(error.message);
      else if (error.message.startsWith('Received')) await this.#note(error.message);
      // Without an address there was no transfer to measure.
      if (error.code !== 6) await this.#meter?.finish();
      const current = connection ?? this.#opening;
      if (current !== null) {
        await this.#note(`Closing connection ${current.id}`);
        connection?.stream.destroy();
        this.#cache.connections.idle = null;
      }
    } finally {
      this.#meter?.stop();
      info.times.total = this.#elapsed();
    }
  }

  #opening: { id: number } | null = null;

  #elapsed(): number {
    return this.#process.container.clock.now() - this.#startedAt;
  }

  async #connection(url: CurlUrl): Promise<CurlConnection> {
    const { idle } = this.#cache.connections;
    if (idle !== null && idle.key === connectionKey(url) && !idle.stream.destroyed && !idle.stream.readableEnded) {
      const bundle = Buffer.from(this.#process.container.randomBytes(3)).toString('hex');
      await this.#note(`Found bundle for host: 0x5555${bundle}00 [serially]`);
      await this.#note('Can not multiplex, even if we wanted to');
      await this.#note(`Re-using existing connection #${idle.id} with host ${url.host}`);
      return idle;
    }
    idle?.stream.destroy();
    this.#cache.connections.idle = null;
    const id = this.#cache.connections.nextId;
    this.#cache.connections.nextId += 1;
    this.#opening = { id };
    const connection = await openConnection(
      {
        process: this.#process,
        options: this.#options,
        startedAt: this.#startedAt,
        note: (text) => this.#note(text),
        limit: (wait, phase) => this.#limit(wait, phase),
      },
      url,
      id,
    );
    const { info } = this;
    info.connects += 1;
    info.remoteIp = connection.remote.ip;
    info.remotePort = connection.remote.port;
    info.localIp = connection.local.ip;
    info.localPort = connection.local.port;
    info.verifyResult = connection.verifyResult;
    Object.assign(info.times, connection.times);
    this.#cache.connections.idle = connection;
    return connection;
  }

  /** One request and its response. @returns where a redirect leads */
  async #exchange(
    connection: CurlConnection,
    url: CurlUrl,
    method: string,
    body: Buffer | null,
  ): Promise<{ url: CurlUrl; method: string; body: Buffer | null } | null> {
    const { info } = this;
    this.#dataNoted = false;
    this.#meterState.downloadTotal = null;
    this.#meterState.downloaded = 0;
    const head = requestHead(this.#options, url, this.#plan, method, body, this.#cache.cookies?.header(url) ?? null);
    info.times.pretransfer = this.#elapsed();
    const content = body === null ? Buffer.alloc(0) : sendsChunked(this.#options) ? inOneChunk(body) : body;
    const isSmall = content.length <= BODY_WITH_HEAD_BYTES;
    const headBytes = Buffer.from(head, 'latin1');
    await send(this.#process, connection.stream, isSmall ? Buffer.concat([headBytes, content]) : headBytes);
    await this.#verboseLines('>', head.replace(/\r\n$/, '').split('\r\n'));
    info.sizeRequest += head.length;
    if (body !== null) {
      this.#meterState.uploadTotal = body.length;
      if (!isSmall) await send(this.#process, connection.stream, content);
      if (body.length > 0) await this.#dataNote('}', body.length);
      this.#meterState.uploaded = body.length;
      info.sizeUpload += body.length;
    }
    const reader = new ResponseReader(connection, (wait) => this.#limit(wait, 'transfer'));
    try {
      return await this.#receive(reader, connection, url, method, body);
    } finally {
      reader.release();
    }
  }

  async #receive(
    reader: ResponseReader,
    connection: CurlConnection,
    url: CurlUrl,
    method: string,
    body: Buffer | null,
  ): Promise<{ url: CurlUrl; method: string; body: Buffer | null } | null> {
    const { info } = this;
    const options = this.#options;
    let head = await reader.readHead(options.http09);
    info.times.firstByte = this.#elapsed();
    while (head !== null && head.status >= 100 && head.status < 200 && head.status !== 101) {
      await this.#showHead(head, method, connection);
      head = await reader.readHead(options.http09);
    }
    this.#head = head;
    // `-I` asks for the head alone, whatever the method.
    if (options.head && method !== 'HEAD') connection.key = '';
    const hasBody = head === null || (method !== 'HEAD' && !options.head && head.status !== 204 && head.status !== 304);
    let redirect: string | null = null;
    if (head !== null) {
      info.status = head.status;
      info.httpVersion = head.version === '1.1' ? '1.1' : head.version === '1.0' ? '1' : head.version;
      info.headerCount = head.headers.length;
      const length = header(head, 'content-length');
      this.#meterState.downloadTotal = length !== undefined && !isChunked(head) ? Number(length) : null;
      for (const [name, value] of head.headers) {
        if (name.toLowerCase() === 'set-cookie') this.#cache.cookies?.receive(value, url);
      }
      await this.#showHead(head, method, connection);
      const location = header(head, 'location');
      if (location !== undefined && head.status >= 300 && head.status < 400) {
        redirect = resolveLocation(url, location);
        info.redirectUrl = options.follow ? '' : redirect;
      }
    }
    const follows = redirect !== null && options.follow;
    if (follows && hasBody && this.#meterState.downloadTotal !== 0) await this.#note('Ignoring the response-body');
    await this.#readBody(reader, head, hasBody, follows);
    if (options.failWithBody && info.status >= 400) {
      throw new CurlError(22, `The requested URL returned error: ${info.status}`);
    }
    if (redirect === null || !follows) return null;
    if (options.maxRedirects >= 0 && info.redirects >= options.maxRedirects) {
      throw new CurlError(47, `Maximum (${options.maxRedirects}) redirects followed`);
    }
    const toGet = body !== null && [301, 302, 303].includes(info.status) && options.method === null;
    return { url: parseUrl(redirect), method: toGet ? 'GET' : method, body: toGet ? null : body };
  }

  async #readBody(reader: ResponseReader, head: ResponseHead | null, hasBody: boolean, ignore: boolean): Promise<void> {
    const { info } = this;
    const encoding = this.#options.compressed && head !== null ? header(head, 'content-encoding') : undefined;
    const packed: Buffer[] = [];
    let raw = 0;
    for await (const chunk of reader.readBody(head, hasBody, (size) => (raw += size))) {
      if (!this.#dataNoted) await this.#dataNote('{', raw);
      this.#meterState.downloaded += chunk.length;
      info.sizeDownload += chunk.length;
      if (ignore) continue;
      if (encoding === undefined) await this.#output.write(chunk);
      else packed.push(chunk);
    }
    if (packed.length > 0) await this.#output.write(unpack(Buffer.concat(packed), encoding ?? ''));
  }

  async #showHead(head: ResponseHead, method: string, connection: CurlConnection): Promise<void> {
    const text = head.lines.join('');
    this.info.sizeHeader += text.length;
    const closing = closesAfter(head);
    for (const line of head.lines) {
      const isEnd = line.trim() === '';
      if (isEnd && this.#options.fail && head.status >= 400) {
        throw new CurlError(22, `The requested URL returned error: ${head.status}`);
      }
      if (isEnd && closing === 'unknown-length' && method !== 'HEAD') {
        await this.#note('no chunk, no close, no size. Assume close to signal end');
      }
      if (line.startsWith('HTTP/1.0')) await this.#note('HTTP 1.0, assume close after body');
      if (/^location:/i.test(line) && this.#options.follow && this.#meterState.uploadTotal !== null) {
        await this.#note('Please rewind output before next send');
      }
      // The end of an interim answer is not shown.
      if (!isEnd || head.status >= 200) await this.#verboseLines('<', [line.replace(/\r?\n$/, '')]);
    }
    if (closing !== null) connection.key = '';
    await this.#output.dumpHeader(text);
    if (this.#options.include || this.#options.head) await this.#output.write(Buffer.from(text, 'latin1'));
  }

  async #finishHop(connection: CurlConnection, url: CurlUrl): Promise<void> {
    await this.#meter?.finish();
    const keeps = connection.key !== '' && !connection.stream.destroyed && !connection.stream.readableEnded;
    if (keeps) {
      await this.#note(`Connection #${connection.id} to host ${url.host} left intact`);
      return;
    }
    await this.#note(`Closing connection ${connection.id}`);
    connection.stream.destroy();
    this.#cache.connections.idle = null;
  }

  async #note(text: string): Promise<void> {
    if (this.#options.verbose) await this.#process.printError(`* ${text}\n`);
  }

  async #verboseLines(mark: string, lines: readonly string[]): Promise<void> {
    if (this.#options.verbose) await this.#process.printError(lines.map((line) => `${mark} ${line}\r\n`).join(''));
  }

  async #dataNote(mark: string, size: number): Promise<void> {
    if (mark === '{') this.#dataNoted = true;
    if (this.#options.verbose && !this.#output.isTerminal)
      await this.#process.printError(`${mark} [${size} bytes data]\n`);
  }

  /** Waits within `-m` and `--connect-timeout`. @throws CurlError 28 */
  async #limit<T>(wait: Promise<T>, phase: 'connect' | 'transfer'): Promise<T> {
    const { maxTimeMs, connectTimeoutMs } = this.#options;
    const limits = [maxTimeMs, phase === 'connect' ? (connectTimeoutMs ?? 300_000) : null].filter(
      (limit) => limit !== null,
    );
    if (limits.length === 0) return this.#process.race(wait);
    const left = Math.min(...limits) - this.#elapsed();
    let cancel = (): void => {};
    try {
      return await this.#process.race(
        Promise.race([
          wait,
          new Promise<never>((_resolve, reject) => {
            cancel = this.#process.container.clock.schedule(Math.max(0, left), () => reject(this.#timedOut(phase)));
          }),
        ]),
      );
    } finally {
      cancel();
    }
  }

  #timedOut(phase: 'connect' | 'transfer'): CurlError {
    const elapsed = Math.round(this.#elapsed());
    if (phase === 'connect') return new CurlError(28, `Connection timed out after ${elapsed} milliseconds`);
    const total = this.#meterState.downloadTotal === null ? '' : ` out of ${this.#meterState.downloadTotal}`;
    return new CurlError(
      28,
      `Operation timed out after ${elapsed} milliseconds with ${this.#meterState.downloaded}${total} bytes received`,
    );
  }
}

function inOneChunk(body: Buffer): Buffer {
  const end = Buffer.from('0\r\n\r\n');
  if (body.length === 0) return end;
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n'), end]);
}

function isChunked(head: ResponseHead): boolean {
  return (header(head, 'transfer-encoding') ?? '').toLowerCase().includes('chunked');
}

/** Why a connection cannot be used again; null when it can. */
function closesAfter(head: ResponseHead): 'asked' | 'old-version' | 'unknown-length' | null {
  const connection = (header(head, 'connection') ?? '').toLowerCase();
  if (connection.includes('close')) return 'asked';
  if (head.version === '1.0' && !connection.includes('keep-alive')) return 'old-version';
  const bodyless = head.status < 200 || head.status === 204 || head.status === 304;
  return bodyless || isChunked(head) || header(head, 'content-length') !== undefined ? null : 'unknown-length';
}

function unpack(bytes: Buffer, encoding: string): Buffer {
  const options = { maxOutputLength: MAX_UNPACKED_BYTES };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, options);
    if (encoding === 'deflate') return inflateSync(bytes, options);
    if (encoding === 'br') return brotliDecompressSync(bytes, options);
    return bytes;
  } catch (error) {
    throw new CurlError(
      61,
      `Error while processing content unencoding: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
