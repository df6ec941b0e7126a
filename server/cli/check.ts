import { stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LOCALES, isLocale, type Locale } from '../../common/locale.ts';
import { UserError } from '../errors.ts';
import type { LessonDefinition } from '../lessons/definition.ts';
import { loadLessons } from '../lessons/load-lessons.ts';
import { startWarmTools } from '../proof/warm-tools.ts';
import { readArguments } from './arguments.ts';
import { renderJunit } from './check-junit.ts';
import { checkLesson } from './check-lesson.ts';
import { type CheckReport, formatProblem, formatScore, relativeProblem, startWatch } from './check-report.ts';
import { fixTranslations } from './fix-translations.ts';
import { paths } from './paths.ts';
import { loadRealCluster, type RealCluster } from '../session/real-cluster.ts';
import { createWorkplace } from './workplace.ts';

/** Lessons at the same time: their clusters share this process, their commands have a core of their own. */
const AT_ONCE = 4;

/** `taller check`: @returns 1 when anything failed. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments('check', {
    args: [...args],
    allowPositionals: true,
    options: {
      locale: { type: 'string', default: LOCALES.join(',') },
      cluster: { type: 'string' },
      fix: { type: 'boolean', default: false },
      from: { type: 'string' },
      json: { type: 'string' },
      junit: { type: 'string' },
    },
  });
  const locales = readLocales(values.locale);
  const outputs = [values.json, values.junit];
  if (outputs.every((file) => file === '-')) {
    throw new UserError('BAD_ARGUMENTS', 'check: only one of --json and --junit can go to "-". Give the other a file.');
  }
  if (values.from !== undefined && !values.fix) {
    throw new UserError('BAD_ARGUMENTS', 'check: --from says what --fix translates from. Add --fix or leave it out.');
  }
  for (const file of outputs) if (file !== undefined && file !== '-') await refuseUnwritable(file);
  const targets = positionals.length > 0 ? positionals.map((path) => resolve(path)) : [paths.lessons];
  const say = outputs.includes('-') ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`);

  const report: CheckReport = { lessons: [], proofs: [], problems: [], passed: 0, failed: 0, seconds: 0 };
  const watch = startWatch();
  const [from] = readLocales(values.from ?? LOCALES[0]);
  if (values.fix && from) for (const target of targets) await fixTranslations(target, from, say);
  const lessons = new Map<string, LessonDefinition>();
  for (const target of targets) {
    const loaded = await loadLessons(target);
    report.problems.push(...loaded.problems.map(relativeProblem));
    for (const lesson of loaded.lessons) lessons.set(lesson.directory, lesson);
  }
  for (const problem of report.problems) say(formatProblem(problem));
  if (lessons.size === 0 && report.problems.length === 0) {
    throw new UserError('LESSONS_NOT_FOUND', `check: there is no lesson in ${targets.join(', ')}.`);
  }

  const realCluster = values.cluster === undefined ? undefined : await loadRealCluster(process.env, values.cluster);
  if (realCluster) say(`on ${realCluster.server} (context ${realCluster.context}, user ${realCluster.user})`);
  await checkAll([...lessons.values()], locales, realCluster, report, say);
  report.failed += report.problems.length;
  for (const { passed, failed } of report.lessons) {
    report.passed += passed;
    report.failed += failed;
  }
  for (const { problems } of report.proofs) report.failed += problems.length;
  say('');
  report.seconds = watch();
  for (const proof of report.proofs) {
    const took = report.lessons.reduce((sum, { id, seconds }) => sum + (id === proof.id ? seconds : 0), proof.seconds);
    say(`${proof.id}: ${formatScore(proof)}, in ${took.toFixed(1)} s`);
  }
  say(`${report.passed} passed, ${report.failed} failed`);
  if (values.json !== undefined) await write(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.junit !== undefined) await write(values.junit, renderJunit(report));
  return report.failed > 0 ? 1 : 0;
}

/** Several at once, reported in their order. */
async function checkAll(
  lessons: readonly LessonDefinition[],
  locales: readonly Locale[],
  realCluster: RealCluster | undefined,
  report: CheckReport,
  say: (line: string) => void,
): Promise<void> {
  const base = await createWorkplace();
  const warmTools = await startWarmTools(join(base.root, 'warm-tools'), base.toolsDirectory, paths.dist);
  const workplace = { ...base, realCluster, warmTools };
  const outcomes = lessons.map(() => ({
    lines: [] as string[],
    outcome: undefined as Awaited<ReturnType<typeof checkLesson>> | undefined,
  }));
  /** The lesson whose lines are said as they come; those of later ones wait. */
  let current = 0;
  let next = 0;
  const advance = () => {
    while (outcomes[current]?.outcome) {
      current++;
      for (const line of outcomes[current]?.lines ?? []) say(line);
    }
  };
  const work = async () => {
    for (let index = next++; index < lessons.length; index = next++) {
      const mine = outcomes[index]!;
      mine.outcome = await checkLesson(lessons[index]!, locales, workplace, (line) => {
        if (index === current) say(line);
        else mine.lines.push(line);
      });
      advance();
    }
  };
  try {
    const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  } finally {
    warmTools?.dispose();
    await workplace.dispose();
  }
  for (const { outcome } of outcomes) {
    report.lessons.push(...(outcome?.lessons ?? []));
    if (outcome?.proof) report.proofs.push(outcome.proof);
  }
}

/** A check takes a while: that its report cannot be written has to be known before. */
async function refuseUnwritable(file: string): Promise<void> {
  const found = await stat(resolve(file)).catch(() => null);
  const folder = await stat(dirname(resolve(file))).catch(() => null);
  if (folder?.isDirectory() && (found === null || !found.isDirectory())) return;
  const what = found?.isDirectory() ? 'it is a folder' : `there is no folder "${dirname(file)}"`;
  throw new UserError('BAD_ARGUMENTS', `check: cannot write the report "${file}": ${what}. Choose another file.`);
}

/** @param file `-` for standard output. */
async function write(file: string, text: string): Promise<void> {
  if (file === '-') process.stdout.write(text);
  else await writeFile(file, text);
}

function readLocales(list: string): Locale[] {
  const words = new Set(list.split(',').map((word) => word.trim()));
  return [...words].map((locale) => {
    if (isLocale(locale)) return locale;
    throw new UserError(
      'BAD_ARGUMENTS',
      `check: unknown locale "${locale}". Use --locale with ${LOCALES.join(' or ')}.`,
    );
  });
}
