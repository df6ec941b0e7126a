/** One request, complete. */
export interface HttpRequest {
  method: string;
  url: URL;
  /** Names in lower case. `host` and `content-length` are added. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: string | undefined;
  /** Milliseconds until the answer must have begun; 0 for no limit. */
  timeoutMs: number;
}

/** An answer whose head has arrived. Its body is read once: to its end, or until `destroy`. */
export interface HttpAnswer {
  status: number;
  /** A header that came several times is one, joined by commas; undefined when it did not come. */
  header(name: string): string | undefined;
  /** The body as text, in pieces as they come; pieces end between characters. */
  pieces(): AsyncIterable<string>;
  destroy(): void;
}

/** Sends requests to one server. */
export interface HttpTransport {
  /** @throws an error with Node's `code`, or {@link HttpTimeout}. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes what is idle. */
  dispose(): void;
}

/** The answer did not begin in time. */
export class HttpTimeout extends Error {
  override name = 'HttpTimeout';
}
