import { type Clock } from '../clock.ts';
import { decodeKind } from './decode-kind.ts';
import { cloneJson, type JsonObject } from './json.ts';
import { resourceKeyOf } from './kinds/kind.ts';
import { type KindRegistry } from './kinds/registry.ts';
import { type KubernetesObject } from './object.ts';
import { applyManaged } from './managed-fields.ts';
import { messageOf } from './schema/schemas.ts';
import { type ObjectStore } from './store.ts';
import { type ObjectWriter } from './writer.ts';

/**
 * Creates the object or merges it into the one that is there, as a server-side apply by the lesson's author.
 * @throws ApiError, or Error when the kind is not served
 */
export function applyObject(
  { store, writer, clock }: { store: ObjectStore; writer: ObjectWriter; clock: Clock },
  kinds: KindRegistry,
  object: KubernetesObject,
): void {
  const kind = kinds.byObject(object.apiVersion, object.kind);
  if (!kind) {
    throw new Error(
      `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`,
    );
  }
  const message = messageOf(kind.message);
  const copy = cloneJson(object) as JsonObject;
  const { value, strict } = decodeKind(kind, copy);
  if (strict.length > 0)
    throw new Error(`${object.kind} ${JSON.stringify(object.metadata?.name)}: ${strict.join(', ')}`);
  const applied = value as KubernetesObject;
  if (kind.namespaced) applied.metadata.namespace ??= 'default';
  const old = store.get(resourceKeyOf(kind), applied.metadata.namespace, applied.metadata.name);
  const merged = applyManaged(old, applied, message, {
    manager: 'lesson',
    apiVersion: object.apiVersion,
    force: true,
    now: clock.now(),
  });
  if (old) writer.update(kind, merged);
  else writer.create(kind, merged);
}
