import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { LessonDefinition } from '../definition.ts';
import { readRegularFile } from '../read-regular-file.ts';

/** What a lesson brings along besides its texts. */
export interface LessonMaterial {
  /** Paths below `files/`, folders too: what stands in the learner's home. */
  files: string[];
  /** What `urls/` holds, as addresses. */
  addresses: string[];
  /** All of them, and those of `setup/`, by path below the lesson's folder. */
  texts: { path: string; text: string }[];
}

/** Larger ones hold data. */
const MAX_TEXT_BYTES = 256 * 1024;

/** Reads it; what cannot be read is left out: others say so. */
export async function readMaterial({ directory }: Pick<LessonDefinition, 'directory'>): Promise<LessonMaterial> {
  const [files, urls, setup] = await Promise.all(['files', 'urls', 'setup'].map((name) => listBelow(directory, name)));
  const paths = [...files!, ...urls!, ...setup!];
  const texts = await Promise.all(
    paths.map(async (path) => {
      const file = await readRegularFile(directory, path, MAX_TEXT_BYTES);
      return { path, text: 'content' in file ? file.content.toString('utf8') : '' };
    }),
  );
  return {
    files: files!.map((path) => relative('files', path)),
    addresses: urls!.map((path) => `https://${relative('urls', path)}`),
    texts,
  };
}

async function listBelow(directory: string, name: string): Promise<string[]> {
  const folder = join(directory, name);
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.map((path) => join(name, path));
}
