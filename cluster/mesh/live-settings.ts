import type { KubernetesObject, ObjectReader } from '../objects/object.ts';
import type { Era } from './era.ts';
import { installedSettings } from './installed-settings.ts';
import { readMeshSettings, type MeshSettings } from './mesh-settings.ts';

/** The mesh's settings as they were understood last; those of the installation where there are none. */
export interface LiveSettings {
  /** Another object after each change. */
  now(): MeshSettings;
  dispose(): void;
}

/** Starts to watch with the first question. @param namespace of the ConfigMap `istio` */
export function createLiveSettings(objects: ObjectReader, namespace: string, era: Era): LiveSettings {
  let current: MeshSettings | null = null;
  let stop: (() => void) | null = null;
  const read = (object: KubernetesObject | undefined): MeshSettings | null => {
    const text = (object?.['data'] as Record<string, string> | undefined)?.['mesh'];
    return object === undefined ? null : readMeshSettings(text ?? '', era);
  };
  const installed = (): MeshSettings => {
    const settings = readMeshSettings(installedSettings(era), era);
    if (settings === null) throw new Error('the installed settings of the mesh cannot be read');
    return settings;
  };
  return {
    now() {
      stop ??= objects.watch('configmaps', ({ type, object }) => {
        const { metadata } = object;
        if (type === 'DELETED' || metadata.name !== 'istio' || metadata.namespace !== namespace) return;
        current = read(object) ?? current;
      });
      current ??= read(objects.get('configmaps', namespace, 'istio')) ?? installed();
      return current;
    },
    dispose() {
      stop?.();
      stop = null;
      current = null;
    },
  };
}
