import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { LOCALES, type Locale } from '../../common/locale.ts';
import { UserError } from '../errors.ts';
import { newLesson, type NewLesson } from '../lessons/new-lesson.ts';
import { LESSON_ID } from '../lessons/read-config.ts';
import { readArguments } from './arguments.ts';

const QUESTIONS: Record<Locale, string> = {
  en: 'Title in English',
  es: 'Title in Spanish',
};

/**
 * `taller new`: a small lesson that passes its check, to be written over. Asks for its titles where somebody can
 * answer, unless they are given. Never overwrites anything.
 */
export async function createLesson(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments('new', {
    args: [...args],
    allowPositionals: true,
    options: { en: { type: 'string' }, es: { type: 'string' }, yes: { type: 'boolean', short: 'y', default: false } },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    throw new UserError('BAD_ARGUMENTS', 'new: say where, as in taller new lessons/canary.');
  }
  const directory = resolve(path);
  const id = basename(directory);
  if (!LESSON_ID.test(id)) {
    const form = 'Use small letters, digits and hyphens, as in canary-releases';
    throw new UserError('BAD_ARGUMENTS', `new: "${id}" cannot name a lesson. ${form}.`);
  }
  await refuseExisting(directory, path);

  const title = await askTitles(id, { en: values.en, es: values.es }, values.yes);
  for (const [name, text] of Object.entries(newLesson({ id, title }))) {
    const file = join(directory, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
  const where = relative(process.cwd(), directory) || '.';
  process.stdout.write(
    `Wrote ${where}. It passes its check; now make it yours.\n\n` +
      `  See it while you write:  npx taller serve --watch --lessons ${where}\n` +
      `  Check it:                npx taller check ${where}\n`,
  );
  return 0;
}

async function refuseExisting(directory: string, path: string): Promise<void> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UserError('BAD_ARGUMENTS', `new: cannot write to ${path}: ${error.message}`, { cause: error });
  });
  if (entries.length > 0) throw new UserError('BAD_ARGUMENTS', `new: ${path} exists already. Choose another name.`);
}

async function askTitles(
  id: string,
  given: Record<Locale, string | undefined>,
  yes: boolean,
): Promise<NewLesson['title']> {
  const words = id.replaceAll('-', ' ');
  const title = { en: words, es: words };
  for (const locale of LOCALES) title[locale] = `${words[0]?.toUpperCase()}${words.slice(1)}`;
  const open = LOCALES.filter((locale) => given[locale] === undefined);
  const asks = !yes && open.length > 0 && process.stdin.isTTY && process.stdout.isTTY;
  const terminal = asks ? createInterface({ input: process.stdin, output: process.stdout }) : null;
  try {
    for (const locale of LOCALES) {
      const answer = given[locale] ?? (await terminal?.question(`${QUESTIONS[locale]} [${title[locale]}]: `));
      title[locale] = answer?.trim() || title[locale];
    }
  } finally {
    terminal?.close();
  }
  return title;
}
