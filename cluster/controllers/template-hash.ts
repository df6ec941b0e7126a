import { dumpGo } from '../objects/go-dump.ts';
import { type PodTemplate } from '../objects/kinds/workload-types.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The label `pod-template-hash`, the same as upstream's for the same template.
 * Kubernetes 1.36, pkg/controller/controller_utils.go, ComputeHash.
 */
export function templateHash(template: PodTemplate, collisionCount?: number): string {
  const bytes = [Buffer.from(dumpGo('v1.PodTemplateSpec', template))];
  if (collisionCount !== undefined) {
    const count = Buffer.alloc(8);
    count.writeUInt32LE(collisionCount);
    bytes.push(count);
  }
  return safeEncode(String(fnv32a(Buffer.concat(bytes))));
}

function fnv32a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** k8s.io/apimachinery/pkg/util/rand, SafeEncodeString. */
function safeEncode(text: string): string {
  return [...text].map((character) => ALPHABET[character.charCodeAt(0) % ALPHABET.length]).join('');
}
