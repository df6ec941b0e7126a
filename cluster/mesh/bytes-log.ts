import type { Duplex } from 'node:stream';
import type { AccessLogEntry } from './access-log.ts';
import type { Connection } from '../network/connection.ts';
import type { SidecarContext } from './sidecar.ts';

/**
 * Writes the log's line of a connection of bytes when it ends, as Envoy's TCP proxy does.
 * @param stream what the client sends through: the connection, or TLS on it
 * @param upstream where it goes; null when there was none
 */
export function logBytes(
  context: SidecarContext,
  connection: Connection,
  stream: Duplex,
  upstream: Duplex | null,
  fields: Partial<AccessLogEntry>,
): void {
  const { clock } = context;
  const startTime = clock.now();
  let [bytesReceived, bytesSent] = [0, 0];
  const entry = (): AccessLogEntry => ({
    startTime,
    status: 0,
    bytesReceived,
    bytesSent,
    durationMs: Math.max(0, Math.round(clock.now() - startTime)),
    downstreamLocal: `${connection.local.ip}:${connection.local.port}`,
    downstreamRemote: `${connection.remote.ip}:${connection.remote.port}`,
    ...fields,
  });
  if (upstream === null) {
    context.record(entry());
    return;
  }
  const closed = context.opened(entry(), () => ({ received: bytesReceived, sent: bytesSent }));
  stream.on('data', (chunk: Buffer) => {
    bytesReceived += chunk.length;
  });
  upstream.on('data', (chunk: Buffer) => {
    bytesSent += chunk.length;
  });
  stream.once('close', () => closed(entry()));
}
