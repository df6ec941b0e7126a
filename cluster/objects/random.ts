import { type RandomBytes } from '../clock.ts';

/** Random values in the forms that Kubernetes uses. */
export interface Random {
  /** An integer from 0 to `below` - 1; `below` up to 65536. */
  below(limit: number): number;
  /** `count` characters of the alphabet of generated names. */
  suffix(count: number): string;
  uuid(): string;
  hex(bytes: number): string;
}

// k8s.io/apimachinery/pkg/util/rand: no vowels, so that no words come out.
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

export function createRandom(randomBytes: RandomBytes): Random {
  const hex = (bytes: number) => Buffer.from(randomBytes(bytes)).toString('hex');
  const below = (limit: number) => {
    const bytes = randomBytes(4);
    return Buffer.from(bytes).readUInt32BE(0) % limit;
  };
  return {
    below,
    suffix: (count) => Array.from({ length: count }, () => ALPHABET[below(ALPHABET.length)]).join(''),
    hex,
    uuid() {
      const bytes = Buffer.from(randomBytes(16));
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const text = bytes.toString('hex');
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    },
  };
}
