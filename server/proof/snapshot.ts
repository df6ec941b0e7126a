import { join } from 'node:path';
import type { EmbeddedEnvironment } from '../session/embedded-environment.ts';
import { copyFolder } from './copy-folder.ts';
import { listObjects, type Objects } from './cluster-objects.ts';

/** What a learner's commands had made of cluster and home at one moment. What goes on inside containers is not in it. */
export interface Snapshot {
  objects: Objects;
  /** Copy of the home. */
  home: string;
  /** Of the cluster that it was taken of; the kubeconfig in the home names it. */
  apiUrl: string;
}

/** Written by shells and tools for themselves. */
const NOT_COPIED = ['.kube/cache', '.bash_history'];

/** @param folder made for the copy of the home. */
export async function takeSnapshot(environment: EmbeddedEnvironment, folder: string): Promise<Snapshot> {
  const objects = listObjects(environment.cluster);
  await copyFolder(environment.home, folder, NOT_COPIED);
  return { objects, home: folder, apiUrl: environment.apiUrl };
}

/** Where kubectl looks for its servers, in a home. */
export const KUBECONFIG = join('.kube', 'config');
