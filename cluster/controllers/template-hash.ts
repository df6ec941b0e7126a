import { canonicalJson } from '../objects/json.ts';
import { type PodTemplate } from '../objects/kinds/workload-types.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The label `pod-template-hash`: a function of the template in the form of upstream's. The value differs from
 * upstream's, which hashes a dump of Go structures (pkg/util/hash/hash.go).
 */
export function templateHash(template: PodTemplate, collisionCount = 0): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${canonicalJson(template)}${collisionCount || ''}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return safeEncode(String(hash));
}

/** k8s.io/apimachinery/pkg/util/rand, SafeEncodeString. */
function safeEncode(text: string): string {
  return [...text].map((character) => ALPHABET[character.charCodeAt(0) % ALPHABET.length]).join('');
}
