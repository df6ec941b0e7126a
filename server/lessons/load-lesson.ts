import { constants, type Dirent } from 'node:fs';
import { access, lstat, readdir } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';
import { LOCALES, type Locale } from '../../common/locale.ts';
import { buildText } from './build-text.ts';
import { compareLocales } from './compare-locales.ts';
import type { CheckProof, LessonConfig, LessonDefinition, LessonText, Problem } from './definition.ts';
import { IMAGE_FILE, MAX_IMAGE_BYTES, readImage } from './lesson-image.ts';
import { didYouMean, nearest } from './nearest.ts';
import { parseMarkdown } from './parse-markdown.ts';
import type { ParsedText } from './parsed-text.ts';
import { type ConfigReading, LESSON_ID, readConfig } from './read-config.ts';
import { readProofs } from './read-proofs.ts';
import { explainRefusal, readRegularFile } from './read-regular-file.ts';
import type { Report } from './yaml-document.ts';

const CONFIG_FILE = 'lesson.yaml';
const PROOF_FILE = 'proof.yaml';
const LESSON_FOLDERS = ['files', 'setup', 'urls', 'images'];
const IMAGE_KIND = /\.(?:png|jpe?g|gif|webp|svg)$/i;
const LESSON_FILES = [CONFIG_FILE, ...LOCALES.map((locale) => `${locale}.md`)];
const MAX_CONFIG_BYTES = 64 * 1024;
/** A long lesson has 20 KiB of text. */
const MAX_TEXT_BYTES = 256 * 1024;
const MAX_SETUP_BYTES = 1024 * 1024;
/** Homes are copied for each learner, and for each attempt of a proof. */
const MAX_FILES_BYTES = 32 * 1024 * 1024;
const KUBECONFIG = /^\.kube\/config$/;

/** Reads one lesson's folder. `lesson` is undefined when there is any problem. */
export async function loadLesson(directory: string): Promise<{ lesson?: LessonDefinition; problems: Problem[] }> {
  return new LessonLoader(directory).load();
}

class LessonLoader {
  readonly #directory: string;
  readonly #id: string;
  readonly #problems: Problem[] = [];
  #setupIsMissing = false;

  constructor(directory: string) {
    this.#directory = directory;
    this.#id = basename(directory);
  }

  async load(): Promise<{ lesson?: LessonDefinition; problems: Problem[] }> {
    if (!LESSON_ID.test(this.#id)) {
      const message = `"${this.#id}" cannot name a lesson. Rename the folder: small letters, digits and hyphens.`;
      this.#reportIn(CONFIG_FILE)(1, message);
    }
    const reading = await this.#readConfig();
    const parsed = await this.#readTexts(reading?.config);
    this.#compare(parsed);
    await this.#findStrangers(reading);
    await this.#checkFiles();
    const proofs = await this.#readProofs(parsed);
    this.#problems.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
    if (this.#problems.length > 0 || reading === undefined) return { problems: this.#problems };
    const { config } = reading;
    const texts = Object.fromEntries(
      LOCALES.map((locale): [Locale, LessonText] => {
        const file = join(this.#directory, `${locale}.md`);
        return [locale, buildText(this.#id, locale, config, file, parsed[locale]!)];
      }),
    ) as Record<Locale, LessonText>;
    return { lesson: { id: this.#id, directory: this.#directory, config, texts, proofs }, problems: [] };
  }

  #reportIn(name: string): Report {
    const file = join(this.#directory, name);
    return (line, message) => this.#problems.push({ file, line, message });
  }

  async #readConfig(): Promise<ConfigReading | undefined> {
    const report = this.#reportIn(CONFIG_FILE);
    const text = await this.#readText(CONFIG_FILE, MAX_CONFIG_BYTES);
    const reading = text === undefined ? undefined : readConfig(text, this.#id, this.#directory, report);
    for (const { path, line } of reading?.setup ?? []) {
      const file = await readRegularFile(join(this.#directory, 'setup'), path, MAX_SETUP_BYTES);
      if (!('refused' in file)) continue;
      this.#setupIsMissing = true;
      const near = didYouMean(path.replace(/^setup\//, ''), await this.#list('setup'));
      report(line, `setup: ${explainRefusal(`setup/${path}`, file.refused, MAX_SETUP_BYTES, near)}`);
    }
    return reading;
  }

  async #readTexts(config: LessonConfig | undefined): Promise<Partial<Record<Locale, ParsedText>>> {
    const parsed: Partial<Record<Locale, ParsedText>> = {};
    for (const locale of LOCALES) {
      const name = `${locale}.md`;
      const text = await this.#readText(name, MAX_TEXT_BYTES);
      if (text === undefined) continue;
      const report = this.#reportIn(name);
      const one = parseMarkdown(text, report);
      const title = config?.title[locale];
      if (one.title !== null && title !== undefined && one.title.text !== title) {
        report(one.title.line, `the title is "${one.title.text}", in lesson.yaml "${title}". Make both the same.`);
      }
      await this.#checkImages(one, report);
      parsed[locale] = one;
    }
    return parsed;
  }

  /** The file may be missing: a lesson can be followed without it. */
  async #readProofs(parsed: Partial<Record<Locale, ParsedText>>): Promise<Record<string, CheckProof>> {
    const [first] = LOCALES;
    const original = parsed[first];
    const names = await this.#list('.');
    if (!names.includes(PROOF_FILE)) {
      const slip = nearest(PROOF_FILE, names);
      if (slip !== undefined) this.#reportIn(slip)(1, `"${slip}" is not read. Name it "${PROOF_FILE}".`);
      return {};
    }
    const text = await this.#readText(PROOF_FILE, MAX_CONFIG_BYTES);
    // Which checks there are is not known before the text is sound.
    if (text === undefined || original === undefined || original.brokenLines.size > 0) return {};
    return readProofs(text, original, this.#reportIn(PROOF_FILE));
  }

  async #checkImages(text: ParsedText, report: Report): Promise<void> {
    for (const { href, line } of text.images) {
      if (!/^images\/[^?#]+$/.test(href)) {
        report(line, `the image "${href}" is not in images/. Copy it there and write images/NAME.`);
        continue;
      }
      const path = href.slice('images/'.length);
      if (!IMAGE_FILE.test(path)) {
        const what = IMAGE_KIND.test(path)
          ? 'has a name that is not served. Use letters, digits, dots, hyphens and underscores.'
          : 'is of no kind that is served. Use images/NAME.svg, .png, .jpg, .gif or .webp.';
        report(line, `the image "${href}" ${what}`);
        continue;
      }
      const file = await readImage(this.#directory, path);
      if (!('refused' in file)) continue;
      const near = didYouMean(path, await this.#list('images'));
      report(line, `image: ${explainRefusal(href, file.refused, MAX_IMAGE_BYTES, near)}`);
    }
  }

  /** What lies in the folder and is not read, though it looks as if it should be. */
  async #findStrangers(reading: ConfigReading | undefined): Promise<void> {
    const entries = await this.#entries('.');
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const name of LESSON_FOLDERS) {
      const entry = entries.find((candidate) => candidate.name === name);
      if (entry?.isFile()) this.#reportIn(name)(1, `"${name}" must be a folder and is a file. Rename it.`);
      const slip =
        entry === undefined
          ? nearest(
              name,
              folders.filter((other) => !LESSON_FOLDERS.includes(other)),
            )
          : undefined;
      if (slip !== undefined) this.#reportIn(slip)(1, `the folder "${slip}" is not read. Name it "${name}".`);
    }
    for (const { name } of entries) {
      if (!/^[a-z]{2}\.md$/.test(name) || LESSON_FILES.includes(name)) continue;
      this.#reportIn(name)(1, `"${name}" is not read: lessons are in ${LOCALES.join(' and ')}. Rename or remove it.`);
    }
    // A name that leads nowhere may well be meant for the file that seems to be left over.
    if (reading === undefined || this.#setupIsMissing) return;
    const applied = new Set(reading.setup.map(({ path }) => normalize(path)));
    for (const { name } of await this.#entries('setup')) {
      if (!/\.ya?ml$/.test(name) || applied.has(name)) continue;
      this.#reportIn(`setup/${name}`)(
        1,
        `nothing applies "${name}". Add it to "setup" in lesson.yaml, or move it to files/.`,
      );
    }
  }

  /** What a learner's home cannot be made from, or would be of no use with. */
  async #checkFiles(): Promise<void> {
    let bytes = 0;
    for (const name of await listBelow(join(this.#directory, 'files'))) {
      const path = join('files', name);
      const report = (message: string): void => this.#reportIn(path)(1, message);
      if (KUBECONFIG.test(name))
        report(`"${name}" would replace the learner's own, which leads to the cluster. Remove it.`);
      const file = join(this.#directory, path);
      const status = await lstat(file);
      bytes += status.isFile() ? status.size : 0;
      if (status.isSymbolicLink()) continue;
      if (!status.isFile() && !status.isDirectory()) report(`"${path}" is neither a file nor a folder. Remove it.`);
      else if (!(await isReadable(file))) report(explainRefusal(path, 'not-readable', 0, ''));
    }
    if (bytes > MAX_FILES_BYTES) {
      const [has, limit] = [bytes, MAX_FILES_BYTES].map((count) => `${Math.round(count / 1024 / 1024)} MiB`);
      this.#reportIn('files')(1, `files/ has ${has}, and is copied for every learner. Leave it below ${limit}.`);
    }
  }

  #compare(parsed: Partial<Record<Locale, ParsedText>>): void {
    const [first, ...others] = LOCALES;
    const original = parsed[first];
    if (original === undefined) return;
    for (const locale of others) {
      const translation = parsed[locale];
      if (translation !== undefined)
        compareLocales(original, `${first}.md`, translation, this.#reportIn(`${locale}.md`));
    }
  }

  async #readText(name: string, maxBytes: number): Promise<string | undefined> {
    const report = this.#reportIn(name);
    const file = await readRegularFile(this.#directory, name, maxBytes);
    if ('refused' in file) {
      const strangers = (await this.#list('.')).filter((other) => !LESSON_FILES.includes(other));
      const near = didYouMean(name, strangers) || ` Add it: a lesson has ${LESSON_FILES.join(', ')}.`;
      report(1, explainRefusal(name, file.refused, maxBytes, near));
      return undefined;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(file.content);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      report(1, `"${name}" is not UTF-8. Save it in that encoding.`);
      return undefined;
    }
  }

  /** Names in a folder of the lesson, for suggestions; none when there is no such folder. */
  async #list(folder: string): Promise<string[]> {
    return (await this.#entries(folder)).map(({ name }) => name);
  }

  async #entries(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#directory, folder), { withFileTypes: true });
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  }
}

/** Paths of all that lies below a folder; what may not be read is there, without what is in it. */
async function listBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.map(async (entry) => {
    const inside = entry.isDirectory() ? await listBelow(join(folder, entry.name)) : [];
    return [entry.name, ...inside.map((name) => join(entry.name, name))];
  });
  return (await Promise.all(below)).flat();
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
