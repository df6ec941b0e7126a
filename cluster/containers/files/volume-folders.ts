/**
 * Folders that outlive a container: those of a pod's emptyDirs, which its containers share, and those on the node, of
 * host paths and of persistent volumes, which pods share one after the other.
 */
import type { ObjectReader } from '../../objects/object.ts';
import type { PodObject, VolumeSpec } from '../pod-spec.ts';
import type { Directory } from './file-system.ts';

export interface VolumeFolders {
  /** The same folder whenever it is asked for the same volume. @param now milliseconds since 1970 */
  folderOf(volume: VolumeSpec, now: number): Directory;
}

/** Folders of the node by path. One for each cluster. */
export type NodeFolders = Map<string, Directory>;

/** One for each pod: what it makes for emptyDirs goes with the pod. */
export function createVolumeFolders(objects: ObjectReader, pod: PodObject, node: NodeFolders): VolumeFolders {
  const own = new Map<string, Directory>();
  return {
    folderOf(volume, now) {
      const path = nodePath(objects, pod, volume);
      const [folders, key] = path === undefined ? [own, volume.name] : [node, path];
      const known = folders.get(key);
      if (known) return known;
      if (path !== undefined) dropDeleted(objects, node);
      const folder: Directory = { kind: 'directory', entries: new Map(), mode: 0o777, uid: 0, modified: now };
      folders.set(key, folder);
      return folder;
    },
  };
}

interface Volume {
  metadata: { name: string };
  spec?: { hostPath?: { path?: string } };
}

const pathOf = ({ metadata, spec }: Volume): string => spec?.hostPath?.path ?? `/volumes/${metadata.name}`;

function nodePath(objects: ObjectReader, pod: PodObject, volume: VolumeSpec): string | undefined {
  if (volume.hostPath) return volume.hostPath.path;
  if (!volume.persistentVolumeClaim) return undefined;
  const claim = objects.get('persistentvolumeclaims', pod.metadata.namespace, volume.persistentVolumeClaim.claimName);
  const { volumeName = '' } = (claim?.spec ?? {}) as { volumeName?: string };
  const found = objects.get('persistentvolumes', undefined, volumeName) as Volume | undefined;
  return found && pathOf(found);
}

/** What the provisioner made goes with its volume; what a user named stays. */
function dropDeleted(objects: ObjectReader, node: NodeFolders): void {
  const used = new Set((objects.list('persistentvolumes') as readonly Volume[]).map(pathOf));
  for (const path of node.keys()) {
    if (path.startsWith('/var/local-path-provisioner/') && !used.has(path)) node.delete(path);
  }
}

/** The folder that `subPath` names below another, made where it is missing. */
export function folderAt(folder: Directory, subPath: string, now: number): Directory {
  let at = folder;
  for (const name of subPath.split('/').filter((part) => part !== '' && part !== '.')) {
    let next = at.entries.get(name);
    if (next?.kind !== 'directory') {
      next = { kind: 'directory', entries: new Map(), mode: 0o755, uid: 0, modified: now };
      at.entries.set(name, next);
    }
    at = next;
  }
  return at;
}
