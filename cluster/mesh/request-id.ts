import type { RandomBytes } from '../clock.ts';

/** Two hexadecimal digits of each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes asked for at once: dice are slow to ask for, and every request needs some. */
const BATCH_BYTES = 1024;
const UUID_BYTES = 16;

const batches = new WeakMap<RandomBytes, { bytes: Uint8Array; used: number }>();

/** A random UUID (version 4), as Envoy gives each request. */
export function randomUuid(randomBytes: RandomBytes): string {
  let batch = batches.get(randomBytes);
  if (batch === undefined || batch.used + UUID_BYTES > batch.bytes.length) {
    batch = { bytes: randomBytes(BATCH_BYTES), used: 0 };
    batches.set(randomBytes, batch);
  }
  const { bytes, used } = batch;
  batch.used += UUID_BYTES;
  let text = '';
  for (let index = 0; index < UUID_BYTES; index += 1) {
    let byte = bytes[used + index] as number;
    if (index === 6) byte = (byte & 0x0f) | 0x40;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    text += index === 4 || index === 6 || index === 8 || index === 10 ? `-${HEX[byte]}` : HEX[byte];
  }
  return text;
}
