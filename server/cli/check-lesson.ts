import { join } from 'node:path';
import type { Locale } from '../../common/locale.ts';
import { FileError, UserError } from '../errors.ts';
import type { LessonDefinition, Problem } from '../lessons/definition.ts';
import { type Doubt, placeDoubt } from '../lessons/doubts/find-doubts.ts';
import { stderrLogger } from '../logger.ts';
import type { Attempt } from '../proof/attempt.ts';
import { proveLesson } from '../proof/prove-lesson.ts';
import { RestoreError } from '../proof/replica.ts';
import { runLesson } from '../proof/run-lesson.ts';
import { type Snapshot, takeSnapshot } from '../proof/snapshot.ts';
import { cutStages } from '../proof/stages.ts';
import type { WarmTools } from '../proof/warm-tools.ts';
import { isEmbedded } from '../session/embedded-environment.ts';
import { type RunCommand, runTestCommand } from '../session/run-test.ts';
import { createSession, type Session } from '../session/session.ts';
import { doubtsOf } from '../session/try-lesson.ts';
import {
  formatProblem,
  formatScore,
  type LessonReport,
  type ProofReport,
  relativeProblem,
  startWatch,
} from './check-report.ts';
import type { Workplace } from './workplace.ts';

/** Where lessons are checked. */
export interface CheckWorkplace extends Workplace {
  /** In place of those of the workplace: a lesson and its proof call them hundreds of times. Default none. */
  warmTools?: WarmTools | null;
}

export interface LessonOutcome {
  lessons: LessonReport[];
  /** Null when there was nothing to put to the test. */
  proof: ProofReport | null;
}

/**
 * Runs a lesson in each language, in a session of its own, and puts its checks to the test.
 * @param say takes each line of the report for people.
 */
export async function checkLesson(
  lesson: LessonDefinition,
  locales: readonly Locale[],
  workplace: CheckWorkplace,
  say: (line: string) => void,
): Promise<LessonOutcome> {
  const lessons: LessonReport[] = [];
  let proof: ProofReport | null = null;
  for (const [index, locale] of locales.entries()) {
    say(`${lesson.id} (${locale})`);
    const report = emptyReport(lesson, locale);
    const watch = startWatch();
    lessons.push(report);
    let session: Session;
    let checkOutput = '';
    try {
      const { warmTools } = workplace;
      const runCommand: RunCommand = async (...call) => {
        const result = await (warmTools?.run ?? runTestCommand)(...call);
        checkOutput = result.output;
        return result;
      };
      const toolsDirectory = warmTools?.directory ?? workplace.toolsDirectory;
      session = await createSession(lesson, {
        ...workplace,
        toolsDirectory,
        logger: stderrLogger,
        runCommand,
      });
      warmTools?.prepare(session.environment.checkEnv);
    } catch (error) {
      addProblem(report, startProblem(lesson, error), say);
      report.seconds = watch();
      continue;
    }
    try {
      const root = index === 0 ? workplace.root : null;
      const snapshots = await runInSession(lesson, locale, session, () => checkOutput, report, root, say);
      report.seconds = watch();
      // The session stays: a kubeconfig that leads to it is one of the tricks.
      if (index === 0) proof = await prove(lesson, snapshots, workplace, say);
    } finally {
      await session.dispose();
    }
  }
  return { lessons, proof };
}

/** Attempts that a check may pass: they lower the score and fail nothing. */
const SURVIVING = new Set<Attempt['kind']>(['field', 'outage']);

function emptyReport(lesson: LessonDefinition, locale: Locale): LessonReport {
  const { steps } = lesson.texts[locale].lesson;
  const { file } = relativeProblem({ file: lesson.texts[locale].file, line: 1, message: '' });
  const blocks = steps.flatMap((step) => step.blocks);
  return {
    id: lesson.id,
    locale,
    file,
    steps: steps.length,
    blocks: blocks.filter((block) => block.kind === 'run').length,
    checks: blocks.filter((block) => block.kind === 'check').length,
    passed: 0,
    failed: 0,
    problems: [],
    results: [],
    seconds: 0,
  };
}

/** @throws what is no mistake of the lesson's. */
function startProblem(lesson: LessonDefinition, error: unknown): Problem {
  if (!(error instanceof UserError)) throw error;
  const place = error instanceof FileError ? error : { file: join(lesson.directory, 'lesson.yaml'), line: 1 };
  return {
    file: place.file,
    line: place.line,
    message: error instanceof FileError ? error.what : error.message,
  };
}

function addProblem(report: LessonReport, problem: Problem, say: (line: string) => void): void {
  const short = relativeProblem(problem);
  report.failed++;
  report.problems.push(short);
  say(formatProblem(short));
}

/**
 * @param root a folder for snapshots, null to take none.
 * @returns those before the first command and after each stage, up to the first stage in which something failed.
 */
async function runInSession(
  lesson: LessonDefinition,
  locale: Locale,
  session: Session,
  checkOutput: () => string,
  report: LessonReport,
  root: string | null,
  say: (line: string) => void,
): Promise<Snapshot[]> {
  const text = lesson.texts[locale];
  const snapshots: Snapshot[] = [];
  const snap = async () => {
    if (root === null || report.failed > 0 || !isEmbedded(session.environment)) return;
    const folder = join(root, `snapshot-${session.id}-${snapshots.length}`);
    snapshots.push(await takeSnapshot(session.environment, folder));
  };
  const lastChecks = new Set(cutStages(text.lesson).map((stage) => stage.checks.at(-1)));
  let title = '';
  let watch = startWatch();
  const explain = createExplainer(lesson, locale, session);
  await snap();
  for await (const { step, block, label, failure } of runLesson(session, text.lesson.steps, checkOutput)) {
    if (step.title !== title) say(`  ${step.title}`);
    title = step.title;
    const id = block.kind === 'check' ? block.name : block.id;
    const { line, message } =
      failure === null ? { line: text.lines[id] ?? 1, message: null } : await explain(id, failure);
    report.results.push({ step: step.title, label, line, failure: message, seconds: watch() });
    if (message === null) {
      report.passed++;
      say(`    ok      ${label}`);
    } else {
      say(`    FAILED  ${label}`);
      addProblem(report, { file: text.file, line, message }, say);
    }
    if (block.kind === 'check' && lastChecks.has(block.name)) await snap();
    watch = startWatch();
  }
  return snapshots;
}

/**
 * Tells what a failure comes from, then what came of it. Doubts are looked for once something has failed: what runs is
 * not in doubt. Those about files stand with the first failure.
 */
function createExplainer(lesson: LessonDefinition, locale: Locale, { environment }: Session) {
  let doubts: Doubt[] | undefined;
  return async (of: string, failure: string): Promise<{ line: number; message: string }> => {
    const isFirst = doubts === undefined;
    doubts ??= await doubtsOf(lesson, isEmbedded(environment) ? environment.cluster : null);
    const own = doubts.filter(({ place }) => 'of' in place && place.of === of);
    const files = doubts.filter(({ place }) => isFirst && 'path' in place);
    const causes = files.map((doubt) => formatProblem(relativeProblem(placeDoubt(doubt, lesson, locale))));
    const [first] = own.map((doubt) => placeDoubt(doubt, lesson, locale).line);
    return {
      line: first ?? lesson.texts[locale].lines[of] ?? 1,
      message: [...own.map(({ message }) => message), failure, ...causes].join('\n'),
    };
  };
}

async function prove(
  lesson: LessonDefinition,
  snapshots: readonly Snapshot[],
  workplace: CheckWorkplace,
  say: (line: string) => void,
): Promise<ProofReport | null> {
  const stages = cutStages(lesson.texts.en.lesson);
  if (stages.length === 0) return null;
  const report: ProofReport = {
    id: lesson.id,
    wrongStates: { refused: 0, of: 0 },
    ways: { passed: 0, of: 0 },
    problems: [],
    survivors: [],
    attempts: [],
    skipped: null,
    seconds: 0,
  };
  const watch = startWatch();
  if (snapshots.length <= stages.length) {
    const why = snapshots.length > 0 ? 'something before failed' : 'that needs the embedded cluster';
    const left = stages.length - Math.max(0, snapshots.length - 1);
    report.skipped = `${left} of ${stages.length} stages were not put to the test, because ${why}.`;
  }
  const attempts: Attempt[] = [];
  try {
    const deps = { ...workplace, logger: stderrLogger };
    await proveLesson(lesson, snapshots, deps, workplace.warmTools ?? null, attempts);
  } catch (error) {
    if (!(error instanceof RestoreError)) throw error;
    report.skipped = `Not everything was put to the test: a cluster could not be brought to where a stage begins or ends, ${error.message}.`;
  }
  report.seconds = watch();
  for (const attempt of attempts) {
    const { kind, check, label, problem, place } = attempt;
    const tally = kind === 'way' ? report.ways : report.wrongStates;
    tally.of++;
    report.attempts.push({ kind, check, label, problem });
    if (problem !== null) {
      const found = relativeProblem({ ...place, message: problem });
      (SURVIVING.has(kind) ? report.survivors : report.problems).push(found);
    } else if (kind === 'way') report.ways.passed++;
    else report.wrongStates.refused++;
  }
  say(`${lesson.id}, put to the test: ${formatScore(report)}`);
  if (report.skipped !== null) say(`  ${report.skipped}`);
  if (report.survivors.length > 0) {
    say('  Survivors: test what these do, or give the reason below "free:" in proof.yaml.');
    for (const survivor of report.survivors) say(`    ${formatProblem(survivor)}`);
  }
  for (const problem of report.problems) say(`  FAILED  ${formatProblem(problem)}`);
  return report;
}
