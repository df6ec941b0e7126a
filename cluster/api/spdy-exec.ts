/**
 * exec and attach over SPDY: kubectl up to 1.29, and the fallback of newer ones. One stream each for the error, the
 * input, the outputs and the sizes of the terminal.
 * Kubernetes 1.32, k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
 */
import { type Duplex } from 'node:stream';
import { type Clock } from '../clock.ts';
import { type RemoteOptions, type RemoteProcess, type StartRemote } from './remote-process.ts';
import { createSpdySession } from './spdy/session.ts';
import { type SpdyStream } from './spdy/stream.ts';
import { parseTerminalSize } from './terminal-size.ts';

export const PROCESS_PROTOCOLS = ['v4.channel.k8s.io'];

/** Upstream's streamCreationTimeout. */
const STREAMS_TIMEOUT_MS = 30_000;
/** One size is some 30 bytes; a client that sends lines longer than this sends something else. */
const MAX_SIZE_TEXT = 1024;

/** Carries one process over a connection that has been switched to SPDY. */
export function serveSpdyProcess(
  socket: Duplex,
  head: Buffer,
  options: RemoteOptions,
  clock: Clock,
  start: StartRemote,
): void {
  const missing = new Set(streamTypes(options));
  const streams = new Map<string, SpdyStream>();
  let process: RemoteProcess | undefined;

  function begin(): void {
    cancelTimeout();
    const error = streams.get('error');
    // Nothing comes on these, but their end does.
    for (const type of ['error', 'stdout', 'stderr']) streams.get(type)?.resume();
    process = start({
      stdin: streams.get('stdin') ?? null,
      stdout: streams.get('stdout') ?? null,
      stderr: streams.get('stderr') ?? null,
      finish(status) {
        error?.end(JSON.stringify(status), () => session.end());
      },
    });
    const resize = streams.get('resize');
    if (resize) readSizes(resize, process);
  }

  const session = createSpdySession(socket, {
    clock,
    head,
    opened(stream) {
      const type = stream.headers.get('streamtype') ?? '';
      // A stream that was not asked for, or asked for twice.
      if (!missing.delete(type)) return void stream.destroy();
      streams.set(type, stream);
      if (missing.size === 0) setImmediate(begin);
    },
    closed() {
      cancelTimeout();
      process?.abort();
    },
  });
  const cancelTimeout = clock.schedule(STREAMS_TIMEOUT_MS, () => session.destroy());
}

function streamTypes({ stdin, stdout, stderr, tty }: RemoteOptions): string[] {
  return [
    'error',
    ...(stdin ? ['stdin'] : []),
    ...(stdout ? ['stdout'] : []),
    ...(stderr && !tty ? ['stderr'] : []),
    ...(tty ? ['resize'] : []),
  ];
}

/** One JSON object per line, as Go's encoder writes them. */
function readSizes(stream: SpdyStream, process: RemoteProcess): void {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (text + chunk.toString('latin1')).split('\n');
    text = lines.pop() ?? '';
    if (text.length > MAX_SIZE_TEXT) return void stream.destroy();
    for (const line of lines) {
      const size = parseTerminalSize(line);
      if (size) process.resize(size);
    }
  });
}
