import { join } from 'node:path';
import type { Cluster } from '../../../cluster/index.ts';
import type { RunBlock } from '../../../common/lesson.ts';
import type { Locale } from '../../../common/locale.ts';
import { findSyntaxProblem } from '../../terminal/syntax-check.ts';
import type { CheckDefinition, LessonDefinition, Problem } from '../definition.ts';
import { explainSyntax } from './explain-syntax.ts';
import { collectNames, type KnownNames, misspeltName } from './known-names.ts';
import { type LessonMaterial, readMaterial } from './lesson-material.ts';
import { explainMissing, filesReadBy } from './missing-file.ts';
import { nearKind } from './near-kind.ts';
import { readShellCommands, type ShellCommand } from './shell-commands.ts';
import { createExplainImage, imagesIn, imagesOf } from './unknown-image.ts';
import { explainUnknown } from './unknown-program.ts';

/** What is most likely a mistake, though the lesson can be read. Only running it tells for certain. */
export interface Doubt {
  /**
   * `of`: id of the block or name of the check, `below`: lines below its opening fence, 0 is the fence. Or a file of the
   * lesson's folder.
   */
  place: { of: string; below: number } | { path: string; line: number };
  /** What is wrong and what to do. */
  message: string;
}

/** What a lesson's commands find where they run. */
export interface Surroundings {
  /** The lesson's cluster with its setup applied; null when it is a real one, of which nothing is known. */
  cluster: Pick<Cluster, 'findResource' | 'resources' | 'list'> | null;
  /** Every program that the learner's shell finds, see `listPrograms`. */
  programs: ReadonlySet<string>;
  bash: string;
}

/**
 * Looks through the commands and checks of a sound lesson for what would fail when they run: what bash cannot read,
 * programs, files, kinds and names that nobody has. Says nothing where it cannot know.
 */
export async function findDoubts(lesson: LessonDefinition, surroundings: Surroundings): Promise<Doubt[]> {
  const { lesson: text, checks } = lesson.texts.en;
  const blocks = text.steps.flatMap((step) => step.blocks).filter((block) => block.kind === 'run');
  const material = await readMaterial(lesson);
  const read = blocks.map((block) => ({ block, commands: readShellCommands(block.command) }));
  const all = [
    ...read.flatMap(({ commands }) => commands),
    ...Object.values(lesson.proofs).flatMap(({ also }) => also.flatMap(({ command }) => readShellCommands(command))),
  ];
  const bundled = lesson.config.tools === 'bundled';
  const look = (text: string, place: (line: number) => Doubt['place']): Doubt[] =>
    readShellCommands(text).flatMap((command) => {
      // The patterns of a case with several look like programs.
      const program = /\bcase\b/.test(text) ? null : explainUnknown(command, surroundings.programs, all);
      const files = filesReadBy(command).map((file) => explainMissing(file, material, all, bundled));
      return [program, ...files].flatMap((message) =>
        message === null ? [] : [{ place: place(command.line), message }],
      );
    });
  const found = blocks.map(async ({ id, command, exit }) => {
    const place = (line: number) => ({ of: id, below: line + 1 });
    const syntax = await syntaxDoubt(command, place, surroundings.bash);
    // One that is meant to fail may name what is not there.
    return syntax ?? (exit === 0 ? look(command, place) : []);
  });
  // Mistakes are there to be wrong; other ways are not. Where a line of theirs stands is known of the first alone.
  const ways = Object.values(lesson.proofs).flatMap(({ also }) => also);
  const foundInWays = ways.map(async ({ command, line }) => {
    const place = () => ({ path: 'proof.yaml', line });
    return (await syntaxDoubt(command, place, surroundings.bash)) ?? look(command, place);
  });
  const doubts = (await Promise.all([...found, ...foundInWays])).flat();
  doubts.push(...imageDoubts(lesson, material, read));
  const { cluster } = surroundings;
  if (cluster === null) return doubts;
  const typed = blocks.map(({ command }) => command);
  const texts = material.texts.map(({ text: one }) => one);
  const names = collectNames(typed, texts, cluster);
  const definesKinds = [...texts, ...typed].some((one) => one.includes('CustomResourceDefinition'));
  for (const check of Object.values(checks)) {
    const kinds = definesKinds ? [] : unknownKind(check, cluster);
    for (const message of [...kinds, ...unknownNames(check, names)]) {
      doubts.push({ place: { of: check.name, below: 0 }, message });
    }
  }
  return doubts;
}

/** A doubt where the author reads it. */
export function placeDoubt({ place, message }: Doubt, lesson: LessonDefinition, locale: Locale): Problem {
  if ('path' in place) return { file: join(lesson.directory, place.path), line: place.line, message };
  const { file, lines } = lesson.texts[locale];
  return { file, line: (lines[place.of] ?? 1) + place.below, message };
}

/** Images that no pod can run; none in a lesson about just that. */
function imageDoubts(
  { config, texts }: LessonDefinition,
  material: LessonMaterial,
  read: readonly { block: RunBlock; commands: readonly ShellCommand[] }[],
): Doubt[] {
  if (config.environment !== 'embedded' || /ErrImagePull|ImagePullBackOff/.test(JSON.stringify(texts.en.lesson)))
    return [];
  const explain = createExplainImage(config.images);
  const note = (image: string, place: Doubt['place']): Doubt[] => {
    const message = explain(image);
    return message === null ? [] : [{ place, message }];
  };
  return [
    ...read.flatMap(({ block: { id, exit }, commands }) => {
      if (exit !== 0) return [];
      return commands.flatMap((command) => {
        return imagesOf(command).flatMap((image) => note(image, { of: id, below: command.line + 1 }));
      });
    }),
    ...material.texts.flatMap(({ path, text }) => {
      if (!/\.ya?ml$/.test(path)) return [];
      return imagesIn(text).flatMap(({ image, line }) => note(image, { path, line }));
    }),
  ];
}

async function syntaxDoubt(
  command: string,
  place: (line: number) => Doubt['place'],
  bash: string,
): Promise<Doubt[] | null> {
  const complaint = await findSyntaxProblem(bash, command);
  if (complaint === null) return null;
  const { line, message } = explainSyntax(complaint, command);
  const written = command.split('\n')[line]?.trim() ?? '';
  return [{ place: place(line), message: `"${written}": ${message}` }];
}

function unknownKind({ name, test }: CheckDefinition, cluster: NonNullable<Surroundings['cluster']>): string[] {
  if (test.kind !== 'object' || cluster.findResource(test.resource)) return [];
  const near = nearKind(test.resource, cluster);
  return [
    `check "${name}" looks for a ${test.resource}, and the lesson's cluster has no such kind.${near || ' Take one that "kubectl api-resources" lists.'}`,
  ];
}

function unknownNames({ name, test }: CheckDefinition, names: KnownNames): string[] {
  const written =
    test.kind === 'object'
      ? [
          { what: 'an object', word: test.name },
          { what: 'the namespace', word: test.namespace ?? 'default' },
        ]
      : namespacesOf(readShellCommands(test.command)).map((word) => ({ what: 'the namespace', word }));
  return written.flatMap(({ what, word }) => {
    const near = misspeltName(word, names);
    if (near === undefined) return [];
    return [`check "${name}" names ${what} "${word}", which nothing in the lesson makes. Did you mean "${near}"?`];
  });
}

/** Those that the commands of a check name. */
function namespacesOf(commands: readonly ShellCommand[]): string[] {
  return commands.flatMap(({ words }) => {
    const end = words.findIndex(({ text }) => text === '--');
    return words.slice(0, end === -1 ? undefined : end).flatMap(({ text }, index) => {
      const value = /^(?:-n|--namespace)$/.test(text) ? words[index + 1] : undefined;
      return value?.plain ? [value.text] : [];
    });
  });
}
