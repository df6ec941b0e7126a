import type { Duplex } from 'node:stream';
import { Connection } from '../network/connection.ts';

/** Joins two connections byte by byte; what ends or breaks one ends or breaks the other. */
export function splice(a: Duplex, b: Duplex): void {
  forward(a, b);
  forward(b, a);
}

/** Joins two connections of which some bytes were read already. */
export function spliceFrom(a: Duplex, ofA: Buffer | null, b: Duplex, ofB: Buffer | null): void {
  if (ofA !== null) b.write(ofA);
  if (ofB !== null) a.write(ofB);
  splice(a, b);
}

function forward(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.on('error', () => reset(to));
  from.on('close', () => {
    // A clean end has passed through the pipe; this is for what was cut off.
    if (!to.writableEnded) reset(to);
  });
}

function reset(stream: Duplex): void {
  if (stream instanceof Connection) stream.resetAndDestroy();
  else stream.destroy();
}
