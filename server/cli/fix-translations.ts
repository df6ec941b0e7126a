import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LOCALES, type Locale } from '../../common/locale.ts';
import { fixTranslation } from '../lessons/fix-translation.ts';
import { findLessonFolders } from '../lessons/load-lessons.ts';

/**
 * `taller check --fix`: writes what the translations of lessons lack, and says each thing that it did as
 * `file:line: what`.
 * @param target a folder of lessons, a lesson, or its .md file
 * @param first the language that the others follow
 */
export async function fixTranslations(target: string, first: Locale, say: (line: string) => void): Promise<void> {
  const others = LOCALES.filter((locale) => locale !== first);
  for (const folder of await findLessonFolders(target)) {
    const original = await read(join(folder, `${first}.md`));
    if (original === null) continue;
    for (const locale of others) {
      const file = join(folder, `${locale}.md`);
      const name = relative(process.cwd(), file);
      const translation = await read(file);
      if (translation === null) {
        // All of it is still to be translated: the author begins from a text that runs.
        await writeFile(file, original, { flag: 'wx' });
        say(`${name}:1: begun as a copy of ${first}.md, to be translated`);
        continue;
      }
      const fixed = fixTranslation(original, translation, first);
      if (fixed === null) {
        say(`${name}:1: not fixed: a fence is not closed or stands in a list. Mend what check says of it first.`);
        continue;
      }
      if (fixed.fixes.length > 0) await writeFile(file, fixed.text);
      for (const { line, message } of fixed.fixes) say(`${name}:${line}: ${message}`);
    }
  }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
