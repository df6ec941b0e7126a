import { join, relative, resolve } from 'node:path';
import { LOCALES, isLocale, type Locale } from '../../common/locale.ts';
import type { Block, BlockState, CheckState } from '../../common/lesson.ts';
import { FileError, UserError } from '../errors.ts';
import type { LessonDefinition, Problem } from '../lessons/definition.ts';
import { loadLessons } from '../lessons/load-lessons.ts';
import { stderrLogger } from '../logger.ts';
import { createSession, type Session } from '../session/session.ts';
import { readArguments } from './arguments.ts';
import { describeBlockFailure, describeCheckFailure, describeRefusal } from './describe-failure.ts';
import { paths } from './paths.ts';
import { createWorkplace, type Workplace } from './workplace.ts';

/** One lesson in one language. `blocks` and `checks` count what the text holds, `passed` and `failed` what was run. */
export interface LessonReport {
  id: string;
  locale: Locale;
  steps: number;
  blocks: number;
  checks: number;
  passed: number;
  failed: number;
  problems: Problem[];
}

/** What `--json` prints. Problems of text count as failed. */
export interface CheckReport {
  lessons: LessonReport[];
  /** Problems in files of lessons that cannot be read at all. */
  problems: Problem[];
  passed: number;
  failed: number;
}

/** `taller check`: @returns 1 when anything failed. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments('check', {
    args: [...args],
    allowPositionals: true,
    options: { locale: { type: 'string', default: LOCALES.join(',') }, json: { type: 'boolean', default: false } },
  });
  const locales = readLocales(values.locale);
  const targets = positionals.length > 0 ? positionals.map((path) => resolve(path)) : [paths.lessons];
  const say = values.json ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`);

  const report: CheckReport = { lessons: [], problems: [], passed: 0, failed: 0 };
  const lessons = new Map<string, LessonDefinition>();
  for (const target of targets) {
    const loaded = await loadLessons(target);
    report.problems.push(...loaded.problems.map(relativeProblem));
    for (const lesson of loaded.lessons) lessons.set(lesson.directory, lesson);
  }
  for (const problem of report.problems) say(formatProblem(problem));
  report.failed += report.problems.length;
  if (lessons.size === 0 && report.problems.length === 0) {
    throw new UserError('LESSONS_NOT_FOUND', `check: there is no lesson in ${targets.join(', ')}.`);
  }

  const workplace = await createWorkplace();
  try {
    for (const lesson of lessons.values()) {
      for (const locale of locales) {
        say(`${lesson.id} (${locale})`);
        const result = await checkLesson(lesson, locale, workplace, say);
        report.lessons.push(result);
        report.passed += result.passed;
        report.failed += result.failed;
      }
    }
  } finally {
    await workplace.dispose();
  }
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else say(`\n${report.passed} passed, ${report.failed} failed`);
  return report.failed > 0 ? 1 : 0;
}

async function checkLesson(
  lesson: LessonDefinition,
  locale: Locale,
  workplace: Workplace,
  say: (line: string) => void,
): Promise<LessonReport> {
  const text = lesson.texts[locale];
  const blocks = text.lesson.steps.flatMap((step) => step.blocks);
  const report: LessonReport = {
    id: lesson.id,
    locale,
    steps: text.lesson.steps.length,
    blocks: blocks.filter((block) => block.kind === 'run').length,
    checks: blocks.filter((block) => block.kind === 'check').length,
    passed: 0,
    failed: 0,
    problems: [],
  };
  let session: Session;
  try {
    session = await createSession(lesson, { ...workplace, logger: stderrLogger });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const place = error instanceof FileError ? error : { file: join(lesson.directory, 'lesson.yaml'), line: 1 };
    const message = error instanceof FileError ? error.what : error.message;
    const problem = relativeProblem({ file: place.file, line: place.line, message });
    report.failed++;
    report.problems.push(problem);
    say(formatProblem(problem));
    return report;
  }
  try {
    for (const step of text.lesson.steps) {
      session.showStep(step.id);
      say(`  ${step.title}`);
      for (const block of step.blocks) {
        const outcome = await runOne(session, block);
        if (!outcome) continue;
        if (outcome.failure === null) {
          report.passed++;
          say(`    ok      ${outcome.label}`);
          continue;
        }
        report.failed++;
        const line = text.lines[block.kind === 'check' ? block.name : block.id] ?? 1;
        const problem = relativeProblem({ file: text.file, line, message: outcome.failure });
        report.problems.push(problem);
        say(`    FAILED  ${outcome.label}`);
        say(formatProblem(problem));
      }
    }
  } finally {
    await session.dispose();
  }
  return report;
}

/** @returns null for a block that does nothing. `failure` is null when it passed. */
async function runOne(session: Session, block: Block): Promise<{ label: string; failure: string | null } | null> {
  if (block.kind === 'hint') return null;
  if (block.kind === 'check') {
    const state: CheckState | null = await session.runCheck(block.name);
    return { label: `check ${block.name}`, failure: state?.status === 'failed' ? describeCheckFailure(state) : null };
  }
  const [firstLine = ''] = block.command.split('\n');
  const label = firstLine === block.command ? firstLine : `${firstLine} …`;
  // The page would ask whether to interrupt a watch that still runs; the learner says yes.
  const start = await session.runBlock(block.id, { interrupt: true });
  if (!start.started) return { label, failure: describeRefusal(start.reason) };
  const state: BlockState = await start.settled;
  return { label, failure: state.status === 'failed' ? describeBlockFailure(block, state.failure) : null };
}

function readLocales(list: string): Locale[] {
  return list.split(',').map((word) => {
    const locale = word.trim();
    if (isLocale(locale)) return locale;
    throw new UserError(
      'BAD_ARGUMENTS',
      `check: unknown locale "${locale}". Use --locale with ${LOCALES.join(' or ')}.`,
    );
  });
}

/** Paths as the author would type them. */
function relativeProblem(problem: Problem): Problem {
  const short = relative(process.cwd(), problem.file);
  return { ...problem, file: short.startsWith('..') ? problem.file : short };
}

function formatProblem({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
