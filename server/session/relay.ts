import { request as sendHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface RelayTarget {
  /** The connection to send the request on. */
  dial(signal: AbortSignal): Promise<Duplex>;
  /** Path and query. */
  path: string;
  /** Value of the Host header. */
  host: string;
}

/** Of one connection only, or for us alone. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'host']);

/**
 * Passes a request on and its answer back, both as they are: a client in front of it should see what it would see
 * without it. A reset goes on as a reset.
 * @param fail the connection could not be made; answers.
 */
export function relay(
  request: IncomingMessage,
  response: ServerResponse,
  target: RelayTarget,
  fail: (error: NodeJS.ErrnoException) => void,
): void {
  const abort = new AbortController();
  let dialled = false;
  const sent = sendHttp({
    method: request.method,
    path: target.path,
    setHost: false,
    signal: abort.signal,
    createConnection: (_options, done) => {
      target.dial(abort.signal).then(
        (connection) => {
          dialled = true;
          done(null, connection as never);
        },
        (error: Error) => done(error, undefined as never),
      );
      return undefined as never;
    },
  });
  sent.setHeader('host', target.host);
  for (const [name, values] of grouped(request.rawHeaders)) if (!HOP_BY_HOP.has(name)) sent.setHeader(name, values);
  // Node would add one of its own, and an echo server would show it.
  sent.removeHeader('connection');
  sent.on('response', (answer) => {
    response.sendDate = false;
    // Node's own, of the connection to us.
    response.removeHeader('connection');
    const headers = [...pairs(answer.rawHeaders)].filter(([name]) => !/^(?:connection|keep-alive)$/i.test(name));
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers.flat());
    answer.on('error', () => reset(response.socket));
    answer.pipe(response);
  });
  sent.on('error', (error: NodeJS.ErrnoException) => {
    if (abort.signal.aborted) return;
    if (!dialled) fail(error);
    else reset(response.socket);
  });
  response.on('close', () => !response.writableFinished && abort.abort());
  request.pipe(sent);
}

/** Joins two connections; what ends one way ends the other in the same way. */
export function splice(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.on('error', () => reset(to));
    from.on('close', () => (from.readableEnded ? to.end() : reset(to)));
  }
}

/** Says a last word and closes. A peer that leaves its own side open after our end would keep the socket for ever. */
export function closeWith(stream: Duplex, text: string): void {
  stream.once('finish', () => stream.destroy());
  stream.end(text);
}

/** Ends a connection with RST, as a peer that went away does. */
export function reset(stream: Duplex | null): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream?.destroy();
}

function* pairs(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? '', rawHeaders[index + 1] ?? ''];
  }
}

function grouped(rawHeaders: readonly string[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of pairs(rawHeaders)) {
    byName.set(name.toLowerCase(), [...(byName.get(name.toLowerCase()) ?? []), value]);
  }
  return byName;
}
