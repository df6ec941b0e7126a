/**
 * Ports forwarded over SPDY: for each connection a data and an error stream, which a request number pairs.
 * Kubernetes 1.32, k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go.
 */
import { type Duplex } from 'node:stream';
import { type Clock } from '../clock.ts';
import { forward, type ForwardTarget } from './port-forward.ts';
import { createSpdySession, type SpdySession } from './spdy/session.ts';
import { type SpdyStream } from './spdy/stream.ts';

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** Upstream's streamCreationTimeout: how long the first stream of a pair waits for the second. */
const PAIR_TIMEOUT_MS = 30_000;

interface Pair {
  port: string;
  data?: SpdyStream;
  error?: SpdyStream;
  cancelTimeout: () => void;
}

/** Forwards ports over a connection that has been switched to SPDY. */
export function serveSpdyPortForward(socket: Duplex, head: Buffer, target: ForwardTarget, clock: Clock): SpdySession {
  const pairs = new Map<string, Pair>();

  function opened(stream: SpdyStream): void {
    const type = stream.headers.get('streamtype');
    const id = requestId(stream);
    const port = stream.headers.get('port') ?? '';
    const old = pairs.get(id);
    const valid = (type === 'data' || type === 'error') && /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65536;
    if (!valid || (type && old?.[type]) || (old && old.port !== port)) return void stream.destroy();
    const pair = old ?? { port, cancelTimeout: clock.schedule(PAIR_TIMEOUT_MS, () => drop(id)) };
    pair[type] = stream;
    pairs.set(id, pair);
    // Nothing comes on it but its end, which is to be seen.
    if (type === 'error') stream.resume();
    const { data, error } = pair;
    if (!data || !error) return;
    pair.cancelTimeout();
    pairs.delete(id);
    forward(target, Number(port), data, (text) => void error.end(text));
    // The application has ended, or the client has.
    for (const event of ['finish', 'close']) data.on(event, () => error.end());
  }

  function drop(id: string): void {
    const pair = pairs.get(id);
    pairs.delete(id);
    pair?.data?.destroy();
    pair?.error?.destroy();
  }

  return createSpdySession(socket, {
    clock,
    head,
    opened,
    closed() {
      for (const { cancelTimeout } of pairs.values()) cancelTimeout();
      pairs.clear();
    },
  });
}

/** Clients older than 1.4 send none; then the error stream comes first, and the data stream is the next one. */
function requestId({ id, headers }: SpdyStream): string {
  const given = headers.get('requestid');
  if (given !== undefined) return given;
  return String(headers.get('streamtype') === 'error' ? id : id - 2);
}
