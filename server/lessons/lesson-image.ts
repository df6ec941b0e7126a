import { join } from 'node:path';
import { type FileResult, readRegularFile } from './read-regular-file.ts';

/** Names below a lesson's `images/` that are served, as `/lessons/ID/images/NAME`. */
export const IMAGE_FILE = /^[a-z0-9][a-z0-9._-]*\.(?:png|jpe?g|gif|webp|svg)$/i;
export const MAX_IMAGE_BYTES = 4 * 1024 * 1024;

/** @param directory the lesson's. @param name that {@link IMAGE_FILE} lets through. */
export function readImage(directory: string, name: string): Promise<FileResult> {
  return readRegularFile(join(directory, 'images'), name, MAX_IMAGE_BYTES);
}
